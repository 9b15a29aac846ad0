from buf.validate import validate_pb2 as _validate_pb2
from google.type import date_pb2 as _date_pb2
from profile_service.v1 import profile_pb2 as _profile_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SupplementProfileRequest(_message.Message):
    __slots__ = ("request_id", "profile_id", "etag", "source", "collection_reference", "legal_basis", "consent_purpose", "values", "receive_date", "channel")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    COLLECTION_REFERENCE_FIELD_NUMBER: _ClassVar[int]
    LEGAL_BASIS_FIELD_NUMBER: _ClassVar[int]
    CONSENT_PURPOSE_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    RECEIVE_DATE_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    profile_id: str
    etag: str
    source: str
    collection_reference: str
    legal_basis: _profile_pb2.LegalBasis
    consent_purpose: str
    values: _profile_pb2.Profile
    receive_date: _date_pb2.Date
    channel: _profile_pb2.Channel
    def __init__(self, request_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., etag: _Optional[str] = ..., source: _Optional[str] = ..., collection_reference: _Optional[str] = ..., legal_basis: _Optional[_Union[_profile_pb2.LegalBasis, str]] = ..., consent_purpose: _Optional[str] = ..., values: _Optional[_Union[_profile_pb2.Profile, _Mapping]] = ..., receive_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., channel: _Optional[_Union[_profile_pb2.Channel, str]] = ...) -> None: ...

class SupplementProfileResponse(_message.Message):
    __slots__ = ("supplement_id", "due_date", "position", "etag")
    SUPPLEMENT_ID_FIELD_NUMBER: _ClassVar[int]
    DUE_DATE_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    supplement_id: str
    due_date: _date_pb2.Date
    position: _profile_pb2.Position
    etag: str
    def __init__(self, supplement_id: _Optional[str] = ..., due_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ..., etag: _Optional[str] = ...) -> None: ...

class RecordNoticeRequest(_message.Message):
    __slots__ = ("request_id", "profile_id", "supplement_id", "inform_date", "channel")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    SUPPLEMENT_ID_FIELD_NUMBER: _ClassVar[int]
    INFORM_DATE_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    profile_id: str
    supplement_id: str
    inform_date: _date_pb2.Date
    channel: _profile_pb2.Channel
    def __init__(self, request_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., supplement_id: _Optional[str] = ..., inform_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., channel: _Optional[_Union[_profile_pb2.Channel, str]] = ...) -> None: ...

class RecordNoticeResponse(_message.Message):
    __slots__ = ("position", "etag")
    POSITION_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    position: _profile_pb2.Position
    etag: str
    def __init__(self, position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ..., etag: _Optional[str] = ...) -> None: ...

class ListNoticeDueRequest(_message.Message):
    __slots__ = ("at", "overdue_only", "reason", "at_least_position", "page_size", "page_token")
    AT_FIELD_NUMBER: _ClassVar[int]
    OVERDUE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_POSITION_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    at: _date_pb2.Date
    overdue_only: bool
    reason: _profile_pb2.ReadReason
    at_least_position: _profile_pb2.Position
    page_size: int
    page_token: str
    def __init__(self, at: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., overdue_only: _Optional[bool] = ..., reason: _Optional[_Union[_profile_pb2.ReadReason, _Mapping]] = ..., at_least_position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListNoticeDueResponse(_message.Message):
    __slots__ = ("notices", "next_page_token", "position")
    NOTICES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    notices: _containers.RepeatedCompositeFieldContainer[NoticeDue]
    next_page_token: str
    position: _profile_pb2.Position
    def __init__(self, notices: _Optional[_Iterable[_Union[NoticeDue, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class NoticeDue(_message.Message):
    __slots__ = ("profile_id", "supplement_id", "source", "receive_date", "due_date", "overdue")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    SUPPLEMENT_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    RECEIVE_DATE_FIELD_NUMBER: _ClassVar[int]
    DUE_DATE_FIELD_NUMBER: _ClassVar[int]
    OVERDUE_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    supplement_id: str
    source: str
    receive_date: _date_pb2.Date
    due_date: _date_pb2.Date
    overdue: bool
    def __init__(self, profile_id: _Optional[str] = ..., supplement_id: _Optional[str] = ..., source: _Optional[str] = ..., receive_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., due_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., overdue: _Optional[bool] = ...) -> None: ...

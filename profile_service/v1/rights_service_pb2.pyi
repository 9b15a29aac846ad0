import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.type import date_pb2 as _date_pb2
from profile_service.v1 import annotations_pb2 as _annotations_pb2
from profile_service.v1 import events_pb2 as _events_pb2
from profile_service.v1 import objection_pb2 as _objection_pb2
from profile_service.v1 import profile_pb2 as _profile_pb2
from profile_service.v1 import rectification_pb2 as _rectification_pb2
from profile_service.v1 import restriction_pb2 as _restriction_pb2
from profile_service.v1 import rights_pb2 as _rights_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ErasureFinality(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ERASURE_FINALITY_UNSPECIFIED: _ClassVar[ErasureFinality]
    ERASURE_FINALITY_LIVE_ONLY: _ClassVar[ErasureFinality]
    ERASURE_FINALITY_EPOCH_CLOSE_PENDING: _ClassVar[ErasureFinality]
    ERASURE_FINALITY_EPOCH_CLOSED: _ClassVar[ErasureFinality]
    ERASURE_FINALITY_FINAL: _ClassVar[ErasureFinality]

class ExportKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EXPORT_KIND_UNSPECIFIED: _ClassVar[ExportKind]
    EXPORT_KIND_ACCESS: _ClassVar[ExportKind]
    EXPORT_KIND_PORTABILITY: _ClassVar[ExportKind]

class ExportFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EXPORT_FORMAT_UNSPECIFIED: _ClassVar[ExportFormat]
    EXPORT_FORMAT_JSON: _ClassVar[ExportFormat]
    EXPORT_FORMAT_HTML: _ClassVar[ExportFormat]
ERASURE_FINALITY_UNSPECIFIED: ErasureFinality
ERASURE_FINALITY_LIVE_ONLY: ErasureFinality
ERASURE_FINALITY_EPOCH_CLOSE_PENDING: ErasureFinality
ERASURE_FINALITY_EPOCH_CLOSED: ErasureFinality
ERASURE_FINALITY_FINAL: ErasureFinality
EXPORT_KIND_UNSPECIFIED: ExportKind
EXPORT_KIND_ACCESS: ExportKind
EXPORT_KIND_PORTABILITY: ExportKind
EXPORT_FORMAT_UNSPECIFIED: ExportFormat
EXPORT_FORMAT_JSON: ExportFormat
EXPORT_FORMAT_HTML: ExportFormat

class EraseProfileRequest(_message.Message):
    __slots__ = ("request_id", "profile_id", "legal_basis", "requested_by", "erasure_reason", "channel", "never_contact_again", "rights_request_id", "identification")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    LEGAL_BASIS_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_BY_FIELD_NUMBER: _ClassVar[int]
    ERASURE_REASON_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    NEVER_CONTACT_AGAIN_FIELD_NUMBER: _ClassVar[int]
    RIGHTS_REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    IDENTIFICATION_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    profile_id: str
    legal_basis: _profile_pb2.LegalBasis
    requested_by: _events_pb2.ErasureRequester
    erasure_reason: _events_pb2.ErasureReason
    channel: _profile_pb2.Channel
    never_contact_again: bool
    rights_request_id: str
    identification: _rights_pb2.Identification
    def __init__(self, request_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., legal_basis: _Optional[_Union[_profile_pb2.LegalBasis, str]] = ..., requested_by: _Optional[_Union[_events_pb2.ErasureRequester, str]] = ..., erasure_reason: _Optional[_Union[_events_pb2.ErasureReason, str]] = ..., channel: _Optional[_Union[_profile_pb2.Channel, str]] = ..., never_contact_again: _Optional[bool] = ..., rights_request_id: _Optional[str] = ..., identification: _Optional[_Union[_rights_pb2.Identification, _Mapping]] = ...) -> None: ...

class EraseProfileResponse(_message.Message):
    __slots__ = ("erased_live", "finality", "final_by", "position", "contact_suppressed")
    ERASED_LIVE_FIELD_NUMBER: _ClassVar[int]
    FINALITY_FIELD_NUMBER: _ClassVar[int]
    FINAL_BY_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    CONTACT_SUPPRESSED_FIELD_NUMBER: _ClassVar[int]
    erased_live: bool
    finality: ErasureFinality
    final_by: _timestamp_pb2.Timestamp
    position: _profile_pb2.Position
    contact_suppressed: bool
    def __init__(self, erased_live: _Optional[bool] = ..., finality: _Optional[_Union[ErasureFinality, str]] = ..., final_by: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ..., contact_suppressed: _Optional[bool] = ...) -> None: ...

class GetErasureCertificateRequest(_message.Message):
    __slots__ = ("profile_id",)
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    def __init__(self, profile_id: _Optional[str] = ...) -> None: ...

class GetErasureCertificateResponse(_message.Message):
    __slots__ = ("certificate",)
    CERTIFICATE_FIELD_NUMBER: _ClassVar[int]
    certificate: str
    def __init__(self, certificate: _Optional[str] = ...) -> None: ...

class GetCertificateKeyRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetCertificateKeyResponse(_message.Message):
    __slots__ = ("key",)
    KEY_FIELD_NUMBER: _ClassVar[int]
    key: str
    def __init__(self, key: _Optional[str] = ...) -> None: ...

class SuppressContactRequest(_message.Message):
    __slots__ = ("request_id", "profile_id", "email", "legal_basis", "suppression_reason", "channel")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    LEGAL_BASIS_FIELD_NUMBER: _ClassVar[int]
    SUPPRESSION_REASON_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    profile_id: str
    email: str
    legal_basis: _profile_pb2.LegalBasis
    suppression_reason: _events_pb2.SuppressionReason
    channel: _profile_pb2.Channel
    def __init__(self, request_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., email: _Optional[str] = ..., legal_basis: _Optional[_Union[_profile_pb2.LegalBasis, str]] = ..., suppression_reason: _Optional[_Union[_events_pb2.SuppressionReason, str]] = ..., channel: _Optional[_Union[_profile_pb2.Channel, str]] = ...) -> None: ...

class SuppressContactResponse(_message.Message):
    __slots__ = ("position",)
    POSITION_FIELD_NUMBER: _ClassVar[int]
    position: _profile_pb2.Position
    def __init__(self, position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class CheckContactSuppressionRequest(_message.Message):
    __slots__ = ("profile_id", "email", "reason")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    email: str
    reason: _profile_pb2.ReadReason
    def __init__(self, profile_id: _Optional[str] = ..., email: _Optional[str] = ..., reason: _Optional[_Union[_profile_pb2.ReadReason, _Mapping]] = ...) -> None: ...

class CheckContactSuppressionResponse(_message.Message):
    __slots__ = ("suppressed", "since")
    SUPPRESSED_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    suppressed: bool
    since: _timestamp_pb2.Timestamp
    def __init__(self, suppressed: _Optional[bool] = ..., since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class OpenRequestRequest(_message.Message):
    __slots__ = ("request_id", "profile_id", "right", "requested_by", "receive_date", "channel")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    RIGHT_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_BY_FIELD_NUMBER: _ClassVar[int]
    RECEIVE_DATE_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    profile_id: str
    right: _rights_pb2.Right
    requested_by: _events_pb2.ErasureRequester
    receive_date: _date_pb2.Date
    channel: _profile_pb2.Channel
    def __init__(self, request_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., right: _Optional[_Union[_rights_pb2.Right, str]] = ..., requested_by: _Optional[_Union[_events_pb2.ErasureRequester, str]] = ..., receive_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., channel: _Optional[_Union[_profile_pb2.Channel, str]] = ...) -> None: ...

class OpenRequestResponse(_message.Message):
    __slots__ = ("rights_request_id", "due_date", "position")
    RIGHTS_REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    DUE_DATE_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    rights_request_id: str
    due_date: _date_pb2.Date
    position: _profile_pb2.Position
    def __init__(self, rights_request_id: _Optional[str] = ..., due_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class VerifyIdentityRequest(_message.Message):
    __slots__ = ("request_id", "profile_id", "rights_request_id", "method", "level", "channel")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    RIGHTS_REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    profile_id: str
    rights_request_id: str
    method: _rights_pb2.IdentificationMethod
    level: _rights_pb2.AssuranceLevel
    channel: _profile_pb2.Channel
    def __init__(self, request_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., rights_request_id: _Optional[str] = ..., method: _Optional[_Union[_rights_pb2.IdentificationMethod, str]] = ..., level: _Optional[_Union[_rights_pb2.AssuranceLevel, str]] = ..., channel: _Optional[_Union[_profile_pb2.Channel, str]] = ...) -> None: ...

class VerifyIdentityResponse(_message.Message):
    __slots__ = ("position",)
    POSITION_FIELD_NUMBER: _ClassVar[int]
    position: _profile_pb2.Position
    def __init__(self, position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class ExtendRequestRequest(_message.Message):
    __slots__ = ("request_id", "profile_id", "rights_request_id", "extension_reason", "channel")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    RIGHTS_REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    EXTENSION_REASON_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    profile_id: str
    rights_request_id: str
    extension_reason: _rights_pb2.ExtensionReason
    channel: _profile_pb2.Channel
    def __init__(self, request_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., rights_request_id: _Optional[str] = ..., extension_reason: _Optional[_Union[_rights_pb2.ExtensionReason, str]] = ..., channel: _Optional[_Union[_profile_pb2.Channel, str]] = ...) -> None: ...

class ExtendRequestResponse(_message.Message):
    __slots__ = ("due_date", "position")
    DUE_DATE_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    due_date: _date_pb2.Date
    position: _profile_pb2.Position
    def __init__(self, due_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class RefuseRequestRequest(_message.Message):
    __slots__ = ("request_id", "profile_id", "rights_request_id", "ground", "complaint_routes", "channel")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    RIGHTS_REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    GROUND_FIELD_NUMBER: _ClassVar[int]
    COMPLAINT_ROUTES_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    profile_id: str
    rights_request_id: str
    ground: _rights_pb2.RefusalGround
    complaint_routes: _containers.RepeatedScalarFieldContainer[_rights_pb2.ComplaintRoute]
    channel: _profile_pb2.Channel
    def __init__(self, request_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., rights_request_id: _Optional[str] = ..., ground: _Optional[_Union[_rights_pb2.RefusalGround, str]] = ..., complaint_routes: _Optional[_Iterable[_Union[_rights_pb2.ComplaintRoute, str]]] = ..., channel: _Optional[_Union[_profile_pb2.Channel, str]] = ...) -> None: ...

class RefuseRequestResponse(_message.Message):
    __slots__ = ("position",)
    POSITION_FIELD_NUMBER: _ClassVar[int]
    position: _profile_pb2.Position
    def __init__(self, position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class FulfilRequestRequest(_message.Message):
    __slots__ = ("request_id", "profile_id", "rights_request_id", "channel")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    RIGHTS_REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    profile_id: str
    rights_request_id: str
    channel: _profile_pb2.Channel
    def __init__(self, request_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., rights_request_id: _Optional[str] = ..., channel: _Optional[_Union[_profile_pb2.Channel, str]] = ...) -> None: ...

class FulfilRequestResponse(_message.Message):
    __slots__ = ("position",)
    POSITION_FIELD_NUMBER: _ClassVar[int]
    position: _profile_pb2.Position
    def __init__(self, position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class RightsRequest(_message.Message):
    __slots__ = ("rights_request_id", "profile_id", "right", "state", "channel", "receive_date", "due_date", "extended", "identification", "held", "refusal_ground", "complaint_routes", "open_time", "close_time", "requested_by")
    RIGHTS_REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    RIGHT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    RECEIVE_DATE_FIELD_NUMBER: _ClassVar[int]
    DUE_DATE_FIELD_NUMBER: _ClassVar[int]
    EXTENDED_FIELD_NUMBER: _ClassVar[int]
    IDENTIFICATION_FIELD_NUMBER: _ClassVar[int]
    HELD_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_GROUND_FIELD_NUMBER: _ClassVar[int]
    COMPLAINT_ROUTES_FIELD_NUMBER: _ClassVar[int]
    OPEN_TIME_FIELD_NUMBER: _ClassVar[int]
    CLOSE_TIME_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_BY_FIELD_NUMBER: _ClassVar[int]
    rights_request_id: str
    profile_id: str
    right: _rights_pb2.Right
    state: _rights_pb2.RightsRequestState
    channel: _profile_pb2.Channel
    receive_date: _date_pb2.Date
    due_date: _date_pb2.Date
    extended: bool
    identification: _rights_pb2.Identification
    held: bool
    refusal_ground: _rights_pb2.RefusalGround
    complaint_routes: _containers.RepeatedScalarFieldContainer[_rights_pb2.ComplaintRoute]
    open_time: _timestamp_pb2.Timestamp
    close_time: _timestamp_pb2.Timestamp
    requested_by: _events_pb2.ErasureRequester
    def __init__(self, rights_request_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., right: _Optional[_Union[_rights_pb2.Right, str]] = ..., state: _Optional[_Union[_rights_pb2.RightsRequestState, str]] = ..., channel: _Optional[_Union[_profile_pb2.Channel, str]] = ..., receive_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., due_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., extended: _Optional[bool] = ..., identification: _Optional[_Union[_rights_pb2.Identification, _Mapping]] = ..., held: _Optional[bool] = ..., refusal_ground: _Optional[_Union[_rights_pb2.RefusalGround, str]] = ..., complaint_routes: _Optional[_Iterable[_Union[_rights_pb2.ComplaintRoute, str]]] = ..., open_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., close_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., requested_by: _Optional[_Union[_events_pb2.ErasureRequester, str]] = ...) -> None: ...

class LegalHold(_message.Message):
    __slots__ = ("hold_id", "ground", "reference", "review_date", "place_time")
    HOLD_ID_FIELD_NUMBER: _ClassVar[int]
    GROUND_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    REVIEW_DATE_FIELD_NUMBER: _ClassVar[int]
    PLACE_TIME_FIELD_NUMBER: _ClassVar[int]
    hold_id: str
    ground: _rights_pb2.HoldGround
    reference: str
    review_date: _date_pb2.Date
    place_time: _timestamp_pb2.Timestamp
    def __init__(self, hold_id: _Optional[str] = ..., ground: _Optional[_Union[_rights_pb2.HoldGround, str]] = ..., reference: _Optional[str] = ..., review_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., place_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListRequestsRequest(_message.Message):
    __slots__ = ("profile_id", "reason")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    reason: _profile_pb2.ReadReason
    def __init__(self, profile_id: _Optional[str] = ..., reason: _Optional[_Union[_profile_pb2.ReadReason, _Mapping]] = ...) -> None: ...

class ListRequestsResponse(_message.Message):
    __slots__ = ("requests",)
    REQUESTS_FIELD_NUMBER: _ClassVar[int]
    requests: _containers.RepeatedCompositeFieldContainer[RightsRequest]
    def __init__(self, requests: _Optional[_Iterable[_Union[RightsRequest, _Mapping]]] = ...) -> None: ...

class ListOverdueRequest(_message.Message):
    __slots__ = ("at", "reason", "at_least_position", "page_size", "page_token")
    AT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_POSITION_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    at: _date_pb2.Date
    reason: _profile_pb2.ReadReason
    at_least_position: _profile_pb2.Position
    page_size: int
    page_token: str
    def __init__(self, at: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., reason: _Optional[_Union[_profile_pb2.ReadReason, _Mapping]] = ..., at_least_position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListOverdueResponse(_message.Message):
    __slots__ = ("requests", "next_page_token", "position")
    REQUESTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    requests: _containers.RepeatedCompositeFieldContainer[OverdueRequest]
    next_page_token: str
    position: _profile_pb2.Position
    def __init__(self, requests: _Optional[_Iterable[_Union[OverdueRequest, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class OverdueRequest(_message.Message):
    __slots__ = ("profile_id", "rights_request_id", "right", "receive_date", "due_date")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    RIGHTS_REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    RIGHT_FIELD_NUMBER: _ClassVar[int]
    RECEIVE_DATE_FIELD_NUMBER: _ClassVar[int]
    DUE_DATE_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    rights_request_id: str
    right: _rights_pb2.Right
    receive_date: _date_pb2.Date
    due_date: _date_pb2.Date
    def __init__(self, profile_id: _Optional[str] = ..., rights_request_id: _Optional[str] = ..., right: _Optional[_Union[_rights_pb2.Right, str]] = ..., receive_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., due_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ...) -> None: ...

class PlaceHoldRequest(_message.Message):
    __slots__ = ("request_id", "profile_id", "ground", "reference", "review_date", "channel")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    GROUND_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    REVIEW_DATE_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    profile_id: str
    ground: _rights_pb2.HoldGround
    reference: str
    review_date: _date_pb2.Date
    channel: _profile_pb2.Channel
    def __init__(self, request_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., ground: _Optional[_Union[_rights_pb2.HoldGround, str]] = ..., reference: _Optional[str] = ..., review_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., channel: _Optional[_Union[_profile_pb2.Channel, str]] = ...) -> None: ...

class PlaceHoldResponse(_message.Message):
    __slots__ = ("hold_id", "position")
    HOLD_ID_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    hold_id: str
    position: _profile_pb2.Position
    def __init__(self, hold_id: _Optional[str] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class ReleaseHoldRequest(_message.Message):
    __slots__ = ("request_id", "profile_id", "hold_id", "channel")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    HOLD_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    profile_id: str
    hold_id: str
    channel: _profile_pb2.Channel
    def __init__(self, request_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., hold_id: _Optional[str] = ..., channel: _Optional[_Union[_profile_pb2.Channel, str]] = ...) -> None: ...

class ReleaseHoldResponse(_message.Message):
    __slots__ = ("position",)
    POSITION_FIELD_NUMBER: _ClassVar[int]
    position: _profile_pb2.Position
    def __init__(self, position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class ListHoldsRequest(_message.Message):
    __slots__ = ("profile_id", "reason")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    reason: _profile_pb2.ReadReason
    def __init__(self, profile_id: _Optional[str] = ..., reason: _Optional[_Union[_profile_pb2.ReadReason, _Mapping]] = ...) -> None: ...

class ListHoldsResponse(_message.Message):
    __slots__ = ("holds",)
    HOLDS_FIELD_NUMBER: _ClassVar[int]
    holds: _containers.RepeatedCompositeFieldContainer[LegalHold]
    def __init__(self, holds: _Optional[_Iterable[_Union[LegalHold, _Mapping]]] = ...) -> None: ...

class ExportProfileRequest(_message.Message):
    __slots__ = ("profile_id", "kind", "format", "language", "reason")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    kind: ExportKind
    format: ExportFormat
    language: str
    reason: _profile_pb2.ReadReason
    def __init__(self, profile_id: _Optional[str] = ..., kind: _Optional[_Union[ExportKind, str]] = ..., format: _Optional[_Union[ExportFormat, str]] = ..., language: _Optional[str] = ..., reason: _Optional[_Union[_profile_pb2.ReadReason, _Mapping]] = ...) -> None: ...

class ExportProfileResponse(_message.Message):
    __slots__ = ("chunk",)
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    chunk: bytes
    def __init__(self, chunk: _Optional[bytes] = ...) -> None: ...

class PreviewErasureRequest(_message.Message):
    __slots__ = ("profile_id", "reason", "language")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    reason: _profile_pb2.ReadReason
    language: str
    def __init__(self, profile_id: _Optional[str] = ..., reason: _Optional[_Union[_profile_pb2.ReadReason, _Mapping]] = ..., language: _Optional[str] = ...) -> None: ...

class PreviewErasureResponse(_message.Message):
    __slots__ = ("goes", "stays", "position", "told")
    GOES_FIELD_NUMBER: _ClassVar[int]
    STAYS_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    TOLD_FIELD_NUMBER: _ClassVar[int]
    goes: _containers.RepeatedCompositeFieldContainer[ErasedFields]
    stays: _containers.RepeatedCompositeFieldContainer[StayingField]
    position: _profile_pb2.Position
    told: _containers.RepeatedCompositeFieldContainer[ToldRecipient]
    def __init__(self, goes: _Optional[_Iterable[_Union[ErasedFields, _Mapping]]] = ..., stays: _Optional[_Iterable[_Union[StayingField, _Mapping]]] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ..., told: _Optional[_Iterable[_Union[ToldRecipient, _Mapping]]] = ...) -> None: ...

class ToldRecipient(_message.Message):
    __slots__ = ("recipient_id", "name")
    RECIPIENT_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    recipient_id: str
    name: str
    def __init__(self, recipient_id: _Optional[str] = ..., name: _Optional[str] = ...) -> None: ...

class ErasedFields(_message.Message):
    __slots__ = ("fact_type", "facts", "fields")
    FACT_TYPE_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    fact_type: str
    facts: int
    fields: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, fact_type: _Optional[str] = ..., facts: _Optional[int] = ..., fields: _Optional[_Iterable[str]] = ...) -> None: ...

class StayingField(_message.Message):
    __slots__ = ("fact_type", "facts", "field", "ground", "why")
    FACT_TYPE_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    GROUND_FIELD_NUMBER: _ClassVar[int]
    WHY_FIELD_NUMBER: _ClassVar[int]
    fact_type: str
    facts: int
    field: str
    ground: _annotations_pb2.OpenGround
    why: str
    def __init__(self, fact_type: _Optional[str] = ..., facts: _Optional[int] = ..., field: _Optional[str] = ..., ground: _Optional[_Union[_annotations_pb2.OpenGround, str]] = ..., why: _Optional[str] = ...) -> None: ...

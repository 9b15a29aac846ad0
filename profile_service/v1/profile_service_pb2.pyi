import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.type import date_pb2 as _date_pb2
from profile_service.v1 import error_reason_pb2 as _error_reason_pb2
from profile_service.v1 import events_pb2 as _events_pb2
from profile_service.v1 import profile_pb2 as _profile_pb2
from profile_service.v1 import supplement_pb2 as _supplement_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Registration(_message.Message):
    __slots__ = ("email", "given_name", "family_name", "date_of_birth", "gender", "post_code", "language", "policy_version", "channel")
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    GIVEN_NAME_FIELD_NUMBER: _ClassVar[int]
    FAMILY_NAME_FIELD_NUMBER: _ClassVar[int]
    DATE_OF_BIRTH_FIELD_NUMBER: _ClassVar[int]
    GENDER_FIELD_NUMBER: _ClassVar[int]
    POST_CODE_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    email: str
    given_name: str
    family_name: str
    date_of_birth: _date_pb2.Date
    gender: _profile_pb2.Gender
    post_code: str
    language: str
    policy_version: str
    channel: _profile_pb2.Channel
    def __init__(self, email: _Optional[str] = ..., given_name: _Optional[str] = ..., family_name: _Optional[str] = ..., date_of_birth: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., gender: _Optional[_Union[_profile_pb2.Gender, str]] = ..., post_code: _Optional[str] = ..., language: _Optional[str] = ..., policy_version: _Optional[str] = ..., channel: _Optional[_Union[_profile_pb2.Channel, str]] = ...) -> None: ...

class RegisterProfileRequest(_message.Message):
    __slots__ = ("request_id", "registration")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    REGISTRATION_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    registration: Registration
    def __init__(self, request_id: _Optional[str] = ..., registration: _Optional[_Union[Registration, _Mapping]] = ...) -> None: ...

class RegisterProfileResponse(_message.Message):
    __slots__ = ("profile_id", "position", "etag")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    position: _profile_pb2.Position
    etag: str
    def __init__(self, profile_id: _Optional[str] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ..., etag: _Optional[str] = ...) -> None: ...

class GetProfileRequest(_message.Message):
    __slots__ = ("profile_id", "reason", "read_mask", "at_least_position")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    READ_MASK_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_POSITION_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    reason: _profile_pb2.ReadReason
    read_mask: _field_mask_pb2.FieldMask
    at_least_position: _profile_pb2.Position
    def __init__(self, profile_id: _Optional[str] = ..., reason: _Optional[_Union[_profile_pb2.ReadReason, _Mapping]] = ..., read_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., at_least_position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class GetProfileResponse(_message.Message):
    __slots__ = ("profile", "position")
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    profile: _profile_pb2.Profile
    position: _profile_pb2.Position
    def __init__(self, profile: _Optional[_Union[_profile_pb2.Profile, _Mapping]] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class GetProfileAsOfRequest(_message.Message):
    __slots__ = ("profile_id", "reason", "read_mask", "position", "time")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    READ_MASK_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    reason: _profile_pb2.ReadReason
    read_mask: _field_mask_pb2.FieldMask
    position: _profile_pb2.Position
    time: _timestamp_pb2.Timestamp
    def __init__(self, profile_id: _Optional[str] = ..., reason: _Optional[_Union[_profile_pb2.ReadReason, _Mapping]] = ..., read_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class GetProfileAsOfResponse(_message.Message):
    __slots__ = ("profile", "position")
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    profile: _profile_pb2.Profile
    position: _profile_pb2.Position
    def __init__(self, profile: _Optional[_Union[_profile_pb2.Profile, _Mapping]] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class FindProfileRequest(_message.Message):
    __slots__ = ("email", "reason")
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    email: str
    reason: _profile_pb2.ReadReason
    def __init__(self, email: _Optional[str] = ..., reason: _Optional[_Union[_profile_pb2.ReadReason, _Mapping]] = ...) -> None: ...

class FindProfileResponse(_message.Message):
    __slots__ = ("profile_id",)
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    def __init__(self, profile_id: _Optional[str] = ...) -> None: ...

class UpdateProfileRequest(_message.Message):
    __slots__ = ("request_id", "profile_id", "profile", "update_mask", "etag", "update_reason", "channel")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    UPDATE_REASON_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    profile_id: str
    profile: _profile_pb2.Profile
    update_mask: _field_mask_pb2.FieldMask
    etag: str
    update_reason: _events_pb2.UpdateReason
    channel: _profile_pb2.Channel
    def __init__(self, request_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., profile: _Optional[_Union[_profile_pb2.Profile, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., etag: _Optional[str] = ..., update_reason: _Optional[_Union[_events_pb2.UpdateReason, str]] = ..., channel: _Optional[_Union[_profile_pb2.Channel, str]] = ...) -> None: ...

class UpdateProfileResponse(_message.Message):
    __slots__ = ("position", "etag")
    POSITION_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    position: _profile_pb2.Position
    etag: str
    def __init__(self, position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ..., etag: _Optional[str] = ...) -> None: ...

class StartEmailVerificationRequest(_message.Message):
    __slots__ = ("request_id", "profile_id", "channel")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    profile_id: str
    channel: _profile_pb2.Channel
    def __init__(self, request_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., channel: _Optional[_Union[_profile_pb2.Channel, str]] = ...) -> None: ...

class StartEmailVerificationResponse(_message.Message):
    __slots__ = ("token", "expire_time", "position", "etag")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    token: str
    expire_time: _timestamp_pb2.Timestamp
    position: _profile_pb2.Position
    etag: str
    def __init__(self, token: _Optional[str] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ..., etag: _Optional[str] = ...) -> None: ...

class VerifyEmailRequest(_message.Message):
    __slots__ = ("request_id", "token", "channel")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    token: str
    channel: _profile_pb2.Channel
    def __init__(self, request_id: _Optional[str] = ..., token: _Optional[str] = ..., channel: _Optional[_Union[_profile_pb2.Channel, str]] = ...) -> None: ...

class VerifyEmailResponse(_message.Message):
    __slots__ = ("profile_id", "position", "etag")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    position: _profile_pb2.Position
    etag: str
    def __init__(self, profile_id: _Optional[str] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ..., etag: _Optional[str] = ...) -> None: ...

class ImportProfilesRequest(_message.Message):
    __slots__ = ("import_id", "items")
    IMPORT_ID_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    import_id: str
    items: _containers.RepeatedCompositeFieldContainer[ImportItem]
    def __init__(self, import_id: _Optional[str] = ..., items: _Optional[_Iterable[_Union[ImportItem, _Mapping]]] = ...) -> None: ...

class ImportItem(_message.Message):
    __slots__ = ("index", "registration")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    REGISTRATION_FIELD_NUMBER: _ClassVar[int]
    index: int
    registration: Registration
    def __init__(self, index: _Optional[int] = ..., registration: _Optional[_Union[Registration, _Mapping]] = ...) -> None: ...

class ImportProfilesResponse(_message.Message):
    __slots__ = ("statuses", "position")
    STATUSES_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    statuses: _containers.RepeatedCompositeFieldContainer[ImportItemStatus]
    position: _profile_pb2.Position
    def __init__(self, statuses: _Optional[_Iterable[_Union[ImportItemStatus, _Mapping]]] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class ImportItemStatus(_message.Message):
    __slots__ = ("index", "profile_id", "refused", "fields")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    index: int
    profile_id: str
    refused: _error_reason_pb2.ErrorReason
    fields: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, index: _Optional[int] = ..., profile_id: _Optional[str] = ..., refused: _Optional[_Union[_error_reason_pb2.ErrorReason, str]] = ..., fields: _Optional[_Iterable[str]] = ...) -> None: ...

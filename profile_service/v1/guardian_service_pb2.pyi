import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.type import date_pb2 as _date_pb2
from profile_service.v1 import guardian_pb2 as _guardian_pb2
from profile_service.v1 import profile_pb2 as _profile_pb2
from profile_service.v1 import rights_pb2 as _rights_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class LinkGuardianRequest(_message.Message):
    __slots__ = ("request_id", "profile_id", "guardian_id", "relation", "method", "level", "channel")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    GUARDIAN_ID_FIELD_NUMBER: _ClassVar[int]
    RELATION_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    profile_id: str
    guardian_id: str
    relation: _guardian_pb2.GuardianRelation
    method: _rights_pb2.IdentificationMethod
    level: _rights_pb2.AssuranceLevel
    channel: _profile_pb2.Channel
    def __init__(self, request_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., guardian_id: _Optional[str] = ..., relation: _Optional[_Union[_guardian_pb2.GuardianRelation, str]] = ..., method: _Optional[_Union[_rights_pb2.IdentificationMethod, str]] = ..., level: _Optional[_Union[_rights_pb2.AssuranceLevel, str]] = ..., channel: _Optional[_Union[_profile_pb2.Channel, str]] = ...) -> None: ...

class LinkGuardianResponse(_message.Message):
    __slots__ = ("position",)
    POSITION_FIELD_NUMBER: _ClassVar[int]
    position: _profile_pb2.Position
    def __init__(self, position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class EndGuardianshipRequest(_message.Message):
    __slots__ = ("request_id", "profile_id", "guardian_id", "channel")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    GUARDIAN_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    profile_id: str
    guardian_id: str
    channel: _profile_pb2.Channel
    def __init__(self, request_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., guardian_id: _Optional[str] = ..., channel: _Optional[_Union[_profile_pb2.Channel, str]] = ...) -> None: ...

class EndGuardianshipResponse(_message.Message):
    __slots__ = ("position",)
    POSITION_FIELD_NUMBER: _ClassVar[int]
    position: _profile_pb2.Position
    def __init__(self, position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class ListGuardiansRequest(_message.Message):
    __slots__ = ("profile_id", "reason")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    reason: _profile_pb2.ReadReason
    def __init__(self, profile_id: _Optional[str] = ..., reason: _Optional[_Union[_profile_pb2.ReadReason, _Mapping]] = ...) -> None: ...

class ListGuardiansResponse(_message.Message):
    __slots__ = ("guardians",)
    GUARDIANS_FIELD_NUMBER: _ClassVar[int]
    guardians: _containers.RepeatedCompositeFieldContainer[Guardian]
    def __init__(self, guardians: _Optional[_Iterable[_Union[Guardian, _Mapping]]] = ...) -> None: ...

class Guardian(_message.Message):
    __slots__ = ("guardian_id", "relation", "method", "level", "link_time")
    GUARDIAN_ID_FIELD_NUMBER: _ClassVar[int]
    RELATION_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    LINK_TIME_FIELD_NUMBER: _ClassVar[int]
    guardian_id: str
    relation: _guardian_pb2.GuardianRelation
    method: _rights_pb2.IdentificationMethod
    level: _rights_pb2.AssuranceLevel
    link_time: _timestamp_pb2.Timestamp
    def __init__(self, guardian_id: _Optional[str] = ..., relation: _Optional[_Union[_guardian_pb2.GuardianRelation, str]] = ..., method: _Optional[_Union[_rights_pb2.IdentificationMethod, str]] = ..., level: _Optional[_Union[_rights_pb2.AssuranceLevel, str]] = ..., link_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListConfirmationsDueRequest(_message.Message):
    __slots__ = ("at", "after_profile_id", "at_least_position", "reason")
    AT_FIELD_NUMBER: _ClassVar[int]
    AFTER_PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_POSITION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    at: _date_pb2.Date
    after_profile_id: str
    at_least_position: _profile_pb2.Position
    reason: _profile_pb2.ReadReason
    def __init__(self, at: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., after_profile_id: _Optional[str] = ..., at_least_position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ..., reason: _Optional[_Union[_profile_pb2.ReadReason, _Mapping]] = ...) -> None: ...

class ListConfirmationsDueResponse(_message.Message):
    __slots__ = ("confirmations", "position")
    CONFIRMATIONS_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    confirmations: _containers.RepeatedCompositeFieldContainer[ConfirmationDue]
    position: _profile_pb2.Position
    def __init__(self, confirmations: _Optional[_Iterable[_Union[ConfirmationDue, _Mapping]]] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class ConfirmationDue(_message.Message):
    __slots__ = ("profile_id", "purposes")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    PURPOSES_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    purposes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, profile_id: _Optional[str] = ..., purposes: _Optional[_Iterable[str]] = ...) -> None: ...

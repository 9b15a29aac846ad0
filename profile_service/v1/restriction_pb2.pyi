import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.type import date_pb2 as _date_pb2
from profile_service.v1 import events_pb2 as _events_pb2
from profile_service.v1 import profile_pb2 as _profile_pb2
from profile_service.v1 import rights_pb2 as _rights_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RestrictProcessingRequest(_message.Message):
    __slots__ = ("request_id", "profile_id", "ground", "requested_by", "rights_request_id", "identification", "channel")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    GROUND_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_BY_FIELD_NUMBER: _ClassVar[int]
    RIGHTS_REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    IDENTIFICATION_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    profile_id: str
    ground: _rights_pb2.RestrictionGround
    requested_by: _events_pb2.ErasureRequester
    rights_request_id: str
    identification: _rights_pb2.Identification
    channel: _profile_pb2.Channel
    def __init__(self, request_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., ground: _Optional[_Union[_rights_pb2.RestrictionGround, str]] = ..., requested_by: _Optional[_Union[_events_pb2.ErasureRequester, str]] = ..., rights_request_id: _Optional[str] = ..., identification: _Optional[_Union[_rights_pb2.Identification, _Mapping]] = ..., channel: _Optional[_Union[_profile_pb2.Channel, str]] = ...) -> None: ...

class RestrictProcessingResponse(_message.Message):
    __slots__ = ("position",)
    POSITION_FIELD_NUMBER: _ClassVar[int]
    position: _profile_pb2.Position
    def __init__(self, position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class LiftRestrictionRequest(_message.Message):
    __slots__ = ("request_id", "profile_id", "ground", "inform_date", "channel")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    GROUND_FIELD_NUMBER: _ClassVar[int]
    INFORM_DATE_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    profile_id: str
    ground: _rights_pb2.RestrictionGround
    inform_date: _date_pb2.Date
    channel: _profile_pb2.Channel
    def __init__(self, request_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., ground: _Optional[_Union[_rights_pb2.RestrictionGround, str]] = ..., inform_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., channel: _Optional[_Union[_profile_pb2.Channel, str]] = ...) -> None: ...

class LiftRestrictionResponse(_message.Message):
    __slots__ = ("position",)
    POSITION_FIELD_NUMBER: _ClassVar[int]
    position: _profile_pb2.Position
    def __init__(self, position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class ListRestrictionsRequest(_message.Message):
    __slots__ = ("profile_id", "reason")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    reason: _profile_pb2.ReadReason
    def __init__(self, profile_id: _Optional[str] = ..., reason: _Optional[_Union[_profile_pb2.ReadReason, _Mapping]] = ...) -> None: ...

class ListRestrictionsResponse(_message.Message):
    __slots__ = ("restrictions",)
    RESTRICTIONS_FIELD_NUMBER: _ClassVar[int]
    restrictions: _containers.RepeatedCompositeFieldContainer[Restriction]
    def __init__(self, restrictions: _Optional[_Iterable[_Union[Restriction, _Mapping]]] = ...) -> None: ...

class Restriction(_message.Message):
    __slots__ = ("ground", "restrict_time")
    GROUND_FIELD_NUMBER: _ClassVar[int]
    RESTRICT_TIME_FIELD_NUMBER: _ClassVar[int]
    ground: _rights_pb2.RestrictionGround
    restrict_time: _timestamp_pb2.Timestamp
    def __init__(self, ground: _Optional[_Union[_rights_pb2.RestrictionGround, str]] = ..., restrict_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

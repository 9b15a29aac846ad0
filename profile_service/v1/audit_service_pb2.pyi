import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from profile_service.v1 import events_pb2 as _events_pb2
from profile_service.v1 import profile_pb2 as _profile_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PersonalHalf(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PERSONAL_HALF_UNSPECIFIED: _ClassVar[PersonalHalf]
    PERSONAL_HALF_NONE: _ClassVar[PersonalHalf]
    PERSONAL_HALF_WITHHELD: _ClassVar[PersonalHalf]
    PERSONAL_HALF_INCLUDED: _ClassVar[PersonalHalf]
    PERSONAL_HALF_ERASED: _ClassVar[PersonalHalf]
PERSONAL_HALF_UNSPECIFIED: PersonalHalf
PERSONAL_HALF_NONE: PersonalHalf
PERSONAL_HALF_WITHHELD: PersonalHalf
PERSONAL_HALF_INCLUDED: PersonalHalf
PERSONAL_HALF_ERASED: PersonalHalf

class ReplayEventsRequest(_message.Message):
    __slots__ = ("after_position", "profile_ids", "types", "start_time", "end_time", "follow", "include_personal", "reason", "log_id")
    AFTER_POSITION_FIELD_NUMBER: _ClassVar[int]
    PROFILE_IDS_FIELD_NUMBER: _ClassVar[int]
    TYPES_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    FOLLOW_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_PERSONAL_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    LOG_ID_FIELD_NUMBER: _ClassVar[int]
    after_position: int
    profile_ids: _containers.RepeatedScalarFieldContainer[str]
    types: _containers.RepeatedScalarFieldContainer[str]
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    follow: bool
    include_personal: bool
    reason: _profile_pb2.ReadReason
    log_id: str
    def __init__(self, after_position: _Optional[int] = ..., profile_ids: _Optional[_Iterable[str]] = ..., types: _Optional[_Iterable[str]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., follow: _Optional[bool] = ..., include_personal: _Optional[bool] = ..., reason: _Optional[_Union[_profile_pb2.ReadReason, _Mapping]] = ..., log_id: _Optional[str] = ...) -> None: ...

class ReplayEventsResponse(_message.Message):
    __slots__ = ("events", "position", "log_id")
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    LOG_ID_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[ReplayedEvent]
    position: int
    log_id: str
    def __init__(self, events: _Optional[_Iterable[_Union[ReplayedEvent, _Mapping]]] = ..., position: _Optional[int] = ..., log_id: _Optional[str] = ...) -> None: ...

class ReplayedEvent(_message.Message):
    __slots__ = ("position", "time", "record", "header", "fact", "personal_half")
    POSITION_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    RECORD_FIELD_NUMBER: _ClassVar[int]
    HEADER_FIELD_NUMBER: _ClassVar[int]
    FACT_FIELD_NUMBER: _ClassVar[int]
    PERSONAL_HALF_FIELD_NUMBER: _ClassVar[int]
    position: int
    time: _timestamp_pb2.Timestamp
    record: bytes
    header: _events_pb2.EventHeader
    fact: bytes
    personal_half: PersonalHalf
    def __init__(self, position: _Optional[int] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., record: _Optional[bytes] = ..., header: _Optional[_Union[_events_pb2.EventHeader, _Mapping]] = ..., fact: _Optional[bytes] = ..., personal_half: _Optional[_Union[PersonalHalf, str]] = ...) -> None: ...

import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from profile_service.v1 import events_pb2 as _events_pb2
from profile_service.v1 import profile_pb2 as _profile_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ParkedSubject(_message.Message):
    __slots__ = ("subject_id", "position", "type", "error", "time")
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    subject_id: str
    position: int
    type: str
    error: str
    time: _timestamp_pb2.Timestamp
    def __init__(self, subject_id: _Optional[str] = ..., position: _Optional[int] = ..., type: _Optional[str] = ..., error: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class WaitingFact(_message.Message):
    __slots__ = ("position", "type")
    POSITION_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    position: int
    type: str
    def __init__(self, position: _Optional[int] = ..., type: _Optional[str] = ...) -> None: ...

class ParkedSummary(_message.Message):
    __slots__ = ("count", "limit", "subjects")
    COUNT_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    SUBJECTS_FIELD_NUMBER: _ClassVar[int]
    count: int
    limit: int
    subjects: _containers.RepeatedCompositeFieldContainer[ParkedSubject]
    def __init__(self, count: _Optional[int] = ..., limit: _Optional[int] = ..., subjects: _Optional[_Iterable[_Union[ParkedSubject, _Mapping]]] = ...) -> None: ...

class ListParkedRequest(_message.Message):
    __slots__ = ("name", "generation", "page_size", "page_token", "at_least_position")
    NAME_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_POSITION_FIELD_NUMBER: _ClassVar[int]
    name: str
    generation: int
    page_size: int
    page_token: str
    at_least_position: _profile_pb2.Position
    def __init__(self, name: _Optional[str] = ..., generation: _Optional[int] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., at_least_position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class ListParkedResponse(_message.Message):
    __slots__ = ("parked", "next_page_token")
    PARKED_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parked: _containers.RepeatedCompositeFieldContainer[ParkedSubject]
    next_page_token: str
    def __init__(self, parked: _Optional[_Iterable[_Union[ParkedSubject, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetParkedRequest(_message.Message):
    __slots__ = ("name", "subject_id", "generation", "at_least_position")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_POSITION_FIELD_NUMBER: _ClassVar[int]
    name: str
    subject_id: str
    generation: int
    at_least_position: _profile_pb2.Position
    def __init__(self, name: _Optional[str] = ..., subject_id: _Optional[str] = ..., generation: _Optional[int] = ..., at_least_position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class GetParkedResponse(_message.Message):
    __slots__ = ("parked", "waiting", "waiting_count")
    PARKED_FIELD_NUMBER: _ClassVar[int]
    WAITING_FIELD_NUMBER: _ClassVar[int]
    WAITING_COUNT_FIELD_NUMBER: _ClassVar[int]
    parked: ParkedSubject
    waiting: _containers.RepeatedCompositeFieldContainer[WaitingFact]
    waiting_count: int
    def __init__(self, parked: _Optional[_Union[ParkedSubject, _Mapping]] = ..., waiting: _Optional[_Iterable[_Union[WaitingFact, _Mapping]]] = ..., waiting_count: _Optional[int] = ...) -> None: ...

class RetryParkedRequest(_message.Message):
    __slots__ = ("name", "subject_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    subject_id: str
    def __init__(self, name: _Optional[str] = ..., subject_id: _Optional[str] = ...) -> None: ...

class RetryParkedResponse(_message.Message):
    __slots__ = ("parked",)
    PARKED_FIELD_NUMBER: _ClassVar[int]
    parked: ParkedSubject
    def __init__(self, parked: _Optional[_Union[ParkedSubject, _Mapping]] = ...) -> None: ...

class SkipParkedRequest(_message.Message):
    __slots__ = ("request_id", "name", "subject_id", "position", "skip_reason")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    SKIP_REASON_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    name: str
    subject_id: str
    position: int
    skip_reason: _events_pb2.SkipReason
    def __init__(self, request_id: _Optional[str] = ..., name: _Optional[str] = ..., subject_id: _Optional[str] = ..., position: _Optional[int] = ..., skip_reason: _Optional[_Union[_events_pb2.SkipReason, str]] = ...) -> None: ...

class SkipParkedResponse(_message.Message):
    __slots__ = ("position",)
    POSITION_FIELD_NUMBER: _ClassVar[int]
    position: _profile_pb2.Position
    def __init__(self, position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

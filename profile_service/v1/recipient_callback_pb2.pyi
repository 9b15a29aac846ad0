from buf.validate import validate_pb2 as _validate_pb2
from profile_service.v1 import events_pb2 as _events_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class NotifyRequest(_message.Message):
    __slots__ = ("obligation_id", "kind", "profile_id", "fields")
    OBLIGATION_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    obligation_id: str
    kind: _events_pb2.ObligationKind
    profile_id: str
    fields: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, obligation_id: _Optional[str] = ..., kind: _Optional[_Union[_events_pb2.ObligationKind, str]] = ..., profile_id: _Optional[str] = ..., fields: _Optional[_Iterable[str]] = ...) -> None: ...

class NotifyResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

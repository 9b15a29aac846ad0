from buf.validate import validate_pb2 as _validate_pb2
from profile_service.v1 import profile_pb2 as _profile_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ObjectToMarketingRequest(_message.Message):
    __slots__ = ("request_id", "profile_id", "purpose", "channel")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    profile_id: str
    purpose: str
    channel: _profile_pb2.Channel
    def __init__(self, request_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., purpose: _Optional[str] = ..., channel: _Optional[_Union[_profile_pb2.Channel, str]] = ...) -> None: ...

class ObjectToMarketingResponse(_message.Message):
    __slots__ = ("position",)
    POSITION_FIELD_NUMBER: _ClassVar[int]
    position: _profile_pb2.Position
    def __init__(self, position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class CreateUnsubscribeLinkRequest(_message.Message):
    __slots__ = ("profile_id", "purpose")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    purpose: str
    def __init__(self, profile_id: _Optional[str] = ..., purpose: _Optional[str] = ...) -> None: ...

class CreateUnsubscribeLinkResponse(_message.Message):
    __slots__ = ("token", "link", "header_lines")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    LINK_FIELD_NUMBER: _ClassVar[int]
    HEADER_LINES_FIELD_NUMBER: _ClassVar[int]
    token: str
    link: str
    header_lines: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, token: _Optional[str] = ..., link: _Optional[str] = ..., header_lines: _Optional[_Iterable[str]] = ...) -> None: ...

class UnsubscribeRequest(_message.Message):
    __slots__ = ("token",)
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    token: str
    def __init__(self, token: _Optional[str] = ...) -> None: ...

class UnsubscribeResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

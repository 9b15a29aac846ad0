import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from profile_service.v1 import events_pb2 as _events_pb2
from profile_service.v1 import profile_pb2 as _profile_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ErasureFinality(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ERASURE_FINALITY_UNSPECIFIED: _ClassVar[ErasureFinality]
    ERASURE_FINALITY_LIVE_ONLY: _ClassVar[ErasureFinality]
    ERASURE_FINALITY_EPOCH_CLOSE_PENDING: _ClassVar[ErasureFinality]
    ERASURE_FINALITY_EPOCH_CLOSED: _ClassVar[ErasureFinality]
    ERASURE_FINALITY_FINAL: _ClassVar[ErasureFinality]
ERASURE_FINALITY_UNSPECIFIED: ErasureFinality
ERASURE_FINALITY_LIVE_ONLY: ErasureFinality
ERASURE_FINALITY_EPOCH_CLOSE_PENDING: ErasureFinality
ERASURE_FINALITY_EPOCH_CLOSED: ErasureFinality
ERASURE_FINALITY_FINAL: ErasureFinality

class EraseProfileRequest(_message.Message):
    __slots__ = ("request_id", "profile_id", "legal_basis", "requested_by", "erasure_reason", "channel")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    LEGAL_BASIS_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_BY_FIELD_NUMBER: _ClassVar[int]
    ERASURE_REASON_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    profile_id: str
    legal_basis: _profile_pb2.LegalBasis
    requested_by: _events_pb2.ErasureRequester
    erasure_reason: _events_pb2.ErasureReason
    channel: _profile_pb2.Channel
    def __init__(self, request_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., legal_basis: _Optional[_Union[_profile_pb2.LegalBasis, str]] = ..., requested_by: _Optional[_Union[_events_pb2.ErasureRequester, str]] = ..., erasure_reason: _Optional[_Union[_events_pb2.ErasureReason, str]] = ..., channel: _Optional[_Union[_profile_pb2.Channel, str]] = ...) -> None: ...

class EraseProfileResponse(_message.Message):
    __slots__ = ("erased_live", "finality", "final_by", "position")
    ERASED_LIVE_FIELD_NUMBER: _ClassVar[int]
    FINALITY_FIELD_NUMBER: _ClassVar[int]
    FINAL_BY_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    erased_live: bool
    finality: ErasureFinality
    final_by: _timestamp_pb2.Timestamp
    position: _profile_pb2.Position
    def __init__(self, erased_live: _Optional[bool] = ..., finality: _Optional[_Union[ErasureFinality, str]] = ..., final_by: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

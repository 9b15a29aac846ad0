import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RecipientKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RECIPIENT_KIND_UNSPECIFIED: _ClassVar[RecipientKind]
    RECIPIENT_KIND_SUPPLIER: _ClassVar[RecipientKind]
    RECIPIENT_KIND_AUTHORITY: _ClassVar[RecipientKind]
    RECIPIENT_KIND_THIRD_PARTY: _ClassVar[RecipientKind]

class TransferGround(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRANSFER_GROUND_UNSPECIFIED: _ClassVar[TransferGround]
    TRANSFER_GROUND_NO_TRANSFER: _ClassVar[TransferGround]
    TRANSFER_GROUND_ADEQUACY_DECISION: _ClassVar[TransferGround]
    TRANSFER_GROUND_STANDARD_CLAUSES: _ClassVar[TransferGround]
    TRANSFER_GROUND_BINDING_CORPORATE_RULES: _ClassVar[TransferGround]
    TRANSFER_GROUND_DEROGATION: _ClassVar[TransferGround]
RECIPIENT_KIND_UNSPECIFIED: RecipientKind
RECIPIENT_KIND_SUPPLIER: RecipientKind
RECIPIENT_KIND_AUTHORITY: RecipientKind
RECIPIENT_KIND_THIRD_PARTY: RecipientKind
TRANSFER_GROUND_UNSPECIFIED: TransferGround
TRANSFER_GROUND_NO_TRANSFER: TransferGround
TRANSFER_GROUND_ADEQUACY_DECISION: TransferGround
TRANSFER_GROUND_STANDARD_CLAUSES: TransferGround
TRANSFER_GROUND_BINDING_CORPORATE_RULES: TransferGround
TRANSFER_GROUND_DEROGATION: TransferGround

class Recipient(_message.Message):
    __slots__ = ("recipient_id", "kind", "name", "assignment", "agreement", "transfer_ground", "fields", "purposes", "start_time", "end_time", "callback", "caller", "ended")
    RECIPIENT_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ASSIGNMENT_FIELD_NUMBER: _ClassVar[int]
    AGREEMENT_FIELD_NUMBER: _ClassVar[int]
    TRANSFER_GROUND_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    PURPOSES_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    CALLBACK_FIELD_NUMBER: _ClassVar[int]
    CALLER_FIELD_NUMBER: _ClassVar[int]
    ENDED_FIELD_NUMBER: _ClassVar[int]
    recipient_id: str
    kind: RecipientKind
    name: str
    assignment: str
    agreement: str
    transfer_ground: TransferGround
    fields: _containers.RepeatedScalarFieldContainer[str]
    purposes: _containers.RepeatedScalarFieldContainer[str]
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    callback: str
    caller: str
    ended: bool
    def __init__(self, recipient_id: _Optional[str] = ..., kind: _Optional[_Union[RecipientKind, str]] = ..., name: _Optional[str] = ..., assignment: _Optional[str] = ..., agreement: _Optional[str] = ..., transfer_ground: _Optional[_Union[TransferGround, str]] = ..., fields: _Optional[_Iterable[str]] = ..., purposes: _Optional[_Iterable[str]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., callback: _Optional[str] = ..., caller: _Optional[str] = ..., ended: _Optional[bool] = ...) -> None: ...

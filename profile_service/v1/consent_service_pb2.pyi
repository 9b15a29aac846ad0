import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from profile_service.v1 import profile_pb2 as _profile_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ConsentDecision(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONSENT_DECISION_UNSPECIFIED: _ClassVar[ConsentDecision]
    CONSENT_DECISION_GIVEN: _ClassVar[ConsentDecision]
    CONSENT_DECISION_WITHDRAWN: _ClassVar[ConsentDecision]
    CONSENT_DECISION_SUPPRESSED: _ClassVar[ConsentDecision]
    CONSENT_DECISION_OBJECTED: _ClassVar[ConsentDecision]
    CONSENT_DECISION_UNCONFIRMED: _ClassVar[ConsentDecision]
CONSENT_DECISION_UNSPECIFIED: ConsentDecision
CONSENT_DECISION_GIVEN: ConsentDecision
CONSENT_DECISION_WITHDRAWN: ConsentDecision
CONSENT_DECISION_SUPPRESSED: ConsentDecision
CONSENT_DECISION_OBJECTED: ConsentDecision
CONSENT_DECISION_UNCONFIRMED: ConsentDecision

class SetConsentRequest(_message.Message):
    __slots__ = ("request_id", "profile_id", "purpose", "decision", "policy_version", "text_hash", "channel", "guardian_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    TEXT_HASH_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    GUARDIAN_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    profile_id: str
    purpose: str
    decision: ConsentDecision
    policy_version: str
    text_hash: bytes
    channel: _profile_pb2.Channel
    guardian_id: str
    def __init__(self, request_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., purpose: _Optional[str] = ..., decision: _Optional[_Union[ConsentDecision, str]] = ..., policy_version: _Optional[str] = ..., text_hash: _Optional[bytes] = ..., channel: _Optional[_Union[_profile_pb2.Channel, str]] = ..., guardian_id: _Optional[str] = ...) -> None: ...

class SetConsentResponse(_message.Message):
    __slots__ = ("position",)
    POSITION_FIELD_NUMBER: _ClassVar[int]
    position: _profile_pb2.Position
    def __init__(self, position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class ListConsentsRequest(_message.Message):
    __slots__ = ("profile_id", "reason", "include_history", "at_least_position", "page_size", "page_token")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_HISTORY_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_POSITION_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    reason: _profile_pb2.ReadReason
    include_history: bool
    at_least_position: _profile_pb2.Position
    page_size: int
    page_token: str
    def __init__(self, profile_id: _Optional[str] = ..., reason: _Optional[_Union[_profile_pb2.ReadReason, _Mapping]] = ..., include_history: _Optional[bool] = ..., at_least_position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListConsentsResponse(_message.Message):
    __slots__ = ("consents", "history", "next_page_token", "position")
    CONSENTS_FIELD_NUMBER: _ClassVar[int]
    HISTORY_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    consents: _containers.RepeatedCompositeFieldContainer[Consent]
    history: _containers.RepeatedCompositeFieldContainer[Consent]
    next_page_token: str
    position: _profile_pb2.Position
    def __init__(self, consents: _Optional[_Iterable[_Union[Consent, _Mapping]]] = ..., history: _Optional[_Iterable[_Union[Consent, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class Consent(_message.Message):
    __slots__ = ("purpose", "decision", "policy_version", "text_hash", "channel", "time", "position", "overtaken", "by_guardian")
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    TEXT_HASH_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    OVERTAKEN_FIELD_NUMBER: _ClassVar[int]
    BY_GUARDIAN_FIELD_NUMBER: _ClassVar[int]
    purpose: str
    decision: ConsentDecision
    policy_version: str
    text_hash: bytes
    channel: _profile_pb2.Channel
    time: _timestamp_pb2.Timestamp
    position: _profile_pb2.Position
    overtaken: bool
    by_guardian: bool
    def __init__(self, purpose: _Optional[str] = ..., decision: _Optional[_Union[ConsentDecision, str]] = ..., policy_version: _Optional[str] = ..., text_hash: _Optional[bytes] = ..., channel: _Optional[_Union[_profile_pb2.Channel, str]] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ..., overtaken: _Optional[bool] = ..., by_guardian: _Optional[bool] = ...) -> None: ...

class CheckConsentsRequest(_message.Message):
    __slots__ = ("purpose", "profile_ids", "reason")
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    PROFILE_IDS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    purpose: str
    profile_ids: _containers.RepeatedScalarFieldContainer[str]
    reason: _profile_pb2.ReadReason
    def __init__(self, purpose: _Optional[str] = ..., profile_ids: _Optional[_Iterable[str]] = ..., reason: _Optional[_Union[_profile_pb2.ReadReason, _Mapping]] = ...) -> None: ...

class CheckConsentsResponse(_message.Message):
    __slots__ = ("given", "position")
    GIVEN_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    given: _containers.RepeatedScalarFieldContainer[bool]
    position: _profile_pb2.Position
    def __init__(self, given: _Optional[_Iterable[bool]] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class GetConsentProofRequest(_message.Message):
    __slots__ = ("profile_id", "purpose", "reason", "position", "time")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    purpose: str
    reason: _profile_pb2.ReadReason
    position: _profile_pb2.Position
    time: _timestamp_pb2.Timestamp
    def __init__(self, profile_id: _Optional[str] = ..., purpose: _Optional[str] = ..., reason: _Optional[_Union[_profile_pb2.ReadReason, _Mapping]] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class GetConsentProofResponse(_message.Message):
    __slots__ = ("proof", "position", "erased_time")
    PROOF_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    ERASED_TIME_FIELD_NUMBER: _ClassVar[int]
    proof: ConsentProof
    position: _profile_pb2.Position
    erased_time: _timestamp_pb2.Timestamp
    def __init__(self, proof: _Optional[_Union[ConsentProof, _Mapping]] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ..., erased_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ConsentProof(_message.Message):
    __slots__ = ("purpose", "decision", "policy_version", "text_hash", "channel", "actor", "time", "position", "by_guardian")
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    TEXT_HASH_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    BY_GUARDIAN_FIELD_NUMBER: _ClassVar[int]
    purpose: str
    decision: ConsentDecision
    policy_version: str
    text_hash: bytes
    channel: _profile_pb2.Channel
    actor: str
    time: _timestamp_pb2.Timestamp
    position: _profile_pb2.Position
    by_guardian: bool
    def __init__(self, purpose: _Optional[str] = ..., decision: _Optional[_Union[ConsentDecision, str]] = ..., policy_version: _Optional[str] = ..., text_hash: _Optional[bytes] = ..., channel: _Optional[_Union[_profile_pb2.Channel, str]] = ..., actor: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ..., by_guardian: _Optional[bool] = ...) -> None: ...

class GetConsentReceiptRequest(_message.Message):
    __slots__ = ("profile_id", "purpose", "reason", "position", "time")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    purpose: str
    reason: _profile_pb2.ReadReason
    position: _profile_pb2.Position
    time: _timestamp_pb2.Timestamp
    def __init__(self, profile_id: _Optional[str] = ..., purpose: _Optional[str] = ..., reason: _Optional[_Union[_profile_pb2.ReadReason, _Mapping]] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class GetConsentReceiptResponse(_message.Message):
    __slots__ = ("receipt",)
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    receipt: str
    def __init__(self, receipt: _Optional[str] = ...) -> None: ...

import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from profile_service.v1 import events_pb2 as _events_pb2
from profile_service.v1 import profile_pb2 as _profile_pb2
from profile_service.v1 import recipient_pb2 as _recipient_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ObligationState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OBLIGATION_STATE_UNSPECIFIED: _ClassVar[ObligationState]
    OBLIGATION_STATE_OPEN: _ClassVar[ObligationState]
    OBLIGATION_STATE_ACKNOWLEDGED: _ClassVar[ObligationState]
OBLIGATION_STATE_UNSPECIFIED: ObligationState
OBLIGATION_STATE_OPEN: ObligationState
OBLIGATION_STATE_ACKNOWLEDGED: ObligationState

class RegisterRecipientRequest(_message.Message):
    __slots__ = ("request_id", "recipient")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    recipient: _recipient_pb2.Recipient
    def __init__(self, request_id: _Optional[str] = ..., recipient: _Optional[_Union[_recipient_pb2.Recipient, _Mapping]] = ...) -> None: ...

class RegisterRecipientResponse(_message.Message):
    __slots__ = ("recipient_id", "position")
    RECIPIENT_ID_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    recipient_id: str
    position: _profile_pb2.Position
    def __init__(self, recipient_id: _Optional[str] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class UpdateRecipientRequest(_message.Message):
    __slots__ = ("request_id", "recipient_id", "recipient", "update_mask")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_ID_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    recipient_id: str
    recipient: _recipient_pb2.Recipient
    update_mask: _field_mask_pb2.FieldMask
    def __init__(self, request_id: _Optional[str] = ..., recipient_id: _Optional[str] = ..., recipient: _Optional[_Union[_recipient_pb2.Recipient, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ...) -> None: ...

class UpdateRecipientResponse(_message.Message):
    __slots__ = ("position",)
    POSITION_FIELD_NUMBER: _ClassVar[int]
    position: _profile_pb2.Position
    def __init__(self, position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class EndRecipientRequest(_message.Message):
    __slots__ = ("request_id", "recipient_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    recipient_id: str
    def __init__(self, request_id: _Optional[str] = ..., recipient_id: _Optional[str] = ...) -> None: ...

class EndRecipientResponse(_message.Message):
    __slots__ = ("position",)
    POSITION_FIELD_NUMBER: _ClassVar[int]
    position: _profile_pb2.Position
    def __init__(self, position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class GetRecipientRequest(_message.Message):
    __slots__ = ("recipient_id", "at_least_position")
    RECIPIENT_ID_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_POSITION_FIELD_NUMBER: _ClassVar[int]
    recipient_id: str
    at_least_position: _profile_pb2.Position
    def __init__(self, recipient_id: _Optional[str] = ..., at_least_position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class GetRecipientResponse(_message.Message):
    __slots__ = ("recipient", "position")
    RECIPIENT_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    recipient: _recipient_pb2.Recipient
    position: _profile_pb2.Position
    def __init__(self, recipient: _Optional[_Union[_recipient_pb2.Recipient, _Mapping]] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class ListRecipientsRequest(_message.Message):
    __slots__ = ("profile_id", "reason", "at_least_position", "page_size", "page_token")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_POSITION_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    reason: _profile_pb2.ReadReason
    at_least_position: _profile_pb2.Position
    page_size: int
    page_token: str
    def __init__(self, profile_id: _Optional[str] = ..., reason: _Optional[_Union[_profile_pb2.ReadReason, _Mapping]] = ..., at_least_position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListRecipientsResponse(_message.Message):
    __slots__ = ("recipients", "next_page_token", "position")
    RECIPIENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    recipients: _containers.RepeatedCompositeFieldContainer[_recipient_pb2.Recipient]
    next_page_token: str
    position: _profile_pb2.Position
    def __init__(self, recipients: _Optional[_Iterable[_Union[_recipient_pb2.Recipient, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class DiscloseProfileRequest(_message.Message):
    __slots__ = ("request_id", "profile_id", "recipient_id", "fields", "reason", "legal_reference")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_ID_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    LEGAL_REFERENCE_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    profile_id: str
    recipient_id: str
    fields: _field_mask_pb2.FieldMask
    reason: _profile_pb2.ReadReason
    legal_reference: str
    def __init__(self, request_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., recipient_id: _Optional[str] = ..., fields: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., reason: _Optional[_Union[_profile_pb2.ReadReason, _Mapping]] = ..., legal_reference: _Optional[str] = ...) -> None: ...

class DiscloseProfileResponse(_message.Message):
    __slots__ = ("profile", "position")
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    profile: _profile_pb2.Profile
    position: _profile_pb2.Position
    def __init__(self, profile: _Optional[_Union[_profile_pb2.Profile, _Mapping]] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class ListDisclosuresRequest(_message.Message):
    __slots__ = ("profile_id", "reason", "at_least_position", "page_size", "page_token")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_POSITION_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    reason: _profile_pb2.ReadReason
    at_least_position: _profile_pb2.Position
    page_size: int
    page_token: str
    def __init__(self, profile_id: _Optional[str] = ..., reason: _Optional[_Union[_profile_pb2.ReadReason, _Mapping]] = ..., at_least_position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListDisclosuresResponse(_message.Message):
    __slots__ = ("disclosures", "next_page_token", "position")
    DISCLOSURES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    disclosures: _containers.RepeatedCompositeFieldContainer[Disclosure]
    next_page_token: str
    position: _profile_pb2.Position
    def __init__(self, disclosures: _Optional[_Iterable[_Union[Disclosure, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class Disclosure(_message.Message):
    __slots__ = ("recipient_id", "fields", "purpose", "legal_basis", "legal_reference", "time", "position")
    RECIPIENT_ID_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    LEGAL_BASIS_FIELD_NUMBER: _ClassVar[int]
    LEGAL_REFERENCE_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    recipient_id: str
    fields: _containers.RepeatedScalarFieldContainer[str]
    purpose: str
    legal_basis: _profile_pb2.LegalBasis
    legal_reference: str
    time: _timestamp_pb2.Timestamp
    position: _profile_pb2.Position
    def __init__(self, recipient_id: _Optional[str] = ..., fields: _Optional[_Iterable[str]] = ..., purpose: _Optional[str] = ..., legal_basis: _Optional[_Union[_profile_pb2.LegalBasis, str]] = ..., legal_reference: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class ListObligationsRequest(_message.Message):
    __slots__ = ("profile_id", "recipient_id", "state", "reason", "at_least_position", "page_size", "page_token")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_POSITION_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    recipient_id: str
    state: ObligationState
    reason: _profile_pb2.ReadReason
    at_least_position: _profile_pb2.Position
    page_size: int
    page_token: str
    def __init__(self, profile_id: _Optional[str] = ..., recipient_id: _Optional[str] = ..., state: _Optional[_Union[ObligationState, str]] = ..., reason: _Optional[_Union[_profile_pb2.ReadReason, _Mapping]] = ..., at_least_position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListObligationsResponse(_message.Message):
    __slots__ = ("obligations", "next_page_token", "position")
    OBLIGATIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    obligations: _containers.RepeatedCompositeFieldContainer[Obligation]
    next_page_token: str
    position: _profile_pb2.Position
    def __init__(self, obligations: _Optional[_Iterable[_Union[Obligation, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class Obligation(_message.Message):
    __slots__ = ("obligation_id", "recipient_id", "profile_id", "kind", "fields", "state", "open_time", "acknowledge_time", "attempts", "cause_position")
    OBLIGATION_ID_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    OPEN_TIME_FIELD_NUMBER: _ClassVar[int]
    ACKNOWLEDGE_TIME_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    CAUSE_POSITION_FIELD_NUMBER: _ClassVar[int]
    obligation_id: str
    recipient_id: str
    profile_id: str
    kind: _events_pb2.ObligationKind
    fields: _containers.RepeatedScalarFieldContainer[str]
    state: ObligationState
    open_time: _timestamp_pb2.Timestamp
    acknowledge_time: _timestamp_pb2.Timestamp
    attempts: int
    cause_position: _profile_pb2.Position
    def __init__(self, obligation_id: _Optional[str] = ..., recipient_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., kind: _Optional[_Union[_events_pb2.ObligationKind, str]] = ..., fields: _Optional[_Iterable[str]] = ..., state: _Optional[_Union[ObligationState, str]] = ..., open_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., acknowledge_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., attempts: _Optional[int] = ..., cause_position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

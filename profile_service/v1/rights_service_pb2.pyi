import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from profile_service.v1 import annotations_pb2 as _annotations_pb2
from profile_service.v1 import events_pb2 as _events_pb2
from profile_service.v1 import profile_pb2 as _profile_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ErasureFinality(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ERASURE_FINALITY_UNSPECIFIED: _ClassVar[ErasureFinality]
    ERASURE_FINALITY_LIVE_ONLY: _ClassVar[ErasureFinality]
    ERASURE_FINALITY_EPOCH_CLOSE_PENDING: _ClassVar[ErasureFinality]
    ERASURE_FINALITY_EPOCH_CLOSED: _ClassVar[ErasureFinality]
    ERASURE_FINALITY_FINAL: _ClassVar[ErasureFinality]

class ExportKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EXPORT_KIND_UNSPECIFIED: _ClassVar[ExportKind]
    EXPORT_KIND_ACCESS: _ClassVar[ExportKind]
    EXPORT_KIND_PORTABILITY: _ClassVar[ExportKind]

class ExportFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EXPORT_FORMAT_UNSPECIFIED: _ClassVar[ExportFormat]
    EXPORT_FORMAT_JSON: _ClassVar[ExportFormat]
    EXPORT_FORMAT_HTML: _ClassVar[ExportFormat]
ERASURE_FINALITY_UNSPECIFIED: ErasureFinality
ERASURE_FINALITY_LIVE_ONLY: ErasureFinality
ERASURE_FINALITY_EPOCH_CLOSE_PENDING: ErasureFinality
ERASURE_FINALITY_EPOCH_CLOSED: ErasureFinality
ERASURE_FINALITY_FINAL: ErasureFinality
EXPORT_KIND_UNSPECIFIED: ExportKind
EXPORT_KIND_ACCESS: ExportKind
EXPORT_KIND_PORTABILITY: ExportKind
EXPORT_FORMAT_UNSPECIFIED: ExportFormat
EXPORT_FORMAT_JSON: ExportFormat
EXPORT_FORMAT_HTML: ExportFormat

class EraseProfileRequest(_message.Message):
    __slots__ = ("request_id", "profile_id", "legal_basis", "requested_by", "erasure_reason", "channel", "never_contact_again")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    LEGAL_BASIS_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_BY_FIELD_NUMBER: _ClassVar[int]
    ERASURE_REASON_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    NEVER_CONTACT_AGAIN_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    profile_id: str
    legal_basis: _profile_pb2.LegalBasis
    requested_by: _events_pb2.ErasureRequester
    erasure_reason: _events_pb2.ErasureReason
    channel: _profile_pb2.Channel
    never_contact_again: bool
    def __init__(self, request_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., legal_basis: _Optional[_Union[_profile_pb2.LegalBasis, str]] = ..., requested_by: _Optional[_Union[_events_pb2.ErasureRequester, str]] = ..., erasure_reason: _Optional[_Union[_events_pb2.ErasureReason, str]] = ..., channel: _Optional[_Union[_profile_pb2.Channel, str]] = ..., never_contact_again: _Optional[bool] = ...) -> None: ...

class EraseProfileResponse(_message.Message):
    __slots__ = ("erased_live", "finality", "final_by", "position", "contact_suppressed")
    ERASED_LIVE_FIELD_NUMBER: _ClassVar[int]
    FINALITY_FIELD_NUMBER: _ClassVar[int]
    FINAL_BY_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    CONTACT_SUPPRESSED_FIELD_NUMBER: _ClassVar[int]
    erased_live: bool
    finality: ErasureFinality
    final_by: _timestamp_pb2.Timestamp
    position: _profile_pb2.Position
    contact_suppressed: bool
    def __init__(self, erased_live: _Optional[bool] = ..., finality: _Optional[_Union[ErasureFinality, str]] = ..., final_by: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ..., contact_suppressed: _Optional[bool] = ...) -> None: ...

class GetErasureCertificateRequest(_message.Message):
    __slots__ = ("profile_id",)
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    def __init__(self, profile_id: _Optional[str] = ...) -> None: ...

class GetErasureCertificateResponse(_message.Message):
    __slots__ = ("certificate",)
    CERTIFICATE_FIELD_NUMBER: _ClassVar[int]
    certificate: str
    def __init__(self, certificate: _Optional[str] = ...) -> None: ...

class GetCertificateKeyRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetCertificateKeyResponse(_message.Message):
    __slots__ = ("key",)
    KEY_FIELD_NUMBER: _ClassVar[int]
    key: str
    def __init__(self, key: _Optional[str] = ...) -> None: ...

class SuppressContactRequest(_message.Message):
    __slots__ = ("request_id", "profile_id", "email", "legal_basis", "suppression_reason", "channel")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    LEGAL_BASIS_FIELD_NUMBER: _ClassVar[int]
    SUPPRESSION_REASON_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    profile_id: str
    email: str
    legal_basis: _profile_pb2.LegalBasis
    suppression_reason: _events_pb2.SuppressionReason
    channel: _profile_pb2.Channel
    def __init__(self, request_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., email: _Optional[str] = ..., legal_basis: _Optional[_Union[_profile_pb2.LegalBasis, str]] = ..., suppression_reason: _Optional[_Union[_events_pb2.SuppressionReason, str]] = ..., channel: _Optional[_Union[_profile_pb2.Channel, str]] = ...) -> None: ...

class SuppressContactResponse(_message.Message):
    __slots__ = ("position",)
    POSITION_FIELD_NUMBER: _ClassVar[int]
    position: _profile_pb2.Position
    def __init__(self, position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class CheckContactSuppressionRequest(_message.Message):
    __slots__ = ("profile_id", "email", "reason")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    email: str
    reason: _profile_pb2.ReadReason
    def __init__(self, profile_id: _Optional[str] = ..., email: _Optional[str] = ..., reason: _Optional[_Union[_profile_pb2.ReadReason, _Mapping]] = ...) -> None: ...

class CheckContactSuppressionResponse(_message.Message):
    __slots__ = ("suppressed", "since")
    SUPPRESSED_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    suppressed: bool
    since: _timestamp_pb2.Timestamp
    def __init__(self, suppressed: _Optional[bool] = ..., since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ExportProfileRequest(_message.Message):
    __slots__ = ("profile_id", "kind", "format", "language", "reason")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    kind: ExportKind
    format: ExportFormat
    language: str
    reason: _profile_pb2.ReadReason
    def __init__(self, profile_id: _Optional[str] = ..., kind: _Optional[_Union[ExportKind, str]] = ..., format: _Optional[_Union[ExportFormat, str]] = ..., language: _Optional[str] = ..., reason: _Optional[_Union[_profile_pb2.ReadReason, _Mapping]] = ...) -> None: ...

class ExportProfileResponse(_message.Message):
    __slots__ = ("chunk",)
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    chunk: bytes
    def __init__(self, chunk: _Optional[bytes] = ...) -> None: ...

class PreviewErasureRequest(_message.Message):
    __slots__ = ("profile_id", "reason", "language")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    reason: _profile_pb2.ReadReason
    language: str
    def __init__(self, profile_id: _Optional[str] = ..., reason: _Optional[_Union[_profile_pb2.ReadReason, _Mapping]] = ..., language: _Optional[str] = ...) -> None: ...

class PreviewErasureResponse(_message.Message):
    __slots__ = ("goes", "stays", "position")
    GOES_FIELD_NUMBER: _ClassVar[int]
    STAYS_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    goes: _containers.RepeatedCompositeFieldContainer[ErasedFields]
    stays: _containers.RepeatedCompositeFieldContainer[StayingField]
    position: _profile_pb2.Position
    def __init__(self, goes: _Optional[_Iterable[_Union[ErasedFields, _Mapping]]] = ..., stays: _Optional[_Iterable[_Union[StayingField, _Mapping]]] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class ErasedFields(_message.Message):
    __slots__ = ("fact_type", "facts", "fields")
    FACT_TYPE_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    fact_type: str
    facts: int
    fields: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, fact_type: _Optional[str] = ..., facts: _Optional[int] = ..., fields: _Optional[_Iterable[str]] = ...) -> None: ...

class StayingField(_message.Message):
    __slots__ = ("fact_type", "facts", "field", "ground", "why")
    FACT_TYPE_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    GROUND_FIELD_NUMBER: _ClassVar[int]
    WHY_FIELD_NUMBER: _ClassVar[int]
    fact_type: str
    facts: int
    field: str
    ground: _annotations_pb2.OpenGround
    why: str
    def __init__(self, fact_type: _Optional[str] = ..., facts: _Optional[int] = ..., field: _Optional[str] = ..., ground: _Optional[_Union[_annotations_pb2.OpenGround, str]] = ..., why: _Optional[str] = ...) -> None: ...

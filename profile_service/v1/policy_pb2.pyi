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

class RetentionStart(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RETENTION_START_UNSPECIFIED: _ClassVar[RetentionStart]
    RETENTION_START_COLLECTION: _ClassVar[RetentionStart]
    RETENTION_START_CONSENT_WITHDRAWN: _ClassVar[RetentionStart]
    RETENTION_START_PROFILE_ERASED: _ClassVar[RetentionStart]
RETENTION_START_UNSPECIFIED: RetentionStart
RETENTION_START_COLLECTION: RetentionStart
RETENTION_START_CONSENT_WITHDRAWN: RetentionStart
RETENTION_START_PROFILE_ERASED: RetentionStart

class Policy(_message.Message):
    __slots__ = ("version", "texts", "controller", "data_protection_contact", "purposes", "effective_time", "changes", "publish_time")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    TEXTS_FIELD_NUMBER: _ClassVar[int]
    CONTROLLER_FIELD_NUMBER: _ClassVar[int]
    DATA_PROTECTION_CONTACT_FIELD_NUMBER: _ClassVar[int]
    PURPOSES_FIELD_NUMBER: _ClassVar[int]
    EFFECTIVE_TIME_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    PUBLISH_TIME_FIELD_NUMBER: _ClassVar[int]
    version: str
    texts: _containers.RepeatedCompositeFieldContainer[PolicyText]
    controller: PolicyContact
    data_protection_contact: PolicyContact
    purposes: _containers.RepeatedCompositeFieldContainer[PolicyPurpose]
    effective_time: _timestamp_pb2.Timestamp
    changes: _containers.RepeatedCompositeFieldContainer[PolicyWords]
    publish_time: _timestamp_pb2.Timestamp
    def __init__(self, version: _Optional[str] = ..., texts: _Optional[_Iterable[_Union[PolicyText, _Mapping]]] = ..., controller: _Optional[_Union[PolicyContact, _Mapping]] = ..., data_protection_contact: _Optional[_Union[PolicyContact, _Mapping]] = ..., purposes: _Optional[_Iterable[_Union[PolicyPurpose, _Mapping]]] = ..., effective_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., changes: _Optional[_Iterable[_Union[PolicyWords, _Mapping]]] = ..., publish_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class PolicyText(_message.Message):
    __slots__ = ("language", "text_hash", "url")
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    TEXT_HASH_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    language: str
    text_hash: bytes
    url: str
    def __init__(self, language: _Optional[str] = ..., text_hash: _Optional[bytes] = ..., url: _Optional[str] = ...) -> None: ...

class PolicyContact(_message.Message):
    __slots__ = ("office", "email")
    OFFICE_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    office: str
    email: str
    def __init__(self, office: _Optional[str] = ..., email: _Optional[str] = ...) -> None: ...

class PolicyWords(_message.Message):
    __slots__ = ("language", "text")
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    language: str
    text: str
    def __init__(self, language: _Optional[str] = ..., text: _Optional[str] = ...) -> None: ...

class PolicyPurpose(_message.Message):
    __slots__ = ("purpose", "titles", "legal_basis", "retention", "asks_consent", "consent_texts", "direct_marketing", "requires_reconsent")
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    TITLES_FIELD_NUMBER: _ClassVar[int]
    LEGAL_BASIS_FIELD_NUMBER: _ClassVar[int]
    RETENTION_FIELD_NUMBER: _ClassVar[int]
    ASKS_CONSENT_FIELD_NUMBER: _ClassVar[int]
    CONSENT_TEXTS_FIELD_NUMBER: _ClassVar[int]
    DIRECT_MARKETING_FIELD_NUMBER: _ClassVar[int]
    REQUIRES_RECONSENT_FIELD_NUMBER: _ClassVar[int]
    purpose: str
    titles: _containers.RepeatedCompositeFieldContainer[PolicyWords]
    legal_basis: _profile_pb2.LegalBasis
    retention: RetentionPeriod
    asks_consent: bool
    consent_texts: _containers.RepeatedCompositeFieldContainer[ConsentText]
    direct_marketing: bool
    requires_reconsent: bool
    def __init__(self, purpose: _Optional[str] = ..., titles: _Optional[_Iterable[_Union[PolicyWords, _Mapping]]] = ..., legal_basis: _Optional[_Union[_profile_pb2.LegalBasis, str]] = ..., retention: _Optional[_Union[RetentionPeriod, _Mapping]] = ..., asks_consent: _Optional[bool] = ..., consent_texts: _Optional[_Iterable[_Union[ConsentText, _Mapping]]] = ..., direct_marketing: _Optional[bool] = ..., requires_reconsent: _Optional[bool] = ...) -> None: ...

class ConsentText(_message.Message):
    __slots__ = ("language", "text_hash")
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    TEXT_HASH_FIELD_NUMBER: _ClassVar[int]
    language: str
    text_hash: bytes
    def __init__(self, language: _Optional[str] = ..., text_hash: _Optional[bytes] = ...) -> None: ...

class RetentionPeriod(_message.Message):
    __slots__ = ("start", "months")
    START_FIELD_NUMBER: _ClassVar[int]
    MONTHS_FIELD_NUMBER: _ClassVar[int]
    start: RetentionStart
    months: int
    def __init__(self, start: _Optional[_Union[RetentionStart, str]] = ..., months: _Optional[int] = ...) -> None: ...

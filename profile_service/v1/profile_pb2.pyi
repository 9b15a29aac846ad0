import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.type import date_pb2 as _date_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Gender(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GENDER_UNSPECIFIED: _ClassVar[Gender]
    GENDER_FEMALE: _ClassVar[Gender]
    GENDER_MALE: _ClassVar[Gender]
    GENDER_X: _ClassVar[Gender]

class ContactChannel(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONTACT_CHANNEL_UNSPECIFIED: _ClassVar[ContactChannel]
    CONTACT_CHANNEL_EMAIL: _ClassVar[ContactChannel]
    CONTACT_CHANNEL_PHONE: _ClassVar[ContactChannel]
    CONTACT_CHANNEL_SMS: _ClassVar[ContactChannel]
    CONTACT_CHANNEL_POST: _ClassVar[ContactChannel]
    CONTACT_CHANNEL_APP: _ClassVar[ContactChannel]

class Channel(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHANNEL_UNSPECIFIED: _ClassVar[Channel]
    CHANNEL_WEB: _ClassVar[Channel]
    CHANNEL_APP: _ClassVar[Channel]
    CHANNEL_DESK: _ClassVar[Channel]
    CHANNEL_PHONE: _ClassVar[Channel]
    CHANNEL_PAPER: _ClassVar[Channel]
    CHANNEL_IMPORT: _ClassVar[Channel]
    CHANNEL_SERVICE: _ClassVar[Channel]
    CHANNEL_EMAIL: _ClassVar[Channel]

class LegalBasis(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LEGAL_BASIS_UNSPECIFIED: _ClassVar[LegalBasis]
    LEGAL_BASIS_CONSENT: _ClassVar[LegalBasis]
    LEGAL_BASIS_CONTRACT: _ClassVar[LegalBasis]
    LEGAL_BASIS_LEGAL_OBLIGATION: _ClassVar[LegalBasis]
    LEGAL_BASIS_VITAL_INTERESTS: _ClassVar[LegalBasis]
    LEGAL_BASIS_PUBLIC_TASK: _ClassVar[LegalBasis]
    LEGAL_BASIS_LEGITIMATE_INTERESTS: _ClassVar[LegalBasis]
GENDER_UNSPECIFIED: Gender
GENDER_FEMALE: Gender
GENDER_MALE: Gender
GENDER_X: Gender
CONTACT_CHANNEL_UNSPECIFIED: ContactChannel
CONTACT_CHANNEL_EMAIL: ContactChannel
CONTACT_CHANNEL_PHONE: ContactChannel
CONTACT_CHANNEL_SMS: ContactChannel
CONTACT_CHANNEL_POST: ContactChannel
CONTACT_CHANNEL_APP: ContactChannel
CHANNEL_UNSPECIFIED: Channel
CHANNEL_WEB: Channel
CHANNEL_APP: Channel
CHANNEL_DESK: Channel
CHANNEL_PHONE: Channel
CHANNEL_PAPER: Channel
CHANNEL_IMPORT: Channel
CHANNEL_SERVICE: Channel
CHANNEL_EMAIL: Channel
LEGAL_BASIS_UNSPECIFIED: LegalBasis
LEGAL_BASIS_CONSENT: LegalBasis
LEGAL_BASIS_CONTRACT: LegalBasis
LEGAL_BASIS_LEGAL_OBLIGATION: LegalBasis
LEGAL_BASIS_VITAL_INTERESTS: LegalBasis
LEGAL_BASIS_PUBLIC_TASK: LegalBasis
LEGAL_BASIS_LEGITIMATE_INTERESTS: LegalBasis

class Profile(_message.Message):
    __slots__ = ("profile_id", "etag", "email", "given_name", "family_name", "date_of_birth", "gender", "post_code", "language", "phone", "address", "interests", "preferred_channel", "email_verified", "policy_version", "create_time", "update_time", "verified_fields", "supplemented_fields")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    GIVEN_NAME_FIELD_NUMBER: _ClassVar[int]
    FAMILY_NAME_FIELD_NUMBER: _ClassVar[int]
    DATE_OF_BIRTH_FIELD_NUMBER: _ClassVar[int]
    GENDER_FIELD_NUMBER: _ClassVar[int]
    POST_CODE_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    PHONE_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    INTERESTS_FIELD_NUMBER: _ClassVar[int]
    PREFERRED_CHANNEL_FIELD_NUMBER: _ClassVar[int]
    EMAIL_VERIFIED_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    VERIFIED_FIELDS_FIELD_NUMBER: _ClassVar[int]
    SUPPLEMENTED_FIELDS_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    etag: str
    email: str
    given_name: str
    family_name: str
    date_of_birth: _date_pb2.Date
    gender: Gender
    post_code: str
    language: str
    phone: str
    address: Address
    interests: Interests
    preferred_channel: ContactChannel
    email_verified: bool
    policy_version: str
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    verified_fields: _containers.RepeatedScalarFieldContainer[str]
    supplemented_fields: _containers.RepeatedCompositeFieldContainer[SupplementedField]
    def __init__(self, profile_id: _Optional[str] = ..., etag: _Optional[str] = ..., email: _Optional[str] = ..., given_name: _Optional[str] = ..., family_name: _Optional[str] = ..., date_of_birth: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., gender: _Optional[_Union[Gender, str]] = ..., post_code: _Optional[str] = ..., language: _Optional[str] = ..., phone: _Optional[str] = ..., address: _Optional[_Union[Address, _Mapping]] = ..., interests: _Optional[_Union[Interests, _Mapping]] = ..., preferred_channel: _Optional[_Union[ContactChannel, str]] = ..., email_verified: _Optional[bool] = ..., policy_version: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., verified_fields: _Optional[_Iterable[str]] = ..., supplemented_fields: _Optional[_Iterable[_Union[SupplementedField, _Mapping]]] = ...) -> None: ...

class SupplementedField(_message.Message):
    __slots__ = ("field", "source", "source_name")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_NAME_FIELD_NUMBER: _ClassVar[int]
    field: str
    source: str
    source_name: str
    def __init__(self, field: _Optional[str] = ..., source: _Optional[str] = ..., source_name: _Optional[str] = ...) -> None: ...

class Address(_message.Message):
    __slots__ = ("street", "house_number", "box", "post_code", "municipality", "country")
    STREET_FIELD_NUMBER: _ClassVar[int]
    HOUSE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    BOX_FIELD_NUMBER: _ClassVar[int]
    POST_CODE_FIELD_NUMBER: _ClassVar[int]
    MUNICIPALITY_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    street: str
    house_number: str
    box: str
    post_code: str
    municipality: str
    country: str
    def __init__(self, street: _Optional[str] = ..., house_number: _Optional[str] = ..., box: _Optional[str] = ..., post_code: _Optional[str] = ..., municipality: _Optional[str] = ..., country: _Optional[str] = ...) -> None: ...

class Interests(_message.Message):
    __slots__ = ("topics",)
    TOPICS_FIELD_NUMBER: _ClassVar[int]
    topics: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, topics: _Optional[_Iterable[str]] = ...) -> None: ...

class ReadReason(_message.Message):
    __slots__ = ("purpose", "legal_basis", "on_behalf_of")
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    LEGAL_BASIS_FIELD_NUMBER: _ClassVar[int]
    ON_BEHALF_OF_FIELD_NUMBER: _ClassVar[int]
    purpose: str
    legal_basis: LegalBasis
    on_behalf_of: str
    def __init__(self, purpose: _Optional[str] = ..., legal_basis: _Optional[_Union[LegalBasis, str]] = ..., on_behalf_of: _Optional[str] = ...) -> None: ...

class AgeBand(_message.Message):
    __slots__ = ("from_age", "to_age")
    FROM_AGE_FIELD_NUMBER: _ClassVar[int]
    TO_AGE_FIELD_NUMBER: _ClassVar[int]
    from_age: int
    to_age: int
    def __init__(self, from_age: _Optional[int] = ..., to_age: _Optional[int] = ...) -> None: ...

class Position(_message.Message):
    __slots__ = ("value", "log_id")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    LOG_ID_FIELD_NUMBER: _ClassVar[int]
    value: int
    log_id: str
    def __init__(self, value: _Optional[int] = ..., log_id: _Optional[str] = ...) -> None: ...

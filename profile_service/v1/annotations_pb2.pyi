from google.protobuf import descriptor_pb2 as _descriptor_pb2
from profile_service.v1 import profile_pb2 as _profile_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DataCategory(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DATA_CATEGORY_UNSPECIFIED: _ClassVar[DataCategory]
    DATA_CATEGORY_IDENTITY: _ClassVar[DataCategory]
    DATA_CATEGORY_CONTACT: _ClassVar[DataCategory]
    DATA_CATEGORY_PREFERENCE: _ClassVar[DataCategory]
    DATA_CATEGORY_ANSWER: _ClassVar[DataCategory]
    DATA_CATEGORY_LEGAL: _ClassVar[DataCategory]

class Retention(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RETENTION_UNSPECIFIED: _ClassVar[Retention]
    RETENTION_LIFE_OF_PROFILE: _ClassVar[Retention]

class DataSource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DATA_SOURCE_UNSPECIFIED: _ClassVar[DataSource]
    DATA_SOURCE_PERSON: _ClassVar[DataSource]
    DATA_SOURCE_CITY: _ClassVar[DataSource]
    DATA_SOURCE_AUTHORITY: _ClassVar[DataSource]
    DATA_SOURCE_OTHER: _ClassVar[DataSource]

class OpenGround(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OPEN_GROUND_UNSPECIFIED: _ClassVar[OpenGround]
    OPEN_GROUND_EVIDENCE: _ClassVar[OpenGround]
    OPEN_GROUND_REFERENCE: _ClassVar[OpenGround]
    OPEN_GROUND_PUBLIC: _ClassVar[OpenGround]

class ExportExclusion(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EXPORT_EXCLUSION_UNSPECIFIED: _ClassVar[ExportExclusion]
    EXPORT_EXCLUSION_ABOUT_NO_PERSON: _ClassVar[ExportExclusion]
    EXPORT_EXCLUSION_FOLLOWS_FROM_OTHERS: _ClassVar[ExportExclusion]
DATA_CATEGORY_UNSPECIFIED: DataCategory
DATA_CATEGORY_IDENTITY: DataCategory
DATA_CATEGORY_CONTACT: DataCategory
DATA_CATEGORY_PREFERENCE: DataCategory
DATA_CATEGORY_ANSWER: DataCategory
DATA_CATEGORY_LEGAL: DataCategory
RETENTION_UNSPECIFIED: Retention
RETENTION_LIFE_OF_PROFILE: Retention
DATA_SOURCE_UNSPECIFIED: DataSource
DATA_SOURCE_PERSON: DataSource
DATA_SOURCE_CITY: DataSource
DATA_SOURCE_AUTHORITY: DataSource
DATA_SOURCE_OTHER: DataSource
OPEN_GROUND_UNSPECIFIED: OpenGround
OPEN_GROUND_EVIDENCE: OpenGround
OPEN_GROUND_REFERENCE: OpenGround
OPEN_GROUND_PUBLIC: OpenGround
EXPORT_EXCLUSION_UNSPECIFIED: ExportExclusion
EXPORT_EXCLUSION_ABOUT_NO_PERSON: ExportExclusion
EXPORT_EXCLUSION_FOLLOWS_FROM_OTHERS: ExportExclusion
PURPOSE_FIELD_NUMBER: _ClassVar[int]
purpose: _descriptor.FieldDescriptor
EXPORT_EXCLUSION_FIELD_NUMBER: _ClassVar[int]
export_exclusion: _descriptor.FieldDescriptor
PERSONAL_FIELD_NUMBER: _ClassVar[int]
personal: _descriptor.FieldDescriptor
OPEN_FIELD_NUMBER: _ClassVar[int]
open: _descriptor.FieldDescriptor

class PersonalData(_message.Message):
    __slots__ = ("category", "purposes", "retention", "source")
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    PURPOSES_FIELD_NUMBER: _ClassVar[int]
    RETENTION_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    category: DataCategory
    purposes: _containers.RepeatedScalarFieldContainer[str]
    retention: Retention
    source: DataSource
    def __init__(self, category: _Optional[_Union[DataCategory, str]] = ..., purposes: _Optional[_Iterable[str]] = ..., retention: _Optional[_Union[Retention, str]] = ..., source: _Optional[_Union[DataSource, str]] = ...) -> None: ...

class Purpose(_message.Message):
    __slots__ = ("id", "legal_basis", "evidence")
    ID_FIELD_NUMBER: _ClassVar[int]
    LEGAL_BASIS_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    id: str
    legal_basis: _profile_pb2.LegalBasis
    evidence: bool
    def __init__(self, id: _Optional[str] = ..., legal_basis: _Optional[_Union[_profile_pb2.LegalBasis, str]] = ..., evidence: _Optional[bool] = ...) -> None: ...

class OpenData(_message.Message):
    __slots__ = ("ground",)
    GROUND_FIELD_NUMBER: _ClassVar[int]
    ground: OpenGround
    def __init__(self, ground: _Optional[_Union[OpenGround, str]] = ...) -> None: ...

from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class GuardianRelation(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GUARDIAN_RELATION_UNSPECIFIED: _ClassVar[GuardianRelation]
    GUARDIAN_RELATION_PARENT: _ClassVar[GuardianRelation]
    GUARDIAN_RELATION_COURT: _ClassVar[GuardianRelation]
    GUARDIAN_RELATION_FOSTER_CARE: _ClassVar[GuardianRelation]
    GUARDIAN_RELATION_UNACCOMPANIED_MINOR: _ClassVar[GuardianRelation]
GUARDIAN_RELATION_UNSPECIFIED: GuardianRelation
GUARDIAN_RELATION_PARENT: GuardianRelation
GUARDIAN_RELATION_COURT: GuardianRelation
GUARDIAN_RELATION_FOSTER_CARE: GuardianRelation
GUARDIAN_RELATION_UNACCOMPANIED_MINOR: GuardianRelation

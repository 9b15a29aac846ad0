from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from profile_service.v1 import profile_pb2 as _profile_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SelectAudienceRequest(_message.Message):
    __slots__ = ("purpose", "selection", "contact_mask", "after_profile_id", "reason")
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    SELECTION_FIELD_NUMBER: _ClassVar[int]
    CONTACT_MASK_FIELD_NUMBER: _ClassVar[int]
    AFTER_PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    purpose: str
    selection: AudienceSelection
    contact_mask: _field_mask_pb2.FieldMask
    after_profile_id: str
    reason: _profile_pb2.ReadReason
    def __init__(self, purpose: _Optional[str] = ..., selection: _Optional[_Union[AudienceSelection, _Mapping]] = ..., contact_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., after_profile_id: _Optional[str] = ..., reason: _Optional[_Union[_profile_pb2.ReadReason, _Mapping]] = ...) -> None: ...

class AudienceSelection(_message.Message):
    __slots__ = ("post_codes", "age_bands", "languages", "topics")
    POST_CODES_FIELD_NUMBER: _ClassVar[int]
    AGE_BANDS_FIELD_NUMBER: _ClassVar[int]
    LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    TOPICS_FIELD_NUMBER: _ClassVar[int]
    post_codes: _containers.RepeatedScalarFieldContainer[str]
    age_bands: _containers.RepeatedCompositeFieldContainer[_profile_pb2.AgeBand]
    languages: _containers.RepeatedScalarFieldContainer[str]
    topics: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, post_codes: _Optional[_Iterable[str]] = ..., age_bands: _Optional[_Iterable[_Union[_profile_pb2.AgeBand, _Mapping]]] = ..., languages: _Optional[_Iterable[str]] = ..., topics: _Optional[_Iterable[str]] = ...) -> None: ...

class SelectAudienceResponse(_message.Message):
    __slots__ = ("members", "position")
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    members: _containers.RepeatedCompositeFieldContainer[AudienceMember]
    position: _profile_pb2.Position
    def __init__(self, members: _Optional[_Iterable[_Union[AudienceMember, _Mapping]]] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class AudienceMember(_message.Message):
    __slots__ = ("profile_id", "contact")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    CONTACT_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    contact: _profile_pb2.Profile
    def __init__(self, profile_id: _Optional[str] = ..., contact: _Optional[_Union[_profile_pb2.Profile, _Mapping]] = ...) -> None: ...

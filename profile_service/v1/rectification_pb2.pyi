from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from profile_service.v1 import events_pb2 as _events_pb2
from profile_service.v1 import profile_pb2 as _profile_pb2
from profile_service.v1 import rights_pb2 as _rights_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RectifyProfileRequest(_message.Message):
    __slots__ = ("request_id", "profile_id", "profile", "update_mask", "etag", "basis", "requested_by", "rights_request_id", "identification", "channel")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_BY_FIELD_NUMBER: _ClassVar[int]
    RIGHTS_REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    IDENTIFICATION_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    profile_id: str
    profile: _profile_pb2.Profile
    update_mask: _field_mask_pb2.FieldMask
    etag: str
    basis: _rights_pb2.RectificationBasis
    requested_by: _events_pb2.ErasureRequester
    rights_request_id: str
    identification: _rights_pb2.Identification
    channel: _profile_pb2.Channel
    def __init__(self, request_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., profile: _Optional[_Union[_profile_pb2.Profile, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., etag: _Optional[str] = ..., basis: _Optional[_Union[_rights_pb2.RectificationBasis, str]] = ..., requested_by: _Optional[_Union[_events_pb2.ErasureRequester, str]] = ..., rights_request_id: _Optional[str] = ..., identification: _Optional[_Union[_rights_pb2.Identification, _Mapping]] = ..., channel: _Optional[_Union[_profile_pb2.Channel, str]] = ...) -> None: ...

class RectifyProfileResponse(_message.Message):
    __slots__ = ("position", "etag")
    POSITION_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    position: _profile_pb2.Position
    etag: str
    def __init__(self, position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ..., etag: _Optional[str] = ...) -> None: ...

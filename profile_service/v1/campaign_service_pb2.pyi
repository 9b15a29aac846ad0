import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from profile_service.v1 import campaign_pb2 as _campaign_pb2
from profile_service.v1 import profile_pb2 as _profile_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class OpenCampaignRequest(_message.Message):
    __slots__ = ("request_id", "campaign", "channel")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    campaign: _campaign_pb2.Campaign
    channel: _profile_pb2.Channel
    def __init__(self, request_id: _Optional[str] = ..., campaign: _Optional[_Union[_campaign_pb2.Campaign, _Mapping]] = ..., channel: _Optional[_Union[_profile_pb2.Channel, str]] = ...) -> None: ...

class OpenCampaignResponse(_message.Message):
    __slots__ = ("campaign_id", "position")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    position: _profile_pb2.Position
    def __init__(self, campaign_id: _Optional[str] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class CloseCampaignRequest(_message.Message):
    __slots__ = ("request_id", "campaign_id", "channel")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    campaign_id: str
    channel: _profile_pb2.Channel
    def __init__(self, request_id: _Optional[str] = ..., campaign_id: _Optional[str] = ..., channel: _Optional[_Union[_profile_pb2.Channel, str]] = ...) -> None: ...

class CloseCampaignResponse(_message.Message):
    __slots__ = ("position",)
    POSITION_FIELD_NUMBER: _ClassVar[int]
    position: _profile_pb2.Position
    def __init__(self, position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class GetCampaignRequest(_message.Message):
    __slots__ = ("campaign_id", "at_least_position")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_POSITION_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    at_least_position: _profile_pb2.Position
    def __init__(self, campaign_id: _Optional[str] = ..., at_least_position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class GetCampaignResponse(_message.Message):
    __slots__ = ("campaign", "position")
    CAMPAIGN_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    campaign: _campaign_pb2.Campaign
    position: _profile_pb2.Position
    def __init__(self, campaign: _Optional[_Union[_campaign_pb2.Campaign, _Mapping]] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class ListCampaignsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "state", "at_least_position")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_POSITION_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    state: _campaign_pb2.CampaignState
    at_least_position: _profile_pb2.Position
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., state: _Optional[_Union[_campaign_pb2.CampaignState, str]] = ..., at_least_position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class ListCampaignsResponse(_message.Message):
    __slots__ = ("campaigns", "next_page_token", "position")
    CAMPAIGNS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    campaigns: _containers.RepeatedCompositeFieldContainer[_campaign_pb2.Campaign]
    next_page_token: str
    position: _profile_pb2.Position
    def __init__(self, campaigns: _Optional[_Iterable[_Union[_campaign_pb2.Campaign, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class SignUpRequest(_message.Message):
    __slots__ = ("request_id", "profile_id", "campaign_id", "answers", "channel")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    profile_id: str
    campaign_id: str
    answers: _containers.RepeatedCompositeFieldContainer[_campaign_pb2.Answer]
    channel: _profile_pb2.Channel
    def __init__(self, request_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., campaign_id: _Optional[str] = ..., answers: _Optional[_Iterable[_Union[_campaign_pb2.Answer, _Mapping]]] = ..., channel: _Optional[_Union[_profile_pb2.Channel, str]] = ...) -> None: ...

class SignUpResponse(_message.Message):
    __slots__ = ("position",)
    POSITION_FIELD_NUMBER: _ClassVar[int]
    position: _profile_pb2.Position
    def __init__(self, position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class WithdrawSignUpRequest(_message.Message):
    __slots__ = ("request_id", "profile_id", "campaign_id", "channel")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    profile_id: str
    campaign_id: str
    channel: _profile_pb2.Channel
    def __init__(self, request_id: _Optional[str] = ..., profile_id: _Optional[str] = ..., campaign_id: _Optional[str] = ..., channel: _Optional[_Union[_profile_pb2.Channel, str]] = ...) -> None: ...

class WithdrawSignUpResponse(_message.Message):
    __slots__ = ("position",)
    POSITION_FIELD_NUMBER: _ClassVar[int]
    position: _profile_pb2.Position
    def __init__(self, position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class ListSignUpsRequest(_message.Message):
    __slots__ = ("campaign_id", "reason", "page_size", "page_token", "at_least_position")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_POSITION_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    reason: _profile_pb2.ReadReason
    page_size: int
    page_token: str
    at_least_position: _profile_pb2.Position
    def __init__(self, campaign_id: _Optional[str] = ..., reason: _Optional[_Union[_profile_pb2.ReadReason, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., at_least_position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class ListSignUpsResponse(_message.Message):
    __slots__ = ("sign_ups", "next_page_token", "position")
    SIGN_UPS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    sign_ups: _containers.RepeatedCompositeFieldContainer[CampaignSignUp]
    next_page_token: str
    position: _profile_pb2.Position
    def __init__(self, sign_ups: _Optional[_Iterable[_Union[CampaignSignUp, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class CampaignSignUp(_message.Message):
    __slots__ = ("profile_id", "answers", "sign_up_time")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    SIGN_UP_TIME_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    answers: _containers.RepeatedCompositeFieldContainer[_campaign_pb2.Answer]
    sign_up_time: _timestamp_pb2.Timestamp
    def __init__(self, profile_id: _Optional[str] = ..., answers: _Optional[_Iterable[_Union[_campaign_pb2.Answer, _Mapping]]] = ..., sign_up_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

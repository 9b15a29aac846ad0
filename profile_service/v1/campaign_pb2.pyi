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

class CampaignKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CAMPAIGN_KIND_UNSPECIFIED: _ClassVar[CampaignKind]
    CAMPAIGN_KIND_CAMPAIGN: _ClassVar[CampaignKind]
    CAMPAIGN_KIND_PROMOTION: _ClassVar[CampaignKind]
    CAMPAIGN_KIND_COMPETITION: _ClassVar[CampaignKind]

class CampaignState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CAMPAIGN_STATE_UNSPECIFIED: _ClassVar[CampaignState]
    CAMPAIGN_STATE_OPEN: _ClassVar[CampaignState]
    CAMPAIGN_STATE_CLOSED: _ClassVar[CampaignState]

class QuestionType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    QUESTION_TYPE_UNSPECIFIED: _ClassVar[QuestionType]
    QUESTION_TYPE_TEXT: _ClassVar[QuestionType]
    QUESTION_TYPE_YES_NO: _ClassVar[QuestionType]
    QUESTION_TYPE_NUMBER: _ClassVar[QuestionType]
    QUESTION_TYPE_DATE: _ClassVar[QuestionType]
    QUESTION_TYPE_SINGLE_CHOICE: _ClassVar[QuestionType]
    QUESTION_TYPE_MULTIPLE_CHOICE: _ClassVar[QuestionType]
CAMPAIGN_KIND_UNSPECIFIED: CampaignKind
CAMPAIGN_KIND_CAMPAIGN: CampaignKind
CAMPAIGN_KIND_PROMOTION: CampaignKind
CAMPAIGN_KIND_COMPETITION: CampaignKind
CAMPAIGN_STATE_UNSPECIFIED: CampaignState
CAMPAIGN_STATE_OPEN: CampaignState
CAMPAIGN_STATE_CLOSED: CampaignState
QUESTION_TYPE_UNSPECIFIED: QuestionType
QUESTION_TYPE_TEXT: QuestionType
QUESTION_TYPE_YES_NO: QuestionType
QUESTION_TYPE_NUMBER: QuestionType
QUESTION_TYPE_DATE: QuestionType
QUESTION_TYPE_SINGLE_CHOICE: QuestionType
QUESTION_TYPE_MULTIPLE_CHOICE: QuestionType

class Campaign(_message.Message):
    __slots__ = ("campaign_id", "title", "kind", "start_time", "end_time", "questions", "state", "sign_up_count")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    QUESTIONS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    SIGN_UP_COUNT_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    title: str
    kind: CampaignKind
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    questions: _containers.RepeatedCompositeFieldContainer[Question]
    state: CampaignState
    sign_up_count: int
    def __init__(self, campaign_id: _Optional[str] = ..., title: _Optional[str] = ..., kind: _Optional[_Union[CampaignKind, str]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., questions: _Optional[_Iterable[_Union[Question, _Mapping]]] = ..., state: _Optional[_Union[CampaignState, str]] = ..., sign_up_count: _Optional[int] = ...) -> None: ...

class Question(_message.Message):
    __slots__ = ("question_id", "text", "type", "required", "options")
    QUESTION_ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    REQUIRED_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    question_id: str
    text: str
    type: QuestionType
    required: bool
    options: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, question_id: _Optional[str] = ..., text: _Optional[str] = ..., type: _Optional[_Union[QuestionType, str]] = ..., required: _Optional[bool] = ..., options: _Optional[_Iterable[str]] = ...) -> None: ...

class Answer(_message.Message):
    __slots__ = ("question_id", "text", "yes_no", "number", "date", "choice", "choices")
    QUESTION_ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    YES_NO_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    CHOICE_FIELD_NUMBER: _ClassVar[int]
    CHOICES_FIELD_NUMBER: _ClassVar[int]
    question_id: str
    text: str
    yes_no: bool
    number: float
    date: _date_pb2.Date
    choice: str
    choices: Choices
    def __init__(self, question_id: _Optional[str] = ..., text: _Optional[str] = ..., yes_no: _Optional[bool] = ..., number: _Optional[float] = ..., date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., choice: _Optional[str] = ..., choices: _Optional[_Union[Choices, _Mapping]] = ...) -> None: ...

class Choices(_message.Message):
    __slots__ = ("options",)
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    options: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, options: _Optional[_Iterable[str]] = ...) -> None: ...

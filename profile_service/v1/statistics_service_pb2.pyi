from buf.validate import validate_pb2 as _validate_pb2
from google.type import date_pb2 as _date_pb2
from profile_service.v1 import profile_pb2 as _profile_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CellState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CELL_STATE_UNSPECIFIED: _ClassVar[CellState]
    CELL_STATE_COUNTED: _ClassVar[CellState]
    CELL_STATE_SMALL: _ClassVar[CellState]
    CELL_STATE_WITHHELD: _ClassVar[CellState]
CELL_STATE_UNSPECIFIED: CellState
CELL_STATE_COUNTED: CellState
CELL_STATE_SMALL: CellState
CELL_STATE_WITHHELD: CellState

class GetDailyCountsRequest(_message.Message):
    __slots__ = ("start_date", "end_date", "at_least_position")
    START_DATE_FIELD_NUMBER: _ClassVar[int]
    END_DATE_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_POSITION_FIELD_NUMBER: _ClassVar[int]
    start_date: _date_pb2.Date
    end_date: _date_pb2.Date
    at_least_position: _profile_pb2.Position
    def __init__(self, start_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., end_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., at_least_position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class GetDailyCountsResponse(_message.Message):
    __slots__ = ("days", "position")
    DAYS_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    days: _containers.RepeatedCompositeFieldContainer[DailyCounts]
    position: _profile_pb2.Position
    def __init__(self, days: _Optional[_Iterable[_Union[DailyCounts, _Mapping]]] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class DailyCounts(_message.Message):
    __slots__ = ("date", "registrations", "erasures", "consents", "sign_ups")
    DATE_FIELD_NUMBER: _ClassVar[int]
    REGISTRATIONS_FIELD_NUMBER: _ClassVar[int]
    ERASURES_FIELD_NUMBER: _ClassVar[int]
    CONSENTS_FIELD_NUMBER: _ClassVar[int]
    SIGN_UPS_FIELD_NUMBER: _ClassVar[int]
    date: _date_pb2.Date
    registrations: int
    erasures: int
    consents: _containers.RepeatedCompositeFieldContainer[ConsentCounts]
    sign_ups: _containers.RepeatedCompositeFieldContainer[SignUpCounts]
    def __init__(self, date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., registrations: _Optional[int] = ..., erasures: _Optional[int] = ..., consents: _Optional[_Iterable[_Union[ConsentCounts, _Mapping]]] = ..., sign_ups: _Optional[_Iterable[_Union[SignUpCounts, _Mapping]]] = ...) -> None: ...

class ConsentCounts(_message.Message):
    __slots__ = ("purpose", "given", "withdrawn", "objected")
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    GIVEN_FIELD_NUMBER: _ClassVar[int]
    WITHDRAWN_FIELD_NUMBER: _ClassVar[int]
    OBJECTED_FIELD_NUMBER: _ClassVar[int]
    purpose: str
    given: int
    withdrawn: int
    objected: int
    def __init__(self, purpose: _Optional[str] = ..., given: _Optional[int] = ..., withdrawn: _Optional[int] = ..., objected: _Optional[int] = ...) -> None: ...

class SignUpCounts(_message.Message):
    __slots__ = ("campaign_id", "signed_up", "withdrawn")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    SIGNED_UP_FIELD_NUMBER: _ClassVar[int]
    WITHDRAWN_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    signed_up: int
    withdrawn: int
    def __init__(self, campaign_id: _Optional[str] = ..., signed_up: _Optional[int] = ..., withdrawn: _Optional[int] = ...) -> None: ...

class GetLivingCountsRequest(_message.Message):
    __slots__ = ("reason", "at_least_position")
    REASON_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_POSITION_FIELD_NUMBER: _ClassVar[int]
    reason: _profile_pb2.ReadReason
    at_least_position: _profile_pb2.Position
    def __init__(self, reason: _Optional[_Union[_profile_pb2.ReadReason, _Mapping]] = ..., at_least_position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class GetLivingCountsResponse(_message.Message):
    __slots__ = ("age_bands", "post_codes", "date", "position")
    AGE_BANDS_FIELD_NUMBER: _ClassVar[int]
    POST_CODES_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    age_bands: _containers.RepeatedCompositeFieldContainer[_profile_pb2.AgeBand]
    post_codes: _containers.RepeatedCompositeFieldContainer[PostCodeCounts]
    date: _date_pb2.Date
    position: _profile_pb2.Position
    def __init__(self, age_bands: _Optional[_Iterable[_Union[_profile_pb2.AgeBand, _Mapping]]] = ..., post_codes: _Optional[_Iterable[_Union[PostCodeCounts, _Mapping]]] = ..., date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., position: _Optional[_Union[_profile_pb2.Position, _Mapping]] = ...) -> None: ...

class PostCodeCounts(_message.Message):
    __slots__ = ("post_code", "cells")
    POST_CODE_FIELD_NUMBER: _ClassVar[int]
    CELLS_FIELD_NUMBER: _ClassVar[int]
    post_code: str
    cells: _containers.RepeatedCompositeFieldContainer[CellCount]
    def __init__(self, post_code: _Optional[str] = ..., cells: _Optional[_Iterable[_Union[CellCount, _Mapping]]] = ...) -> None: ...

class CellCount(_message.Message):
    __slots__ = ("state", "count", "upper_bound")
    STATE_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    UPPER_BOUND_FIELD_NUMBER: _ClassVar[int]
    state: CellState
    count: int
    upper_bound: int
    def __init__(self, state: _Optional[_Union[CellState, str]] = ..., count: _Optional[int] = ..., upper_bound: _Optional[int] = ...) -> None: ...

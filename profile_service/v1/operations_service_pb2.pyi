import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from profile_service.v1 import parked_pb2 as _parked_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RebuildEnding(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REBUILD_ENDING_UNSPECIFIED: _ClassVar[RebuildEnding]
    REBUILD_ENDING_SWAP: _ClassVar[RebuildEnding]
    REBUILD_ENDING_HOLD: _ClassVar[RebuildEnding]
    REBUILD_ENDING_CHECK: _ClassVar[RebuildEnding]

class RebuildPhase(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REBUILD_PHASE_UNSPECIFIED: _ClassVar[RebuildPhase]
    REBUILD_PHASE_SLICES: _ClassVar[RebuildPhase]
    REBUILD_PHASE_INDEX: _ClassVar[RebuildPhase]
    REBUILD_PHASE_CATCH_UP: _ClassVar[RebuildPhase]
    REBUILD_PHASE_COMPARE: _ClassVar[RebuildPhase]
    REBUILD_PHASE_SWAPPED: _ClassVar[RebuildPhase]

class RebuildState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REBUILD_STATE_UNSPECIFIED: _ClassVar[RebuildState]
    REBUILD_STATE_RUNNING: _ClassVar[RebuildState]
    REBUILD_STATE_PAUSED: _ClassVar[RebuildState]
    REBUILD_STATE_INTERRUPTED: _ClassVar[RebuildState]
    REBUILD_STATE_FAILED: _ClassVar[RebuildState]
    REBUILD_STATE_DIFFERS: _ClassVar[RebuildState]
    REBUILD_STATE_READY: _ClassVar[RebuildState]
    REBUILD_STATE_SWAPPED: _ClassVar[RebuildState]
    REBUILD_STATE_CHECKED: _ClassVar[RebuildState]
    REBUILD_STATE_CANCELLED: _ClassVar[RebuildState]
    REBUILD_STATE_PARKS_TOO_MANY: _ClassVar[RebuildState]

class EpochState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EPOCH_STATE_UNSPECIFIED: _ClassVar[EpochState]
    EPOCH_STATE_OPEN: _ClassVar[EpochState]
    EPOCH_STATE_PREPARED: _ClassVar[EpochState]
    EPOCH_STATE_SWITCHED: _ClassVar[EpochState]
    EPOCH_STATE_BACKED_UP: _ClassVar[EpochState]
    EPOCH_STATE_DESTROYED: _ClassVar[EpochState]
    EPOCH_STATE_CLOSED: _ClassVar[EpochState]
REBUILD_ENDING_UNSPECIFIED: RebuildEnding
REBUILD_ENDING_SWAP: RebuildEnding
REBUILD_ENDING_HOLD: RebuildEnding
REBUILD_ENDING_CHECK: RebuildEnding
REBUILD_PHASE_UNSPECIFIED: RebuildPhase
REBUILD_PHASE_SLICES: RebuildPhase
REBUILD_PHASE_INDEX: RebuildPhase
REBUILD_PHASE_CATCH_UP: RebuildPhase
REBUILD_PHASE_COMPARE: RebuildPhase
REBUILD_PHASE_SWAPPED: RebuildPhase
REBUILD_STATE_UNSPECIFIED: RebuildState
REBUILD_STATE_RUNNING: RebuildState
REBUILD_STATE_PAUSED: RebuildState
REBUILD_STATE_INTERRUPTED: RebuildState
REBUILD_STATE_FAILED: RebuildState
REBUILD_STATE_DIFFERS: RebuildState
REBUILD_STATE_READY: RebuildState
REBUILD_STATE_SWAPPED: RebuildState
REBUILD_STATE_CHECKED: RebuildState
REBUILD_STATE_CANCELLED: RebuildState
REBUILD_STATE_PARKS_TOO_MANY: RebuildState
EPOCH_STATE_UNSPECIFIED: EpochState
EPOCH_STATE_OPEN: EpochState
EPOCH_STATE_PREPARED: EpochState
EPOCH_STATE_SWITCHED: EpochState
EPOCH_STATE_BACKED_UP: EpochState
EPOCH_STATE_DESTROYED: EpochState
EPOCH_STATE_CLOSED: EpochState

class ListProjectionsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListProjectionsResponse(_message.Message):
    __slots__ = ("projections", "head_position", "log_id")
    PROJECTIONS_FIELD_NUMBER: _ClassVar[int]
    HEAD_POSITION_FIELD_NUMBER: _ClassVar[int]
    LOG_ID_FIELD_NUMBER: _ClassVar[int]
    projections: _containers.RepeatedCompositeFieldContainer[Projection]
    head_position: int
    log_id: str
    def __init__(self, projections: _Optional[_Iterable[_Union[Projection, _Mapping]]] = ..., head_position: _Optional[int] = ..., log_id: _Optional[str] = ...) -> None: ...

class Projection(_message.Message):
    __slots__ = ("name", "position", "lag", "generation", "rows", "parked", "update_time", "rebuilding")
    NAME_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    LAG_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    PARKED_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    REBUILDING_FIELD_NUMBER: _ClassVar[int]
    name: str
    position: int
    lag: int
    generation: int
    rows: int
    parked: int
    update_time: _timestamp_pb2.Timestamp
    rebuilding: bool
    def __init__(self, name: _Optional[str] = ..., position: _Optional[int] = ..., lag: _Optional[int] = ..., generation: _Optional[int] = ..., rows: _Optional[int] = ..., parked: _Optional[int] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., rebuilding: _Optional[bool] = ...) -> None: ...

class RebuildProjectionRequest(_message.Message):
    __slots__ = ("name", "ending", "workers", "executor")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ENDING_FIELD_NUMBER: _ClassVar[int]
    WORKERS_FIELD_NUMBER: _ClassVar[int]
    EXECUTOR_FIELD_NUMBER: _ClassVar[int]
    name: str
    ending: RebuildEnding
    workers: int
    executor: str
    def __init__(self, name: _Optional[str] = ..., ending: _Optional[_Union[RebuildEnding, str]] = ..., workers: _Optional[int] = ..., executor: _Optional[str] = ...) -> None: ...

class RebuildProjectionResponse(_message.Message):
    __slots__ = ("phase", "slices_done", "slices", "events", "events_per_second", "generation", "rows", "rebuild")
    PHASE_FIELD_NUMBER: _ClassVar[int]
    SLICES_DONE_FIELD_NUMBER: _ClassVar[int]
    SLICES_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    EVENTS_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    REBUILD_FIELD_NUMBER: _ClassVar[int]
    phase: RebuildPhase
    slices_done: int
    slices: int
    events: int
    events_per_second: float
    generation: int
    rows: int
    rebuild: Rebuild
    def __init__(self, phase: _Optional[_Union[RebuildPhase, str]] = ..., slices_done: _Optional[int] = ..., slices: _Optional[int] = ..., events: _Optional[int] = ..., events_per_second: _Optional[float] = ..., generation: _Optional[int] = ..., rows: _Optional[int] = ..., rebuild: _Optional[_Union[Rebuild, _Mapping]] = ...) -> None: ...

class Rebuild(_message.Message):
    __slots__ = ("name", "state", "phase", "generation", "fingerprint", "slices_done", "slices", "events", "events_per_second", "rows", "time_left", "lag", "parked", "ending", "workers", "executor", "error", "live_rows", "differing_rows", "differing", "begin_time", "update_time", "parked_summary")
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    SLICES_DONE_FIELD_NUMBER: _ClassVar[int]
    SLICES_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    EVENTS_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    TIME_LEFT_FIELD_NUMBER: _ClassVar[int]
    LAG_FIELD_NUMBER: _ClassVar[int]
    PARKED_FIELD_NUMBER: _ClassVar[int]
    ENDING_FIELD_NUMBER: _ClassVar[int]
    WORKERS_FIELD_NUMBER: _ClassVar[int]
    EXECUTOR_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    LIVE_ROWS_FIELD_NUMBER: _ClassVar[int]
    DIFFERING_ROWS_FIELD_NUMBER: _ClassVar[int]
    DIFFERING_FIELD_NUMBER: _ClassVar[int]
    BEGIN_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    PARKED_SUMMARY_FIELD_NUMBER: _ClassVar[int]
    name: str
    state: RebuildState
    phase: RebuildPhase
    generation: int
    fingerprint: str
    slices_done: int
    slices: int
    events: int
    events_per_second: float
    rows: int
    time_left: _duration_pb2.Duration
    lag: int
    parked: int
    ending: RebuildEnding
    workers: int
    executor: str
    error: str
    live_rows: int
    differing_rows: int
    differing: _containers.RepeatedScalarFieldContainer[str]
    begin_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    parked_summary: _parked_pb2.ParkedSummary
    def __init__(self, name: _Optional[str] = ..., state: _Optional[_Union[RebuildState, str]] = ..., phase: _Optional[_Union[RebuildPhase, str]] = ..., generation: _Optional[int] = ..., fingerprint: _Optional[str] = ..., slices_done: _Optional[int] = ..., slices: _Optional[int] = ..., events: _Optional[int] = ..., events_per_second: _Optional[float] = ..., rows: _Optional[int] = ..., time_left: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., lag: _Optional[int] = ..., parked: _Optional[int] = ..., ending: _Optional[_Union[RebuildEnding, str]] = ..., workers: _Optional[int] = ..., executor: _Optional[str] = ..., error: _Optional[str] = ..., live_rows: _Optional[int] = ..., differing_rows: _Optional[int] = ..., differing: _Optional[_Iterable[str]] = ..., begin_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., parked_summary: _Optional[_Union[_parked_pb2.ParkedSummary, _Mapping]] = ...) -> None: ...

class GetRebuildRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetRebuildResponse(_message.Message):
    __slots__ = ("rebuild", "live_generation", "previous_generation")
    REBUILD_FIELD_NUMBER: _ClassVar[int]
    LIVE_GENERATION_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_GENERATION_FIELD_NUMBER: _ClassVar[int]
    rebuild: Rebuild
    live_generation: int
    previous_generation: int
    def __init__(self, rebuild: _Optional[_Union[Rebuild, _Mapping]] = ..., live_generation: _Optional[int] = ..., previous_generation: _Optional[int] = ...) -> None: ...

class PauseRebuildRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class PauseRebuildResponse(_message.Message):
    __slots__ = ("rebuild",)
    REBUILD_FIELD_NUMBER: _ClassVar[int]
    rebuild: Rebuild
    def __init__(self, rebuild: _Optional[_Union[Rebuild, _Mapping]] = ...) -> None: ...

class ResumeRebuildRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ResumeRebuildResponse(_message.Message):
    __slots__ = ("rebuild",)
    REBUILD_FIELD_NUMBER: _ClassVar[int]
    rebuild: Rebuild
    def __init__(self, rebuild: _Optional[_Union[Rebuild, _Mapping]] = ...) -> None: ...

class CancelRebuildRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class CancelRebuildResponse(_message.Message):
    __slots__ = ("rebuild",)
    REBUILD_FIELD_NUMBER: _ClassVar[int]
    rebuild: Rebuild
    def __init__(self, rebuild: _Optional[_Union[Rebuild, _Mapping]] = ...) -> None: ...

class SwapProjectionRequest(_message.Message):
    __slots__ = ("name", "accept_differences")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_DIFFERENCES_FIELD_NUMBER: _ClassVar[int]
    name: str
    accept_differences: bool
    def __init__(self, name: _Optional[str] = ..., accept_differences: _Optional[bool] = ...) -> None: ...

class SwapProjectionResponse(_message.Message):
    __slots__ = ("rebuild",)
    REBUILD_FIELD_NUMBER: _ClassVar[int]
    rebuild: Rebuild
    def __init__(self, rebuild: _Optional[_Union[Rebuild, _Mapping]] = ...) -> None: ...

class RollBackProjectionRequest(_message.Message):
    __slots__ = ("name", "generation")
    NAME_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    name: str
    generation: int
    def __init__(self, name: _Optional[str] = ..., generation: _Optional[int] = ...) -> None: ...

class RollBackProjectionResponse(_message.Message):
    __slots__ = ("live_generation", "previous_generation", "position", "events")
    LIVE_GENERATION_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_GENERATION_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    live_generation: int
    previous_generation: int
    position: int
    events: int
    def __init__(self, live_generation: _Optional[int] = ..., previous_generation: _Optional[int] = ..., position: _Optional[int] = ..., events: _Optional[int] = ...) -> None: ...

class VerifyProjectionRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class VerifyProjectionResponse(_message.Message):
    __slots__ = ("equal", "position", "rows", "expected_rows", "differing")
    EQUAL_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_ROWS_FIELD_NUMBER: _ClassVar[int]
    DIFFERING_FIELD_NUMBER: _ClassVar[int]
    equal: bool
    position: int
    rows: int
    expected_rows: int
    differing: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, equal: _Optional[bool] = ..., position: _Optional[int] = ..., rows: _Optional[int] = ..., expected_rows: _Optional[int] = ..., differing: _Optional[_Iterable[str]] = ...) -> None: ...

class GetKeyStatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetKeyStatusResponse(_message.Message):
    __slots__ = ("epoch", "profile_keys", "key_buckets", "dirty_key_buckets", "tag_buckets", "dirty_tag_buckets", "tombstones", "leases", "root_provider", "state", "open_time", "close_due_time", "overdue", "erasures_waiting", "oldest_waiting", "verified_backup_time", "verified_backup_digest", "erasures_stopped", "stopped_since", "root_keys", "unknown_root_keys")
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    PROFILE_KEYS_FIELD_NUMBER: _ClassVar[int]
    KEY_BUCKETS_FIELD_NUMBER: _ClassVar[int]
    DIRTY_KEY_BUCKETS_FIELD_NUMBER: _ClassVar[int]
    TAG_BUCKETS_FIELD_NUMBER: _ClassVar[int]
    DIRTY_TAG_BUCKETS_FIELD_NUMBER: _ClassVar[int]
    TOMBSTONES_FIELD_NUMBER: _ClassVar[int]
    LEASES_FIELD_NUMBER: _ClassVar[int]
    ROOT_PROVIDER_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    OPEN_TIME_FIELD_NUMBER: _ClassVar[int]
    CLOSE_DUE_TIME_FIELD_NUMBER: _ClassVar[int]
    OVERDUE_FIELD_NUMBER: _ClassVar[int]
    ERASURES_WAITING_FIELD_NUMBER: _ClassVar[int]
    OLDEST_WAITING_FIELD_NUMBER: _ClassVar[int]
    VERIFIED_BACKUP_TIME_FIELD_NUMBER: _ClassVar[int]
    VERIFIED_BACKUP_DIGEST_FIELD_NUMBER: _ClassVar[int]
    ERASURES_STOPPED_FIELD_NUMBER: _ClassVar[int]
    STOPPED_SINCE_FIELD_NUMBER: _ClassVar[int]
    ROOT_KEYS_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_ROOT_KEYS_FIELD_NUMBER: _ClassVar[int]
    epoch: int
    profile_keys: int
    key_buckets: int
    dirty_key_buckets: int
    tag_buckets: int
    dirty_tag_buckets: int
    tombstones: int
    leases: int
    root_provider: str
    state: EpochState
    open_time: _timestamp_pb2.Timestamp
    close_due_time: _timestamp_pb2.Timestamp
    overdue: bool
    erasures_waiting: int
    oldest_waiting: _containers.RepeatedCompositeFieldContainer[WaitingErasure]
    verified_backup_time: _timestamp_pb2.Timestamp
    verified_backup_digest: str
    erasures_stopped: int
    stopped_since: _timestamp_pb2.Timestamp
    root_keys: _containers.RepeatedScalarFieldContainer[str]
    unknown_root_keys: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, epoch: _Optional[int] = ..., profile_keys: _Optional[int] = ..., key_buckets: _Optional[int] = ..., dirty_key_buckets: _Optional[int] = ..., tag_buckets: _Optional[int] = ..., dirty_tag_buckets: _Optional[int] = ..., tombstones: _Optional[int] = ..., leases: _Optional[int] = ..., root_provider: _Optional[str] = ..., state: _Optional[_Union[EpochState, str]] = ..., open_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., close_due_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., overdue: _Optional[bool] = ..., erasures_waiting: _Optional[int] = ..., oldest_waiting: _Optional[_Iterable[_Union[WaitingErasure, _Mapping]]] = ..., verified_backup_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., verified_backup_digest: _Optional[str] = ..., erasures_stopped: _Optional[int] = ..., stopped_since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., root_keys: _Optional[_Iterable[str]] = ..., unknown_root_keys: _Optional[_Iterable[str]] = ...) -> None: ...

class WaitingErasure(_message.Message):
    __slots__ = ("profile_id", "epoch", "erase_time", "final_by")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    ERASE_TIME_FIELD_NUMBER: _ClassVar[int]
    FINAL_BY_FIELD_NUMBER: _ClassVar[int]
    profile_id: str
    epoch: int
    erase_time: _timestamp_pb2.Timestamp
    final_by: _timestamp_pb2.Timestamp
    def __init__(self, profile_id: _Optional[str] = ..., epoch: _Optional[int] = ..., erase_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., final_by: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class CloseEpochRequest(_message.Message):
    __slots__ = ("destroy_roots",)
    DESTROY_ROOTS_FIELD_NUMBER: _ClassVar[int]
    destroy_roots: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, destroy_roots: _Optional[_Iterable[str]] = ...) -> None: ...

class CloseEpochResponse(_message.Message):
    __slots__ = ("epoch", "state", "buckets_done", "buckets", "position")
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    BUCKETS_DONE_FIELD_NUMBER: _ClassVar[int]
    BUCKETS_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    epoch: int
    state: EpochState
    buckets_done: int
    buckets: int
    position: int
    def __init__(self, epoch: _Optional[int] = ..., state: _Optional[_Union[EpochState, str]] = ..., buckets_done: _Optional[int] = ..., buckets: _Optional[int] = ..., position: _Optional[int] = ...) -> None: ...

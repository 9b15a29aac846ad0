"""Why an operator is refused what was asked of a view; see `errors`."""

from __future__ import annotations

from profile_service.domain.errors import Refusal
from profile_service.v1 import error_reason_pb2 as reasons


class RebuildUnderWayError(Refusal):
    """A rebuild of this projection runs, is paused, or waits for its swap."""

    reason = reasons.ERROR_REASON_REBUILD_UNDER_WAY


class RebuildNotUnderWayError(Refusal):
    """Nobody rebuilds this projection."""

    reason = reasons.ERROR_REASON_REBUILD_NOT_UNDER_WAY


class NothingToSwapError(Refusal):
    """No rebuild left a generation ready."""

    reason = reasons.ERROR_REASON_NOTHING_TO_SWAP


class DifferentGenerationError(Refusal):
    """The generation that is ready is not equal to the live one."""

    reason = reasons.ERROR_REASON_REBUILD_DIFFERS


class NothingToRollBackToError(Refusal):
    """There is no generation before the live one that this version can read."""

    reason = reasons.ERROR_REASON_NOTHING_TO_ROLL_BACK_TO


class ExecutorNotAllowedError(Refusal):
    """The settings of this server do not name the executor."""

    reason = reasons.ERROR_REASON_EXECUTOR_NOT_ALLOWED


class NotParkedError(Refusal):
    """Nothing of this subject waits in this projection."""

    reason = reasons.ERROR_REASON_NOT_PARKED


class ParkedElsewhereError(Refusal):
    """The subject waits at another fact than the one that was named."""

    reason = reasons.ERROR_REASON_PARKED_ELSEWHERE


class FactNotSkippableError(Refusal):
    """The fact takes something back, so it can't be passed over."""

    reason = reasons.ERROR_REASON_FACT_NOT_SKIPPABLE


class TooManyParkedError(Refusal):
    """The generation parks more than the limit, so it is not swapped in."""

    reason = reasons.ERROR_REASON_TOO_MANY_PARKED

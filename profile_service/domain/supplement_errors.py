"""Why a profile is not supplemented; see `errors`."""

from __future__ import annotations

from profile_service.domain.errors import Refusal
from profile_service.v1 import error_reason_pb2 as reasons


class SourceNotAllowedError(Refusal):
    """The policy file does not name the source, or not for every field; `violations` says which."""

    reason = reasons.ERROR_REASON_SOURCE_NOT_ALLOWED


class StatedByPersonError(Refusal):
    """The person gave a value that was supplied, or said that there is none; `violations` says which."""

    reason = reasons.ERROR_REASON_STATED_BY_PERSON


class SupplementNotFoundError(Refusal):
    """The profile has no supplement with this id."""

    reason = reasons.ERROR_REASON_SUPPLEMENT_NOT_FOUND

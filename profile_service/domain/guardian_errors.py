"""Why a call is refused because of somebody's age or guardian; see `errors`."""

from __future__ import annotations

from profile_service.domain.errors import Refusal
from profile_service.v1 import error_reason_pb2 as reasons


class GuardianRequiredError(Refusal):
    """The person is too young to consent without a guardian."""

    reason = reasons.ERROR_REASON_GUARDIAN_REQUIRED


class OfAgeError(Refusal):
    """The person is not known to be a minor: nobody else acts for them."""

    reason = reasons.ERROR_REASON_OF_AGE


class NotAGuardianError(Refusal):
    """Whoever is named is no guardian of the person, or can't be one."""

    reason = reasons.ERROR_REASON_NOT_A_GUARDIAN

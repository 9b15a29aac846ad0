"""Why a call is refused because of what was published of the privacy policy; see `errors`."""

from __future__ import annotations

from profile_service.domain.errors import Refusal
from profile_service.v1 import error_reason_pb2 as reasons


class PolicyVersionUnknownError(Refusal):
    """No policy was published under this version."""

    reason = reasons.ERROR_REASON_POLICY_VERSION_UNKNOWN


class ConsentTextUnknownError(Refusal):
    """The version does not have this text for this purpose."""

    reason = reasons.ERROR_REASON_CONSENT_TEXT_UNKNOWN


class PolicyVersionTakenError(Refusal):
    """Another policy was published under this version."""

    reason = reasons.ERROR_REASON_POLICY_VERSION_TAKEN


class PolicyOutOfOrderError(Refusal):
    """The policy would not be effective after every one before it."""

    reason = reasons.ERROR_REASON_POLICY_OUT_OF_ORDER


class NoPolicyInEffectError(Refusal):
    """No policy was in effect at that time."""

    reason = reasons.ERROR_REASON_NO_POLICY_IN_EFFECT

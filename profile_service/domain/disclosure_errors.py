"""Why nothing is disclosed; see `errors`."""

from __future__ import annotations

from profile_service.domain.errors import Refusal
from profile_service.v1 import error_reason_pb2 as reasons


class RecipientNotFoundError(Refusal):
    """No recipient has this id."""

    reason = reasons.ERROR_REASON_RECIPIENT_NOT_FOUND


class RecipientNotCurrentError(Refusal):
    """The recipient was ended, its period is over or has not begun."""

    reason = reasons.ERROR_REASON_RECIPIENT_NOT_CURRENT


class FieldNotAllowedError(Refusal):
    """The recipient may not have a field that was asked for; `violations` says which."""

    reason = reasons.ERROR_REASON_FIELD_NOT_ALLOWED


class PurposeNotAllowedError(Refusal):
    """The recipient may not have data for this purpose."""

    reason = reasons.ERROR_REASON_PURPOSE_NOT_ALLOWED


class ConsentNotGivenError(Refusal):
    """The consent that the disclosure depends on is not given now."""

    reason = reasons.ERROR_REASON_CONSENT_NOT_GIVEN


class DisclosureGroundNotAllowedError(Refusal):
    """Nothing may be disclosed to a recipient of this kind on this legal basis."""

    reason = reasons.ERROR_REASON_DISCLOSURE_GROUND_NOT_ALLOWED

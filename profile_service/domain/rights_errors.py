"""Why the exercise of a right is refused; see `errors`."""

from __future__ import annotations

from profile_service.domain.errors import Refusal
from profile_service.v1 import error_reason_pb2 as reasons


class RightsRequestNotFoundError(Refusal):
    """The person made no request with this id."""

    reason = reasons.ERROR_REASON_RIGHTS_REQUEST_NOT_FOUND


class RightsRequestClosedError(Refusal):
    """The request was fulfilled or refused before."""

    reason = reasons.ERROR_REASON_RIGHTS_REQUEST_CLOSED


class IdentityNotVerifiedError(Refusal):
    """Who asks did not prove who they are at the level that the right needs."""

    reason = reasons.ERROR_REASON_IDENTITY_NOT_VERIFIED


class ExtensionNotAllowedError(Refusal):
    """The request was extended before, or its first month is over."""

    reason = reasons.ERROR_REASON_EXTENSION_NOT_ALLOWED


class RightHasItsCallError(Refusal):
    """Another call carries this right out, and fulfils the request."""

    reason = reasons.ERROR_REASON_RIGHT_HAS_ITS_CALL


class LegalHoldError(Refusal):
    """A legal hold stands, so nothing of the person may be erased."""

    reason = reasons.ERROR_REASON_LEGAL_HOLD


class LegalHoldNotFoundError(Refusal):
    """No hold with this id was ever placed on the person."""

    reason = reasons.ERROR_REASON_LEGAL_HOLD_NOT_FOUND

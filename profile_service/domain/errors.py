"""Every reason a call can be refused, as an exception: one class per `ErrorReason`.

What a refusal is on the wire (status, details) is not said here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, NamedTuple

from profile_service.v1 import error_reason_pb2 as reasons
from profile_service.v1.error_reason_pb2 import ErrorReason


class Violation(NamedTuple):
    """What is wrong with one field of a request.

    `field` is its path, such as "registration.email"; `description` is a sentence
    for the client's developer, and never contains the value.
    """

    field: str
    description: str


class Refusal(Exception):  # noqa: N818 - the root of errors is named after what it is to the caller
    """A call is refused for `reason`, and changed nothing. Its text holds no personal value."""

    reason: ClassVar[ErrorReason]

    def __init__(self, violations: Iterable[Violation] = ()) -> None:
        self.violations = tuple(violations)
        super().__init__(ErrorReason.Name(self.reason), *(violation.field for violation in self.violations))


class InvalidRequestError(Refusal):
    """Fields are malformed or impossible; `violations` says which."""

    reason = reasons.ERROR_REASON_INVALID_REQUEST


class UnknownFieldError(Refusal):
    """The request has a field that this server does not know."""

    reason = reasons.ERROR_REASON_UNKNOWN_FIELD


class DeadlineRequiredError(Refusal):
    """The client set no deadline."""

    reason = reasons.ERROR_REASON_DEADLINE_REQUIRED


class DeadlineTooShortError(Refusal):
    """Too little time was left when the call arrived."""

    reason = reasons.ERROR_REASON_DEADLINE_TOO_SHORT


class CallerNotAllowedError(Refusal):
    """The policy does not name the caller for this call."""

    reason = reasons.ERROR_REASON_CALLER_NOT_ALLOWED


class ReadReasonRequiredError(Refusal):
    """Personal data was asked for without saying why."""

    reason = reasons.ERROR_REASON_READ_REASON_REQUIRED


class RequestIdReusedError(Refusal):
    """The request id was used before, with another body."""

    reason = reasons.ERROR_REASON_REQUEST_ID_REUSED


class ProfileNotFoundError(Refusal):
    """No profile ever had this id."""

    reason = reasons.ERROR_REASON_PROFILE_NOT_FOUND


class ProfileErasedError(Refusal):
    """The person was erased; this is final."""

    reason = reasons.ERROR_REASON_PROFILE_ERASED


class ProfileParkedError(Refusal):
    """A fact of this person could not be applied to a view."""

    reason = reasons.ERROR_REASON_PROFILE_PARKED


class EmailTakenError(Refusal):
    """A living profile has this address."""

    reason = reasons.ERROR_REASON_EMAIL_TAKEN


class EmailReservedError(Refusal):
    """Another registration of this address is under way."""

    reason = reasons.ERROR_REASON_EMAIL_RESERVED


class EtagMismatchError(Refusal):
    """The etag is not that of the current version."""

    reason = reasons.ERROR_REASON_ETAG_MISMATCH


class ConcurrentChangeError(Refusal):
    """Others kept changing the same record."""

    reason = reasons.ERROR_REASON_CONCURRENT_CHANGE


class TokenInvalidError(Refusal):
    """The token is not one of ours, or was made for an earlier address."""

    reason = reasons.ERROR_REASON_TOKEN_INVALID


class TokenExpiredError(Refusal):
    """The token came too late."""

    reason = reasons.ERROR_REASON_TOKEN_EXPIRED


class TokenUsedError(Refusal):
    """The token was used before."""

    reason = reasons.ERROR_REASON_TOKEN_USED


class CampaignNotFoundError(Refusal):
    """No campaign has this id."""

    reason = reasons.ERROR_REASON_CAMPAIGN_NOT_FOUND


class CampaignClosedError(Refusal):
    """The campaign was closed, or its period is over."""

    reason = reasons.ERROR_REASON_CAMPAIGN_CLOSED


class CampaignNotStartedError(Refusal):
    """The campaign's period has not begun."""

    reason = reasons.ERROR_REASON_CAMPAIGN_NOT_STARTED


class AnswersInvalidError(Refusal):
    """The answers do not fit the questions; `violations` says which."""

    reason = reasons.ERROR_REASON_ANSWERS_INVALID


class SignUpNotFoundError(Refusal):
    """The person has not signed up for this campaign."""

    reason = reasons.ERROR_REASON_SIGN_UP_NOT_FOUND


class AlreadySignedUpError(Refusal):
    """The person has signed up, with other answers."""

    reason = reasons.ERROR_REASON_ALREADY_SIGNED_UP


class ServerBusyError(Refusal):
    """More writes wait than the server takes."""

    reason = reasons.ERROR_REASON_QUEUE_FULL


class PositionNotReachedError(Refusal):
    """The view did not reach the wanted position in time."""

    reason = reasons.ERROR_REASON_POSITION_NOT_REACHED


class PositionOfAnotherLogError(Refusal):
    """The position is of another log, or ahead of this one."""

    reason = reasons.ERROR_REASON_POSITION_OF_ANOTHER_LOG


class ProjectionNotFoundError(Refusal):
    """No projection has this name."""

    reason = reasons.ERROR_REASON_PROJECTION_NOT_FOUND


class PageTokenInvalidError(Refusal):
    """The page token was not made by this call, or for other filters."""

    reason = reasons.ERROR_REASON_PAGE_TOKEN_INVALID


class KeysRefusedError(Refusal):
    """The server holds no lease on the keys, so it opens nothing."""

    reason = reasons.ERROR_REASON_KEYS_UNAVAILABLE


class ServiceUnavailableError(Refusal):
    """A database can't be reached, or the server is stopping."""

    reason = reasons.ERROR_REASON_UNAVAILABLE


class InternalFaultError(Refusal):
    """A fault of ours."""

    reason = reasons.ERROR_REASON_INTERNAL


class DuplicateInImportError(Refusal):
    """Two items of one import have the same address."""

    reason = reasons.ERROR_REASON_DUPLICATE_IN_IMPORT


class MessageTooLargeError(Refusal):
    """The message is larger than the server takes."""

    reason = reasons.ERROR_REASON_MESSAGE_TOO_LARGE


class EpochNotClosedError(Refusal):
    """The close of the keys' epoch could not go on; it is taken up again."""

    reason = reasons.ERROR_REASON_EPOCH_NOT_CLOSED


class ProfileNotErasedError(Refusal):
    """The person was not erased, so there is nothing to certify."""

    reason = reasons.ERROR_REASON_PROFILE_NOT_ERASED


class ContactSuppressedError(Refusal):
    """The person is never to be contacted again, and this does not come from the person."""

    reason = reasons.ERROR_REASON_CONTACT_SUPPRESSED


class MarketingObjectedError(Refusal):
    """The person objected to the purpose, and this does not come from the person."""

    reason = reasons.ERROR_REASON_MARKETING_OBJECTED


class NothingDecidedError(Refusal):
    """The person had decided nothing on the purpose by then."""

    reason = reasons.ERROR_REASON_NOTHING_DECIDED

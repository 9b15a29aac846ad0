"""The one table from a refusal to what the client sees (AIP-193).

A client never sees the text of an exception.
"""

from __future__ import annotations

from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2
from grpc import StatusCode

from profile_service.domain.errors import Refusal
from profile_service.v1 import error_reason_pb2 as r

DOMAIN = "profile-service"
DETAILS = "grpc-status-details-bin"

REFUSALS: dict[r.ErrorReason, tuple[StatusCode, str]] = {
    r.ERROR_REASON_INVALID_REQUEST: (
        StatusCode.INVALID_ARGUMENT,
        "the request has fields that are not valid",
    ),
    r.ERROR_REASON_UNKNOWN_FIELD: (
        StatusCode.INVALID_ARGUMENT,
        "the request has a field this server does not know",
    ),
    r.ERROR_REASON_DEADLINE_REQUIRED: (StatusCode.INVALID_ARGUMENT, "set a deadline"),
    r.ERROR_REASON_DEADLINE_TOO_SHORT: (StatusCode.DEADLINE_EXCEEDED, "the deadline is too short to begin"),
    r.ERROR_REASON_CALLER_NOT_ALLOWED: (StatusCode.PERMISSION_DENIED, "the policy does not allow this call"),
    r.ERROR_REASON_READ_REASON_REQUIRED: (
        StatusCode.INVALID_ARGUMENT,
        "say purpose, legal basis and on whose behalf",
    ),
    r.ERROR_REASON_REQUEST_ID_REUSED: (
        StatusCode.ALREADY_EXISTS,
        "the request id was used for another request",
    ),
    r.ERROR_REASON_PROFILE_NOT_FOUND: (StatusCode.NOT_FOUND, "no such profile"),
    r.ERROR_REASON_PROFILE_ERASED: (StatusCode.FAILED_PRECONDITION, "the profile was erased"),
    r.ERROR_REASON_PROFILE_PARKED: (StatusCode.UNAVAILABLE, "the profile waits for an operator"),
    r.ERROR_REASON_EMAIL_TAKEN: (StatusCode.ALREADY_EXISTS, "the address belongs to another profile"),
    r.ERROR_REASON_EMAIL_RESERVED: (
        StatusCode.UNAVAILABLE,
        "another request for this address is under way; try again",
    ),
    r.ERROR_REASON_ETAG_MISMATCH: (StatusCode.ABORTED, "the profile has changed; read it again"),
    r.ERROR_REASON_CONCURRENT_CHANGE: (StatusCode.ABORTED, "others changed the same record; try again"),
    r.ERROR_REASON_TOKEN_INVALID: (StatusCode.INVALID_ARGUMENT, "the token is not valid"),
    r.ERROR_REASON_TOKEN_EXPIRED: (StatusCode.FAILED_PRECONDITION, "the token has expired"),
    r.ERROR_REASON_TOKEN_USED: (StatusCode.FAILED_PRECONDITION, "the token was used before"),
    r.ERROR_REASON_CAMPAIGN_NOT_FOUND: (StatusCode.NOT_FOUND, "no such campaign"),
    r.ERROR_REASON_CAMPAIGN_CLOSED: (StatusCode.FAILED_PRECONDITION, "the campaign is closed"),
    r.ERROR_REASON_CAMPAIGN_NOT_STARTED: (StatusCode.FAILED_PRECONDITION, "the campaign has not started"),
    r.ERROR_REASON_ANSWERS_INVALID: (StatusCode.INVALID_ARGUMENT, "the answers do not fit the questions"),
    r.ERROR_REASON_SIGN_UP_NOT_FOUND: (StatusCode.NOT_FOUND, "no such sign-up"),
    r.ERROR_REASON_ALREADY_SIGNED_UP: (StatusCode.ALREADY_EXISTS, "signed up already, with other answers"),
    r.ERROR_REASON_QUEUE_FULL: (StatusCode.RESOURCE_EXHAUSTED, "too many writes are waiting; back off"),
    r.ERROR_REASON_POSITION_NOT_REACHED: (
        StatusCode.DEADLINE_EXCEEDED,
        "the view did not reach the position in time",
    ),
    r.ERROR_REASON_POSITION_OF_ANOTHER_LOG: (
        StatusCode.FAILED_PRECONDITION,
        "the position is not one of this log",
    ),
    r.ERROR_REASON_PROJECTION_NOT_FOUND: (StatusCode.NOT_FOUND, "no such projection"),
    r.ERROR_REASON_PAGE_TOKEN_INVALID: (StatusCode.INVALID_ARGUMENT, "the page token is not valid here"),
    r.ERROR_REASON_KEYS_UNAVAILABLE: (StatusCode.UNAVAILABLE, "the keys are not at hand; try again"),
    r.ERROR_REASON_UNAVAILABLE: (StatusCode.UNAVAILABLE, "try again with the same request id"),
    r.ERROR_REASON_INTERNAL: (StatusCode.INTERNAL, "a fault of the service"),
    r.ERROR_REASON_DUPLICATE_IN_IMPORT: (
        StatusCode.ALREADY_EXISTS,
        "the address occurs earlier in this import",
    ),
    r.ERROR_REASON_MESSAGE_TOO_LARGE: (StatusCode.RESOURCE_EXHAUSTED, "the message is too large"),
    r.ERROR_REASON_PROFILE_NOT_ERASED: (StatusCode.FAILED_PRECONDITION, "the profile was not erased"),
    r.ERROR_REASON_CONTACT_SUPPRESSED: (
        StatusCode.FAILED_PRECONDITION,
        "the person is not to be contacted again",
    ),
    r.ERROR_REASON_EPOCH_NOT_CLOSED: (
        StatusCode.UNAVAILABLE,
        "the epoch is not closed yet; the log of the service says why, and it is taken up again",
    ),
    r.ERROR_REASON_REBUILD_UNDER_WAY: (
        StatusCode.FAILED_PRECONDITION,
        "a rebuild of this projection runs, is paused, or waits for its swap: see its status",
    ),
    r.ERROR_REASON_REBUILD_NOT_UNDER_WAY: (
        StatusCode.FAILED_PRECONDITION,
        "no rebuild of this projection is under way",
    ),
    r.ERROR_REASON_NOTHING_TO_SWAP: (
        StatusCode.FAILED_PRECONDITION,
        "no rebuild of this projection left a generation ready",
    ),
    r.ERROR_REASON_REBUILD_DIFFERS: (
        StatusCode.FAILED_PRECONDITION,
        "the new generation is not equal to the live one: accept the differences, or cancel the rebuild",
    ),
    r.ERROR_REASON_NOTHING_TO_ROLL_BACK_TO: (
        StatusCode.FAILED_PRECONDITION,
        "there is no earlier generation to go back to",
    ),
    r.ERROR_REASON_EXECUTOR_NOT_ALLOWED: (
        StatusCode.FAILED_PRECONDITION,
        "the settings of this server do not name that executor",
    ),
    r.ERROR_REASON_NOT_PARKED: (StatusCode.NOT_FOUND, "nothing of it waits in this projection"),
    r.ERROR_REASON_PARKED_ELSEWHERE: (StatusCode.ABORTED, "it waits at another fact; look again"),
    r.ERROR_REASON_FACT_NOT_SKIPPABLE: (
        StatusCode.FAILED_PRECONDITION,
        "the fact takes something back and can't be passed over; repair the projection",
    ),
    r.ERROR_REASON_TOO_MANY_PARKED: (
        StatusCode.FAILED_PRECONDITION,
        "the new generation parks more than the limit; nothing was swapped",
    ),
    r.ERROR_REASON_RIGHTS_REQUEST_NOT_FOUND: (StatusCode.NOT_FOUND, "no such request of this person"),
    r.ERROR_REASON_RIGHTS_REQUEST_CLOSED: (
        StatusCode.FAILED_PRECONDITION,
        "the request was fulfilled or refused before",
    ),
    r.ERROR_REASON_IDENTITY_NOT_VERIFIED: (
        StatusCode.FAILED_PRECONDITION,
        "who asks is not identified at the level that the policy asks for",
    ),
    r.ERROR_REASON_EXTENSION_NOT_ALLOWED: (
        StatusCode.FAILED_PRECONDITION,
        "a request is extended once, before its first month ends",
    ),
    r.ERROR_REASON_RIGHT_HAS_ITS_CALL: (
        StatusCode.FAILED_PRECONDITION,
        "another call carries this right out and fulfils the request",
    ),
    r.ERROR_REASON_LEGAL_HOLD: (
        StatusCode.FAILED_PRECONDITION,
        "a legal hold stands: nothing of the person may be erased",
    ),
    r.ERROR_REASON_LEGAL_HOLD_NOT_FOUND: (StatusCode.NOT_FOUND, "no such hold on this person"),
    r.ERROR_REASON_MARKETING_OBJECTED: (
        StatusCode.FAILED_PRECONDITION,
        "the person objected to this purpose",
    ),
    r.ERROR_REASON_PROCESSING_RESTRICTED: (
        StatusCode.FAILED_PRECONDITION,
        "the processing of the person's data is restricted",
    ),
    r.ERROR_REASON_NOTHING_DECIDED: (
        StatusCode.NOT_FOUND,
        "the person had decided nothing on this purpose by then",
    ),
    r.ERROR_REASON_RECIPIENT_NOT_FOUND: (StatusCode.NOT_FOUND, "no such recipient"),
    r.ERROR_REASON_RECIPIENT_NOT_CURRENT: (
        StatusCode.FAILED_PRECONDITION,
        "nothing leaves for this recipient now: it was ended, or is outside its period",
    ),
    r.ERROR_REASON_FIELD_NOT_ALLOWED: (
        StatusCode.FAILED_PRECONDITION,
        "the recipient may not have all of these fields",
    ),
    r.ERROR_REASON_PURPOSE_NOT_ALLOWED: (
        StatusCode.FAILED_PRECONDITION,
        "the recipient may not have data for this purpose",
    ),
    r.ERROR_REASON_CONSENT_NOT_GIVEN: (StatusCode.FAILED_PRECONDITION, "the consent is not given"),
    r.ERROR_REASON_DISCLOSURE_GROUND_NOT_ALLOWED: (
        StatusCode.FAILED_PRECONDITION,
        "nothing is disclosed to this kind of recipient on this legal basis",
    ),
    r.ERROR_REASON_POLICY_VERSION_UNKNOWN: (StatusCode.NOT_FOUND, "no such version of the policy"),
    r.ERROR_REASON_CONSENT_TEXT_UNKNOWN: (
        StatusCode.INVALID_ARGUMENT,
        "the version of the policy does not have this text for this purpose",
    ),
    r.ERROR_REASON_POLICY_VERSION_TAKEN: (
        StatusCode.ALREADY_EXISTS,
        "another policy was published under this version",
    ),
    r.ERROR_REASON_POLICY_OUT_OF_ORDER: (
        StatusCode.FAILED_PRECONDITION,
        "the policy must be effective after every one before it",
    ),
    r.ERROR_REASON_NO_POLICY_IN_EFFECT: (StatusCode.NOT_FOUND, "no policy was in effect at that time"),
    r.ERROR_REASON_GUARDIAN_REQUIRED: (
        StatusCode.FAILED_PRECONDITION,
        "the person is too young to consent without a guardian",
    ),
    r.ERROR_REASON_OF_AGE: (
        StatusCode.FAILED_PRECONDITION,
        "the person is not known to be a minor: nobody else acts for them",
    ),
    r.ERROR_REASON_NOT_A_GUARDIAN: (
        StatusCode.FAILED_PRECONDITION,
        "whoever is named is no guardian of the person, or can't be one",
    ),
    r.ERROR_REASON_SOURCE_NOT_ALLOWED: (
        StatusCode.FAILED_PRECONDITION,
        "the policy does not let this source supply all of this",
    ),
    r.ERROR_REASON_STATED_BY_PERSON: (
        StatusCode.FAILED_PRECONDITION,
        "the person said what it is, or that there is none",
    ),
    r.ERROR_REASON_SUPPLEMENT_NOT_FOUND: (StatusCode.NOT_FOUND, "no such supplement of this profile"),
}


def status_of(refusal: Refusal, metadata: dict[str, str] | None = None) -> tuple[StatusCode, str, bytes]:
    """Return the code, the message, and a serialized `google.rpc.Status` with details."""
    code, message = REFUSALS[refusal.reason]
    status = status_pb2.Status(code=code.value[0], message=message)
    reason = r.ErrorReason.Name(refusal.reason).removeprefix("ERROR_REASON_")
    status.details.append(
        _packed(error_details_pb2.ErrorInfo(reason=reason, domain=DOMAIN, metadata=metadata or {}))
    )
    if refusal.violations:
        bad_request = error_details_pb2.BadRequest()
        for violation in refusal.violations:
            bad_request.field_violations.add(field=violation.field, description=violation.description)
        status.details.append(_packed(bad_request))
    return code, message, status.SerializeToString()


def _packed(message: error_details_pb2.ErrorInfo | error_details_pb2.BadRequest) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(message)
    return packed

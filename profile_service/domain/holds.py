"""Legal holds: what stops every erasure of a person until it is released (GDPR Art. 17(3))."""

from __future__ import annotations

from datetime import date

from profile_service.domain.errors import InvalidRequestError, Violation
from profile_service.domain.rights import Rights
from profile_service.domain.rights_errors import LegalHoldNotFoundError
from profile_service.domain.values import date_message, normal_text, text_fault
from profile_service.v1.events_pb2 import LegalHoldPlaced, LegalHoldReleased
from profile_service.v1.rights_pb2 import HoldGround


def place_hold(
    rights: Rights, hold_id: bytes, ground: HoldGround, reference: str, review: date, *, today: date
) -> list[LegalHoldPlaced]:
    """Let nothing of the person be erased.

    Raises `InvalidRequestError` if `review` is not to come, or `reference` is no line of text.
    """
    fault = text_fault(reference)
    if fault:
        raise InvalidRequestError([Violation("reference", fault)])
    if review <= today:
        raise InvalidRequestError([Violation("review_date", "is no day to come")])
    return [
        LegalHoldPlaced(
            hold_id=hold_id,
            ground=ground,
            reference=normal_text(reference),
            review_date=date_message(review),
        )
    ]


def release_hold(rights: Rights, hold_id: bytes) -> list[LegalHoldReleased]:
    """Release a hold; twice is once. Raises `LegalHoldNotFoundError`."""
    if hold_id in rights.released:
        return []
    if hold_id not in rights.held:
        raise LegalHoldNotFoundError
    return [LegalHoldReleased(hold_id=hold_id)]

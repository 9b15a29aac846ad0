"""The views of disclosures and obligations: what they show, and to whom it belongs."""

from __future__ import annotations

from uuid import uuid4

from profile_service.v1.events_pb2 import (
    OBLIGATION_KIND_ERASURE,
    DisclosureMade,
    ObligationAcknowledged,
    ObligationOpened,
    ProfileErased,
    RecipientEnded,
    RecipientRegistered,
    RecipientUpdated,
)
from profile_service.v1.profile_pb2 import LEGAL_BASIS_LEGAL_OBLIGATION
from profile_service.v1.recipient_pb2 import Recipient
from projections.testing import given
from projections.views.disclosures import DISCLOSURES_VIEW, DisclosedToRow, DisclosureRow, RecipientRow
from projections.views.obligations import ACKNOWLEDGED, OBLIGATIONS_VIEW, OPEN, ObligationRow

AN, PRINT, COURT, ONE, OTHER = (uuid4() for _ in range(5))
LEGAL = LEGAL_BASIS_LEGAL_OBLIGATION


def made(recipient_id, *fields, reference=""):
    return DisclosureMade(
        recipient_id=recipient_id.bytes,
        fields=fields,
        purpose="order",
        legal_basis=LEGAL,
        legal_reference=reference or None,
    )


def test_a_recipient_is_as_it_was_changed_last_and_stays_ended():
    first, then = Recipient(name="Printing works"), Recipient(name="Printers")
    told = given(
        (PRINT, RecipientRegistered(recipient=first)),
        (PRINT, RecipientEnded()),
        (PRINT, RecipientUpdated(recipient=then)),
    )
    told.view(DISCLOSURES_VIEW).shows(RecipientRow(PRINT, 1, 1, then.SerializeToString()))


def test_each_disclosure_is_kept_and_each_recipient_once():
    told = given(
        (AN, made(PRINT, "email")),
        (AN, made(COURT, "email", "phone", reference="order/7")),
        (AN, made(PRINT, "phone")),
    )
    one, two, three = (fact.time for fact in told.facts)
    told.view(DISCLOSURES_VIEW).shows(
        DisclosureRow(AN, 1, PRINT, "email", "order", LEGAL, one, DisclosureMade(legal_reference="")),
        DisclosureRow(
            AN, 2, COURT, "email,phone", "order", LEGAL, two, DisclosureMade(legal_reference="order/7")
        ),
        DisclosureRow(AN, 3, PRINT, "phone", "order", LEGAL, three, DisclosureMade(legal_reference="")),
        DisclosedToRow(AN, COURT, 2),
        DisclosedToRow(AN, PRINT, 3),
    )


def test_of_the_erased_no_disclosure_is_shown_and_every_obligation():
    opened = ObligationOpened(
        profile_id=AN.bytes,
        recipient_id=PRINT.bytes,
        kind=OBLIGATION_KIND_ERASURE,
        fields=["email"],
        disclosure_position=1,
    )
    told = given(
        (AN, made(PRINT, "email")),
        (AN, ProfileErased()),
        (ONE, opened),
        (OTHER, opened),
        (ONE, ObligationAcknowledged(attempts=4)),
    )
    told.view(DISCLOSURES_VIEW).shows()
    since, later, known = (told.facts[number].time for number in (2, 3, 4))
    about = (OBLIGATION_KIND_ERASURE, "email")
    told.view(OBLIGATIONS_VIEW).shows(
        ObligationRow(ONE, AN, PRINT, ACKNOWLEDGED, 3, 0, *about, since, known, 4),
        ObligationRow(OTHER, AN, PRINT, OPEN, 4, 0, *about, later, 0, 0),
    )

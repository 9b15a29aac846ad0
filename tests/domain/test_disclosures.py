"""What may leave for whom, and what whoever had it has to be told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from google.protobuf.message import Message
from google.type.date_pb2 import Date

from profile_service.domain import recipients
from profile_service.domain.disclosure_errors import (
    ConsentNotGivenError,
    DisclosureGroundNotAllowedError,
    FieldNotAllowedError,
    PurposeNotAllowedError,
    RecipientNotCurrentError,
    RecipientNotFoundError,
)
from profile_service.domain.disclosures import (
    CAUSES,
    GROUNDS,
    Disclosed,
    Wanted,
    acknowledge,
    disclose,
    is_open,
    obligations,
    values,
)
from profile_service.domain.errors import CallerNotAllowedError, ConcurrentChangeError, InvalidRequestError
from profile_service.v1.events_pb2 import (
    DisclosureMade,
    EmailChanged,
    ObligationAcknowledged,
    ObligationKind,
    ObligationOpened,
    ProcessingRestricted,
    ProfileErased,
    ProfileSupplemented,
    ProfileUpdated,
    RecipientEnded,
    RecipientRegistered,
    RecipientUpdated,
)
from profile_service.v1.profile_pb2 import Address, LegalBasis, Profile
from profile_service.v1.recipient_pb2 import Recipient, RecipientKind, TransferGround
from tests.domain.given import given
from tests.domain.samples import DAY, NOW, timestamp

ID, OTHER = bytes(16), bytes(range(16))
CONSENT = LegalBasis.LEGAL_BASIS_CONSENT
DUTY = LegalBasis.LEGAL_BASIS_LEGAL_OBLIGATION
RECTIFICATION = ObligationKind.OBLIGATION_KIND_RECTIFICATION
ERASURE = ObligationKind.OBLIGATION_KIND_ERASURE


def a_recipient(**changes: Any) -> Recipient:
    known: dict[str, Any] = {
        "kind": RecipientKind.RECIPIENT_KIND_SUPPLIER,
        "name": "Printing works",
        "assignment": "print/1",
        "agreement": "dpa/1",
        "transfer_ground": TransferGround.TRANSFER_GROUND_NO_TRANSFER,
        "fields": ["email", "phone"],
        "purposes": ["newsletter"],
        "start_time": timestamp(NOW - DAY),
        "end_time": timestamp(NOW + DAY),
        "callback": "127.0.0.1:9",
        **changes,
    }
    return Recipient(**known)


def wanting(**changes: Any) -> Wanted:
    known: dict[str, Any] = {
        "fields": ("email",),
        "purpose": "newsletter",
        "legal_basis": CONSENT,
        "legal_reference": "",
        "caller": "dev",
        **changes,
    }
    return Wanted(**known)


def disclosing(
    recipient: Recipient | None = None, *, consented: bool = True, **changes: Any
) -> DisclosureMade:
    return disclose(recipient or a_recipient(), ID, wanting(**changes), NOW, consented=consented)


REGISTERED = RecipientRegistered(recipient=a_recipient())


def test_a_recipient_is_registered_changed_and_ended_once():
    known = given(recipients.fold).when(recipients.register, a_recipient()).then(REGISTERED)
    known = known.when(recipients.register, a_recipient()).then()
    moved = a_recipient(callback="127.0.0.1:10")
    known = known.when(recipients.update, moved).then(RecipientUpdated(recipient=moved))
    known = known.when(recipients.end).then(RecipientEnded())
    known = known.when(recipients.end).then()
    # Whoever changes it afterwards does not bring it back.
    known = known.when(recipients.update, a_recipient()).then(RecipientUpdated(recipient=a_recipient()))
    assert recipients.require(recipients.fold(known.facts)).ended
    known.when(recipients.register, a_recipient(name="Others")).refused(ConcurrentChangeError)
    given(recipients.fold).when(recipients.end).refused(RecipientNotFoundError)
    given(recipients.fold).when(recipients.update, moved).refused(RecipientNotFoundError)


def test_only_the_named_fields_change():
    state = recipients.fold([REGISTERED])
    changes = Recipient(name="Ignored", callback="127.0.0.1:10")
    assert recipients.merged(state, changes, ["callback"]) == a_recipient(callback="127.0.0.1:10")
    # One that is named and empty is cleared, a message too.
    cleared = a_recipient()
    cleared.ClearField("end_time")
    assert recipients.merged(state, Recipient(), ["end_time"]) == cleared
    assert recipients.merged(state, a_recipient(purposes=["a"]), ["purposes"]).purposes == ["a"]
    for path in ("kind", "ended", "recipient_id", "shoe"):
        with pytest.raises(InvalidRequestError):
            recipients.merged(state, changes, [path])


def test_what_is_both_asked_for_and_allowed_leaves():
    made = DisclosureMade(recipient_id=ID, fields=["email"], purpose="newsletter", legal_basis=CONSENT)
    assert disclosing() == made
    made.fields[:] = ["email", "phone"]
    assert disclosing(fields=("phone", "email", "phone")) == made
    with pytest.raises(FieldNotAllowedError) as caught:
        disclosing(fields=("email", "address", "gender"))
    assert [one.field for one in caught.value.violations] == ["fields.address", "fields.gender"]
    for fields in ((), ("*",), ("profile_id",)):
        with pytest.raises(InvalidRequestError):
            disclosing(fields=fields)


def test_a_consent_or_a_duty_with_a_reference_is_needed():
    with pytest.raises(ConsentNotGivenError):
        disclosing(consented=False)
    made = disclosing(consented=False, legal_basis=DUTY, legal_reference="order/1")
    assert (made.legal_basis, made.legal_reference) == (DUTY, "order/1")
    for basis, reference in ((DUTY, ""), (CONSENT, "order/1")):
        with pytest.raises(InvalidRequestError):
            disclosing(legal_basis=basis, legal_reference=reference)
    with pytest.raises(PurposeNotAllowedError):
        disclosing(purpose="surveys")


@pytest.mark.parametrize("kind", [number for number in RecipientKind.values() if number])
@pytest.mark.parametrize("basis", [number for number in LegalBasis.values() if number])
def test_every_other_ground_is_refused_for_every_kind(kind: RecipientKind, basis: LegalBasis):
    recipient = a_recipient(kind=kind)
    reference = "" if basis == CONSENT else "order/1"
    if basis in GROUNDS[kind]:
        assert disclosing(recipient, legal_basis=basis, legal_reference=reference).legal_basis == basis
    else:
        with pytest.raises(DisclosureGroundNotAllowedError):
            disclosing(recipient, legal_basis=basis, legal_reference=reference)


@pytest.mark.parametrize(
    ("start", "end", "ended", "leaves"),
    [
        (0, 1, False, True),
        (-1, 0, False, False),
        (1, 2, False, False),
        (-1, 1, True, False),
    ],
)
def test_nothing_leaves_outside_the_period(start: int, end: int, ended: bool, leaves: bool):
    day = timedelta(microseconds=1)
    recipient = a_recipient(
        start_time=timestamp(NOW + start * day), end_time=timestamp(NOW + end * day), ended=ended
    )
    if leaves:
        assert disclosing(recipient).recipient_id == ID
    else:
        with pytest.raises(RecipientNotCurrentError):
            disclosing(recipient)


def test_what_is_for_one_caller_is_for_nobody_else():
    recipient = a_recipient(caller="spiffe://city.example/print")
    assert disclosing(recipient, caller="spiffe://city.example/print").recipient_id == ID
    with pytest.raises(CallerNotAllowedError):
        disclosing(recipient)


def test_values_are_those_that_were_asked_for():
    profile = Profile(email="a@example.be", phone="+3231234567", etag="7", address=Address(box="1"))
    assert values(profile, ["phone", "gender"]) == Profile(phone="+3231234567")


BEFORE = [
    Disclosed(3, ID, frozenset(("email",))),
    Disclosed(5, OTHER, frozenset(("phone", "address"))),
    Disclosed(8, ID, frozenset(("phone",))),
]


@pytest.mark.parametrize(
    ("cause", "told"),
    [
        (ProfileUpdated(phone="+3231234567"), {ID: ["phone"], OTHER: ["phone"]}),
        (ProfileUpdated(cleared=["address"]), {OTHER: ["address"]}),
        (ProfileSupplemented(phone="+3231234567", source="register"), {ID: ["phone"], OTHER: ["phone"]}),
        (ProfileUpdated(given_name="An", date_of_birth=Date(year=1984, month=2, day=29)), {}),
        (EmailChanged(email="b@example.be"), {ID: ["email"]}),
        (ProfileErased(), {ID: ["email", "phone"], OTHER: ["address", "phone"]}),
        (ProcessingRestricted(), {ID: ["email", "phone"], OTHER: ["address", "phone"]}),
        (None, {ID: ["email", "phone"], OTHER: ["address", "phone"]}),
    ],
    ids=["changed", "cleared", "supplemented", "not theirs", "address", "erased", "restricted", "damaged"],
)
def test_whoever_had_a_touched_field_is_told_once(cause: Message | None, told: dict[bytes, list[str]]):
    kind = RECTIFICATION if cause is None else CAUSES[type(cause)]
    found = obligations(cause, kind, BEFORE)
    assert {one.recipient_id: list(one.fields) for one in found} == told
    assert len(found) == len(told)
    assert {one.disclosure_position for one in found} <= {5, 8}
    assert {one.kind for one in found} <= {kind}


def test_nobody_is_told_of_what_they_never_had():
    assert obligations(ProfileErased(), ERASURE, []) == []


def test_an_obligation_is_acknowledged_once():
    opened, acknowledged = ObligationOpened(), ObligationAcknowledged(attempts=3)
    assert is_open([opened])
    assert acknowledge([opened], 3) == [acknowledged]
    assert acknowledge([opened, acknowledged], 1) == []
    assert acknowledge([], 1) == []

"""Values from other sources: who may give which, what the person said stands, and the person is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from google.protobuf.message import Message
from google.type.date_pb2 import Date
from hypothesis import find
from hypothesis import given as any_of
from hypothesis import strategies as st

from profile_service.domain.disclosure_errors import ConsentNotGivenError
from profile_service.domain.errors import (
    EtagMismatchError,
    InvalidRequestError,
    ProfileErasedError,
    ProfileNotFoundError,
    Refusal,
)
from profile_service.domain.profile import ProfileState, fold, require_active
from profile_service.domain.rectification import rectify
from profile_service.domain.supplement_errors import (
    SourceNotAllowedError,
    StatedByPersonError,
    SupplementNotFoundError,
)
from profile_service.domain.supplements import (
    SUPPLEMENTABLE,
    Source,
    Supplements,
    Supplied,
    give_notice,
    supplement,
)
from profile_service.domain.supplements import fold as fold_supplements
from profile_service.domain.update import update
from profile_service.v1.events_pb2 import (
    UPDATE_REASON_COMPLETION,
    EmailChanged,
    ProfileErased,
    ProfileRectified,
    ProfileSupplemented,
    ProfileUpdated,
    SourceNoticeGiven,
)
from profile_service.v1.profile_pb2 import (
    CONTACT_CHANNEL_SMS,
    GENDER_FEMALE,
    LEGAL_BASIS_CONSENT,
    LEGAL_BASIS_PUBLIC_TASK,
    Address,
    Interests,
    Profile,
    SupplementedField,
)
from profile_service.v1.rights_pb2 import RECTIFICATION_BASIS_DOCUMENT
from tests.domain.given import When
from tests.domain.given import given as given_by
from tests.domain.samples import TODAY, registered

ID, OTHER = bytes(range(16)), bytes(range(1, 17))
SOURCES = {
    "register": Source("The register", SUPPLEMENTABLE),
    "federation": Source("The federation", frozenset({"interests", "phone"})),
}
PHONE = Profile(phone="+3231234567")
DUE = Date(year=2026, month=4, day=1)
RECEIVED = Date(year=2026, month=3, day=1)


def supplied(values: Profile = PHONE, **changes: Any) -> Supplied:
    first = Supplied(ID, "register", values, "Act of 1 May", LEGAL_BASIS_PUBLIC_TASK, "", TODAY)
    return replace(first, **changes)


def supplemented(**values: Any) -> ProfileSupplemented:
    start = {
        "supplement_id": ID,
        "source": "register",
        "source_name": "The register",
        "legal_basis": LEGAL_BASIS_PUBLIC_TASK,
        "collection_reference": "Act of 1 May",
        "receive_date": RECEIVED,
        "notice_due_date": DUE,
    }
    return ProfileSupplemented(**{**start, **values})


@dataclass(frozen=True)
class Known:
    """Everything that a supplement is decided on."""

    state: ProfileState
    supplements: Supplements


def known(facts: Any) -> Known:
    history = list(facts)
    return Known(fold(history), fold_supplements(history))


def decide(known: Known, supplied: Supplied, *, consented: bool = False, etag: str = "") -> Any:
    return supplement(
        known.state, known.supplements, supplied, SOURCES, today=TODAY, consented=consented, etag=etag
    )


def supplementing(*facts: Message, by: Supplied | None = None, **options: Any) -> When:
    return given_by(known, registered(gender=None), *facts).when(decide, by or supplied(), **options)


def sources_of(*facts: Message) -> dict[str, str]:
    profile = require_active(fold([registered(gender=None), *facts])).profile
    return {one.field: one.source for one in profile.supplemented_fields}


# What is added


def test_a_value_is_added_with_its_source_and_the_last_day_to_tell():
    after = supplementing().then(supplemented(phone=PHONE.phone))
    profile = require_active(fold(after.facts)).profile
    assert profile.phone == PHONE.phone
    assert list(profile.supplemented_fields) == [
        SupplementedField(field="phone", source="register", source_name="The register")
    ]


def test_every_value_that_a_profile_may_lack_can_be_added_in_its_normal_form():
    values = Profile(
        gender=GENDER_FEMALE,
        phone=PHONE.phone,
        address=Address(street=" Meir ", house_number="1", post_code="2000", country="BE"),
        interests=Interests(topics=["sports", "culture"]),
        preferred_channel=CONTACT_CHANNEL_SMS,
    )
    assert {field.name for field, _ in values.ListFields()} == SUPPLEMENTABLE
    added = supplementing(by=supplied(values)).then(
        supplemented(
            gender=GENDER_FEMALE,
            phone=PHONE.phone,
            address=Address(street="Meir", house_number="1", post_code="2000", country="BE"),
            interests=Interests(topics=["culture", "sports"]),
            preferred_channel=CONTACT_CHANNEL_SMS,
        )
    )
    assert sources_of(*added.facts[1:]) == dict.fromkeys(SUPPLEMENTABLE, "register")


def test_the_last_day_is_counted_from_the_day_of_receipt():
    """31 January and a month is the last of February, a Saturday: so it is Monday 2 March."""
    by = supplied(received=date(2026, 1, 31))
    supplementing(by=by).then(
        supplemented(
            phone=PHONE.phone,
            receive_date=Date(year=2026, month=1, day=31),
            notice_due_date=Date(year=2026, month=3, day=2),
        )
    )


def test_the_same_again_changes_nothing_and_another_ground_is_another_supplement():
    first = supplemented(phone=PHONE.phone)
    again = supplied(supplement_id=OTHER)
    supplementing(first, by=again).then()
    other = replace(again, collection_reference="Act of 2 May")
    supplementing(first, by=other).then(
        supplemented(supplement_id=OTHER, collection_reference="Act of 2 May", phone=PHONE.phone)
    )


def test_a_supplement_replaces_an_earlier_one():
    newer = supplied(Profile(phone="+3239999999"), source="federation", supplement_id=OTHER)
    first = supplemented(phone=PHONE.phone)
    second = supplemented(
        supplement_id=OTHER, source="federation", source_name="The federation", phone="+3239999999"
    )
    after = supplementing(first, by=newer).then(second)
    assert require_active(fold(after.facts)).profile.phone == "+3239999999"
    assert sources_of(first, second) == {"phone": "federation"}


# What is refused


@pytest.mark.parametrize(
    "said",
    [
        ProfileUpdated(phone="+3231111111"),
        ProfileUpdated(phone=PHONE.phone),
        ProfileUpdated(cleared=["phone"]),
        ProfileRectified(fields=["phone"], basis=RECTIFICATION_BASIS_DOCUMENT),
    ],
    ids=["another value", "the same value", "none", "confirmed by a document"],
)
def test_what_the_person_said_stands(said: Message):
    supplementing(said).refused(StatedByPersonError, "values.phone")
    supplementing(supplemented(phone="+3230000000"), said).refused(StatedByPersonError, "values.phone")


def test_one_value_that_the_person_said_refuses_the_whole():
    both = supplied(Profile(phone=PHONE.phone, gender=GENDER_FEMALE, preferred_channel=CONTACT_CHANNEL_SMS))
    said = ProfileUpdated(phone="+3231111111", cleared=["gender"])
    supplementing(said, by=both).refused(StatedByPersonError, "values.gender", "values.phone")
    given_by(known, registered(gender=GENDER_FEMALE)).when(
        decide, supplied(Profile(gender=GENDER_FEMALE))
    ).refused(StatedByPersonError, "values.gender")


def test_what_others_may_not_give_is_refused():
    supplementing(by=supplied(source="nobody")).refused(SourceNotAllowedError, "source")
    both = Profile(gender=GENDER_FEMALE, phone=PHONE.phone)
    supplementing(by=supplied(both, source="federation")).refused(SourceNotAllowedError, "values.gender")
    email = Profile(email="an@example.be")
    supplementing(by=supplied(email)).refused(SourceNotAllowedError, "values.email")


def test_a_consent_is_given_now():
    by = supplied(legal_basis=LEGAL_BASIS_CONSENT, consent_purpose="letters")
    supplementing(by=by).refused(ConsentNotGivenError)
    supplementing(by=by, consented=True).then(
        supplemented(legal_basis=LEGAL_BASIS_CONSENT, consent_purpose="letters", phone=PHONE.phone)
    )


@pytest.mark.parametrize(
    ("by", "field"),
    [
        (supplied(Profile()), "values"),
        (supplied(Profile(etag="1")), "values.etag"),
        (supplied(Profile(supplemented_fields=[SupplementedField()])), "values.supplemented_fields"),
        (supplied(Profile(interests=Interests())), "values.interests"),
        (supplied(Profile(address=Address(street="\n"))), "values.address.street"),
        (supplied(collection_reference="two\nlines"), "collection_reference"),
        (supplied(legal_basis=LEGAL_BASIS_CONSENT), "consent_purpose"),
        (supplied(consent_purpose="letters"), "consent_purpose"),
        (supplied(received=TODAY + timedelta(days=1)), "receive_date"),
        (supplied(received=date(2025, 2, 28)), "receive_date"),
    ],
)
def test_what_can_not_be_is_named(by: Supplied, field: str):
    supplementing(by=by, consented=True).refused(InvalidRequestError, field)


def test_another_version_is_not_supplemented():
    supplementing(etag="2").refused(EtagMismatchError)
    supplementing(etag="1").then(supplemented(phone=PHONE.phone))


def test_nobody_is_supplemented_who_is_not_there():
    given_by(known).when(decide, supplied()).refused(ProfileNotFoundError)
    given_by(known, registered(), ProfileErased()).when(decide, supplied()).refused(ProfileErasedError)


# What the person says later


def test_what_the_person_says_later_wins():
    before = supplemented(phone=PHONE.phone)
    assert sources_of(before, ProfileUpdated(phone="+3231111111")) == {}
    assert sources_of(before, EmailChanged(email="an@example.org")) == {"phone": "register"}


@pytest.mark.parametrize(("changes", "cleared"), [(PHONE, []), (Profile(), ["phone"])])
def test_a_person_who_confirms_or_clears_a_supplement_says_so_once(changes: Profile, cleared: list[str]):
    asked = {"changes": changes, "mask": ["phone"], "reason": UPDATE_REASON_COMPLETION, "today": TODAY}
    before = given_by(fold, registered(), supplemented(phone=PHONE.phone))
    said = ProfileUpdated(phone=changes.phone or None, cleared=cleared, reason=UPDATE_REASON_COMPLETION)
    before.when(update, **asked).then(said).when(update, **asked).then()


def test_a_person_who_never_had_one_says_so_once():
    asked = {"changes": Profile(), "mask": ["phone"], "reason": UPDATE_REASON_COMPLETION, "today": TODAY}
    said = ProfileUpdated(cleared=["phone"], reason=UPDATE_REASON_COMPLETION)
    after = given_by(fold, registered()).when(update, **asked).then(said)
    after.when(update, **asked).then()
    supplementing(said).refused(StatedByPersonError, "values.phone")


def test_a_rectification_by_a_document_makes_a_supplement_the_word_of_the_person():
    state = fold([registered(gender=None), supplemented(phone=PHONE.phone)])
    said = update(state, PHONE, ["phone"], UPDATE_REASON_COMPLETION, today=TODAY)
    facts = rectify(state, said, ["phone"], RECTIFICATION_BASIS_DOCUMENT, ID)
    profile = require_active(fold([registered(), supplemented(phone=PHONE.phone), *facts])).profile
    assert list(profile.verified_fields) == ["phone"]
    assert not profile.supplemented_fields


# Telling the person


def telling(*facts: Message, informed: date = TODAY, supplement_id: bytes = ID) -> When:
    return given_by(fold_supplements, registered(), *facts).when(
        give_notice, supplement_id, informed, today=TODAY
    )


def test_the_person_is_told_once():
    told = SourceNoticeGiven(supplement_id=ID, inform_date=RECEIVED)
    after = telling(supplemented()).then(told)
    after.when(give_notice, ID, TODAY, today=TODAY).then()


def test_a_notice_is_of_a_supplement_on_a_day_that_was():
    telling().refused(SupplementNotFoundError)
    telling(supplemented(), supplement_id=OTHER).refused(SupplementNotFoundError)
    for day in (TODAY + timedelta(days=1), TODAY - timedelta(days=1)):
        telling(supplemented(), informed=day).refused(InvalidRequestError, "inform_date")


# For all histories

FIELDS = ("phone", "preferred_channel", "gender")


@dataclass(frozen=True)
class Act:
    """The person, or a source, gives one field a value; the person may say that there is none (0)."""

    who: str
    field: str
    value: int


ACTS = st.builds(
    Act, st.sampled_from(["person", "document", *SOURCES]), st.sampled_from(FIELDS), st.integers(0, 2)
)
HISTORIES = st.lists(ACTS, max_size=8)


def values(act: Act) -> Profile:
    value: Any = act.value
    if act.field == "phone":
        value = f"+323000000{act.value}" if act.value else ""
    return Profile(**{act.field: value})


def hidden(
    history: Sequence[Act],
    *,
    supplement: Callable[..., Any] = supplement,
    update: Callable[..., Any] = update,
) -> set[str]:
    """The fields that show something else than the person said last, or somebody else's name with it."""
    facts: list[Message] = [registered(gender=None)]
    said: dict[str, Any] = {}
    for nth, act in enumerate(history):
        state = fold(facts)
        if act.who in SOURCES:
            given = supplied(values(act), source=act.who, supplement_id=bytes([nth]) * 16)
            try:
                facts += supplement(
                    state, fold_supplements(facts), given, SOURCES, today=TODAY, consented=False
                )
            except Refusal:
                continue
            continue
        said[act.field] = getattr(values(act), act.field)
        changes = update(state, values(act), [act.field], UPDATE_REASON_COMPLETION, today=TODAY)
        if act.who == "document":
            changes = rectify(state, changes, [act.field], RECTIFICATION_BASIS_DOCUMENT, ID)
        facts += changes
    profile = require_active(fold(facts)).profile
    named = {one.field for one in profile.supplemented_fields}
    return {name for name, value in said.items() if getattr(profile, name) != value or name in named}


@any_of(HISTORIES)
def test_no_supplement_ever_hides_what_the_person_said(history: list[Act]):
    assert hidden(history) == set()


def test_a_supplement_that_forgets_what_was_said_is_noticed():
    def forgetful(state: ProfileState, *arguments: Any, **named: Any) -> Any:
        return supplement(replace(require_active(state), stated=frozenset()), *arguments, **named)

    assert find(HISTORIES, lambda history: bool(hidden(history, supplement=forgetful)))


def test_an_update_that_says_nothing_of_an_equal_value_is_noticed():
    """The person confirms what a source gave, or says to have none; then another may overwrite it."""

    def quiet(state: ProfileState, changes: Profile, mask: list[str], *arguments: Any, **named: Any) -> Any:
        before = require_active(state).profile
        differing = [name for name in mask if getattr(before, name) != getattr(changes, name)]
        return update(state, changes, differing, *arguments, **named) if differing else []

    assert find(HISTORIES, lambda history: bool(hidden(history, update=quiet)))

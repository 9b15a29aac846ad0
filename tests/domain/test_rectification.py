"""Rectifying by right: what changes, what was before, and which values are verified."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given as any_of
from hypothesis import strategies as st

from profile_service.domain.profile import Active, fold
from profile_service.domain.rectification import rectify
from profile_service.domain.update import UpdateFact, update
from profile_service.v1.events_pb2 import (
    UPDATE_REASON_COMPLETION,
    UPDATE_REASON_CORRECTION,
    EmailChanged,
    ProfileRectified,
    ProfileUpdated,
)
from profile_service.v1.profile_pb2 import GENDER_UNSPECIFIED, Profile
from profile_service.v1.rights_pb2 import (
    RECTIFICATION_BASIS_ASSERTED,
    RECTIFICATION_BASIS_DOCUMENT,
    RECTIFICATION_BASIS_REGISTER,
    RectificationBasis,
)
from tests.domain.given import Given, given
from tests.domain.samples import TODAY, registered

ID = bytes(range(16))
MOVED = Profile(post_code="2018")


def rectifying(
    state: Active, values: Profile, mask: Sequence[str], basis: RectificationBasis
) -> list[UpdateFact | ProfileRectified]:
    updates = update(state, values, mask, UPDATE_REASON_CORRECTION, today=TODAY)
    return rectify(state, updates, mask, basis, ID)


def rectified(basis: RectificationBasis, *fields: str, post_code: str = "") -> ProfileRectified:
    return ProfileRectified(
        rights_request_id=ID, basis=basis, fields=fields, previous=Profile(post_code=post_code)
    )


def verified(known: Given) -> list[str]:
    state = fold(known.facts)
    assert isinstance(state, Active)
    return list(state.profile.verified_fields)


CHANGED = ProfileUpdated(post_code="2018", reason=UPDATE_REASON_CORRECTION)


@pytest.mark.parametrize(
    ("basis", "then"),
    [
        (RECTIFICATION_BASIS_ASSERTED, []),
        (RECTIFICATION_BASIS_DOCUMENT, ["post_code"]),
        (RECTIFICATION_BASIS_REGISTER, ["post_code"]),
    ],
)
def test_a_value_is_rectified_and_the_old_one_kept(basis: RectificationBasis, then: list[str]):
    known = given(fold, registered()).when(rectifying, MOVED, ["post_code"], basis)
    after = known.then(CHANGED, rectified(basis, "post_code", post_code="2000"))
    assert verified(after) == then


def test_a_value_that_is_right_is_verified_once():
    same = Profile(post_code="2000")
    wanted = (rectifying, same, ["post_code"], RECTIFICATION_BASIS_DOCUMENT)
    after = given(fold, registered()).when(*wanted).then(rectified(RECTIFICATION_BASIS_DOCUMENT, "post_code"))
    assert verified(after) == ["post_code"]
    after.when(*wanted).then()
    asserted = (rectifying, same, ["post_code"], RECTIFICATION_BASIS_ASSERTED)
    after.when(*asserted).then()


def test_a_verified_value_that_somebody_changes_is_asserted_again():
    verifying = rectified(RECTIFICATION_BASIS_DOCUMENT, "email", "post_code")
    known = given(fold, registered(), verifying)
    completed = ProfileUpdated(post_code="2018", reason=UPDATE_REASON_COMPLETION)
    assert verified(given(fold, *known.facts, completed)) == ["email"]
    assert verified(given(fold, *known.facts, EmailChanged(email="an@example.org"))) == ["post_code"]


def test_an_emptied_value_and_a_new_address_are_rectified_too():
    values = Profile(email="an@example.org", gender=GENDER_UNSPECIFIED)
    fields = ["email", "gender"]
    (cleared, changed, said) = rectifying(_active(), values, fields, RECTIFICATION_BASIS_ASSERTED)
    assert isinstance(cleared, ProfileUpdated)
    assert list(cleared.cleared) == ["gender"]
    assert changed == EmailChanged(email="an@example.org", reason=UPDATE_REASON_CORRECTION)
    assert isinstance(said, ProfileRectified)
    before = _active().profile
    assert said.previous == Profile(email=before.email, gender=before.gender)


SAID = st.tuples(st.sampled_from(RectificationBasis.values()), st.sets(st.sampled_from(["email", "phone"])))


@any_of(st.lists(SAID))
def test_verified_fields_are_names_in_order_each_once(said: list[tuple[RectificationBasis, set[str]]]):
    facts = [rectified(basis, *sorted(fields)) for basis, fields in said]
    found = verified(given(fold, registered(), *facts))
    assert found == sorted(set(found))
    bases = {name for basis, fields in said for name in fields if basis > RECTIFICATION_BASIS_ASSERTED}
    assert set(found) == bases


def _active() -> Active:
    state = fold([registered()])
    assert isinstance(state, Active)
    return state

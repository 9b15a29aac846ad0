"""What a person may register with."""

from __future__ import annotations

import pytest
from google.type.date_pb2 import Date

from profile_service.domain.errors import InvalidRequestError
from profile_service.domain.registration import register
from profile_service.v1.profile_pb2 import Gender
from tests.domain.samples import TODAY, a_registration, registered


def refused_fields(**changes) -> list[str]:
    with pytest.raises(InvalidRequestError) as caught:
        register(a_registration(**changes), TODAY)
    return [violation.field for violation in caught.value.violations]


def test_a_registration_becomes_a_fact():
    assert register(a_registration(), TODAY).facts == [registered()]


def test_the_address_is_kept_as_it_was_written():
    assert register(a_registration(email="AN@example.be"), TODAY).facts == [registered(email="AN@example.be")]


def test_names_are_trimmed_and_composed():
    (fact,) = register(a_registration(given_name="  Zoe\u0308 ", family_name=" Ó Sé"), TODAY).facts
    assert (fact.given_name, fact.family_name) == ("Zoë", "Ó Sé")


def test_a_gender_that_is_not_told_is_not_kept():
    (fact,) = register(a_registration(gender=Gender.GENDER_UNSPECIFIED), TODAY).facts
    assert not fact.HasField("gender")


@pytest.mark.parametrize(
    "name",
    ["   ", "\u00a0", "\u200b", "An\n", "A\tn", "An\u0000", "An\u0085", "\u202eAn", "An\u2066", "An\u2028"],
)
def test_a_name_must_show_something_and_hold_no_control_character(name: str):
    assert refused_fields(given_name=name) == ["registration.given_name"]


@pytest.mark.parametrize("name", ["O'Neill", "Van den Broeck-D'Haese", "李", "محمد", "می‌خواهم", "-"])
def test_names_of_the_world_are_names(name: str):
    assert register(a_registration(family_name=name), TODAY).facts == [registered(family_name=name)]


@pytest.mark.parametrize(
    "born",
    [
        Date(year=1983, month=2, day=29),
        Date(year=1983, month=13, day=1),
        Date(year=1983, month=4, day=31),
        Date(year=1983, month=4),
        Date(year=1983),
        Date(month=4, day=1),
        Date(),
        Date(year=-1, month=1, day=1),
        Date(year=2**31 - 1, month=1, day=1),
        Date(year=1899, month=12, day=31),
        Date(year=2026, month=3, day=1),
        Date(year=2030, month=1, day=1),
    ],
)
def test_a_date_of_birth_is_a_full_real_date_in_the_past_from_1900_on(born: Date):
    assert refused_fields(date_of_birth=born) == ["registration.date_of_birth"]


@pytest.mark.parametrize("born", [Date(year=1900, month=1, day=1), Date(year=2026, month=2, day=28)])
def test_the_first_and_the_last_date_of_birth(born: Date):
    assert register(a_registration(date_of_birth=born), TODAY).facts == [registered(date_of_birth=born)]


@pytest.mark.parametrize("code", ["0000", "0999"])
def test_four_digits_are_a_belgian_post_code(code: str):
    assert refused_fields(post_code=code) == ["registration.post_code"]


@pytest.mark.parametrize("code", ["1000", "9999", "75001", "1012 AB", "EC1A 1BB"])
def test_other_post_codes_are_accepted_as_written(code: str):
    assert register(a_registration(post_code=code), TODAY).facts == [registered(post_code=code)]


def test_every_fault_is_named_at_once_where_the_caller_put_it():
    bad = a_registration(email="nobody", given_name=" ", date_of_birth=Date(), post_code="0100")
    with pytest.raises(InvalidRequestError) as caught:
        register(bad, TODAY, "items[3].registration")
    assert [violation.field for violation in caught.value.violations] == [
        "items[3].registration.email",
        "items[3].registration.given_name",
        "items[3].registration.date_of_birth",
        "items[3].registration.post_code",
    ]


def test_a_refusal_repeats_no_value():
    bad = a_registration(email="canary@@x", given_name="canary\n", post_code="0123")
    with pytest.raises(InvalidRequestError) as caught:
        register(bad, TODAY)
    assert "canary" not in f"{caught.value!r} {caught.value.violations!r}"
    assert "0123" not in repr(caught.value.violations)

"""Whoever is asked for fits: one of each list, and of every list that is not empty."""

from __future__ import annotations

from datetime import date

import pytest
from google.type.date_pb2 import Date

from profile_service.domain.ages import AgeBand
from profile_service.domain.selection import CONTACT_FIELDS, SELECTED_BY, Selection
from profile_service.v1.profile_pb2 import Interests, Profile

TODAY = date(2026, 6, 15)
ANN = Profile(
    date_of_birth=Date(year=1990, month=6, day=16),
    post_code="2000",
    language="nl-BE",
    interests=Interests(topics=["culture", "sports"]),
)


@pytest.mark.parametrize(
    ("selection", "fits"),
    [
        (Selection(), True),
        (Selection(post_codes=frozenset(["2000"])), True),
        (Selection(post_codes=frozenset(["2018", "2000"])), True),
        (Selection(post_codes=frozenset(["2018"])), False),
        (Selection(post_codes=frozenset(["200"])), False),
        (Selection(age_bands=(AgeBand(35, 35),)), True),
        (Selection(age_bands=(AgeBand(36, None),)), False),
        (Selection(age_bands=(AgeBand(0, 17), AgeBand(30, None))), True),
        (Selection(languages=("nl",)), True),
        (Selection(languages=("NL-be",)), True),
        (Selection(languages=("fr", "nl-BE")), True),
        (Selection(languages=("n",)), False),
        (Selection(languages=("nl-NL",)), False),
        (Selection(languages=("nl-BE-variant",)), False),
        (Selection(topics=frozenset(["music", "sports"])), True),
        (Selection(topics=frozenset(["music"])), False),
        (Selection(post_codes=frozenset(["2000"]), topics=frozenset(["music"])), False),
        (Selection(frozenset(["2000"]), (AgeBand(18, None),), ("nl",), frozenset(["culture"])), True),
    ],
)
def test_who_fits(selection: Selection, fits: bool):
    assert selection.fits(ANN, TODAY) is fits
    assert selection.takes_everybody is (selection == Selection())


@pytest.mark.parametrize(
    "selection",
    [
        Selection(post_codes=frozenset(["2000"])),
        Selection(age_bands=(AgeBand(0, None),)),
        Selection(languages=("nl",)),
        Selection(topics=frozenset(["culture"])),
    ],
)
def test_who_has_no_value_where_one_is_asked_for_does_not_fit(selection: Selection):
    assert not selection.fits(Profile(), TODAY)


def test_the_fields_are_those_of_a_profile():
    fields = set(Profile.DESCRIPTOR.fields_by_name)
    assert fields >= CONTACT_FIELDS
    assert fields >= set(SELECTED_BY)

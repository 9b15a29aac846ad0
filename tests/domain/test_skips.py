"""Facts that a view passes over: decided once, where they wait, and never one that takes something back."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.message import Message

from profile_service.domain import registry, skips
from profile_service.domain.operator_errors import FactNotSkippableError, NotParkedError, ParkedElsewhereError
from profile_service.domain.skips import SKIPPABLE
from profile_service.v1.events_pb2 import (
    SKIP_REASON_DAMAGED,
    ConsentGiven,
    ConsentWithdrawn,
    ContactSuppressed,
    EmailChanged,
    MarketingObjected,
    ProfileErased,
    ProjectionFactSkipped,
    SignUpWithdrawn,
)
from tests.domain.given import When, given

SKIPPED = ProjectionFactSkipped(view="profiles", position=7, reason=SKIP_REASON_DAMAGED)


def skipping(*facts: Message, waits_at: int | None = 7, **other: Any) -> When:
    """Someone waits at position 7 in the view of profiles, and that is to be skipped."""
    named = {"view": "profiles", "position": 7, "type_name": EmailChanged.DESCRIPTOR.full_name, **other}
    return given(skips.fold, *facts).when(skips.skip, **named, reason=SKIP_REASON_DAMAGED, waits_at=waits_at)


def test_what_waits_is_skipped():
    skipping().then(SKIPPED)


def test_it_is_decided_once_whoever_asks_again_and_whatever_waits_then():
    skipping(SKIPPED).then()
    skipping(SKIPPED, waits_at=None).then()
    skipping(SKIPPED, waits_at=9).then()


def test_another_view_decides_for_itself():
    other = ProjectionFactSkipped(view="consents", position=7, reason=SKIP_REASON_DAMAGED)
    skipping(other).then(SKIPPED)


def test_where_nothing_waits_nothing_is_skipped():
    skipping(waits_at=None).refused(NotParkedError)


@pytest.mark.parametrize("waits_at", [6, 8])
def test_who_means_another_fact_than_the_one_that_waits_is_refused(waits_at: int):
    skipping(waits_at=waits_at).refused(ParkedElsewhereError)


@pytest.mark.parametrize(
    "fact",
    [ConsentWithdrawn, SignUpWithdrawn, ContactSuppressed, MarketingObjected, ProfileErased],
)
def test_what_takes_something_back_is_never_skipped(fact: type[Message]):
    skipping(type_name=fact.DESCRIPTOR.full_name).refused(FactNotSkippableError)


def test_a_fact_that_nobody_thought_of_is_not_skipped():
    assert registry.FACT_TYPES.keys() > SKIPPABLE
    skipping(type_name="profile_service.v1.FromTheFuture").refused(FactNotSkippableError)


def test_the_stream_counts_whatever_is_in_it():
    assert skips.fold([SKIPPED, ConsentGiven()]).version == 2

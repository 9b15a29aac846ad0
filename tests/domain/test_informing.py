"""A person is told of a version once in each language."""

from __future__ import annotations

from profile_service.domain import policies
from profile_service.domain.errors import InvalidRequestError
from profile_service.domain.informing import fold, show
from profile_service.domain.policy_errors import PolicyVersionUnknownError
from profile_service.v1.events_pb2 import PolicyPublished, PolicyShown
from tests.domain.given import given
from tests.support.policies import a_policy

PUBLISHED = policies.fold([PolicyPublished(policy=a_policy("1", first=True))])
SHOWN = PolicyShown(policy_version="1", language="nl")


def test_being_shown_a_version_is_a_fact():
    given(fold).when(show, PUBLISHED, "1", "nl").then(SHOWN)


def test_being_shown_the_same_again_changes_nothing_but_another_language_does():
    shown = given(fold, SHOWN)
    shown.when(show, PUBLISHED, "1", "nl").then()
    shown.when(show, PUBLISHED, "1", "en").then(PolicyShown(policy_version="1", language="en"))


def test_nobody_is_shown_what_was_not_published():
    given(fold).when(show, PUBLISHED, "2", "nl").refused(PolicyVersionUnknownError)
    given(fold).when(show, PUBLISHED, "1", "fr").refused(InvalidRequestError, "language")

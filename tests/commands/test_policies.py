"""What is published is known to every process when it is first met, and costs nothing from then on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from profile_service.commands.policies import STREAM, PolicyDesk, PublishedPolicies
from profile_service.domain.policy_errors import (
    ConsentTextUnknownError,
    PolicyOutOfOrderError,
    PolicyVersionUnknownError,
)
from profile_service.log.append import Appended
from profile_service.log.reader import LogReader
from profile_service.v1 import error_reason_pb2 as reasons
from profile_service.v1.profile_service_pb2 import ImportItem
from tests.commands.checks import expect_all_well
from tests.commands.service import Commands, Places, asked
from tests.support import people
from tests.support.policies import STANDARD, a_policy, a_purpose, publish

NEW_TEXT = b"n" * 32


class CountingReader(LogReader):
    """Counts how often the log was asked what was published."""

    asked = 0

    def stream(self, name: str, after_version: int = 0) -> list[Any]:
        self.asked += name == STREAM
        return super().stream(name, after_version)


async def published(commands: Commands, version: str, day: int, **values: Any) -> Appended:
    purpose = a_purpose(text=NEW_TEXT, requires_reconsent=True)
    request = publish(a_policy(version, [purpose], day=day, **values))
    desk = PolicyDesk(commands.writer, commands.published)
    return await desk.publish(asked(request, "PublishPolicy"), request.policy)


def register_with(version: str) -> Any:
    request = people.register(people.new_person())
    request.registration.policy_version = version
    return request


async def test_a_version_of_another_process_is_known_when_it_is_met(
    places: Places, more_commands: Callable[[Places], Commands]
):
    """For registrations, imports and consents; before it is published each is refused."""
    one, other = more_commands(places), more_commands(places)
    _, profile_id = await one.new_person()
    consent = people.consent(profile_id)
    consent.policy_version, consent.text_hash = "2027", NEW_TEXT
    items = [ImportItem(index=number, registration=register_with("2027").registration) for number in range(2)]
    items[1].registration.policy_version = STANDARD.version
    import_id = people.new_id()
    for attempt in (one.register(register_with("2027")), one.set_consent(consent)):
        with pytest.raises(PolicyVersionUnknownError):
            await attempt
    (done,) = await one.import_all(import_id, items)
    assert [status.refused for status in done.statuses] == [reasons.ERROR_REASON_POLICY_VERSION_UNKNOWN, 0]
    assert not one.reader.facts_after(0, 1_000)[-1].type.endswith("PolicyPublished")

    await published(other, "2027", day=400)
    await one.register(register_with("2027"))
    await one.set_consent(consent)
    (done,) = await one.import_all(import_id, items)
    assert [status.refused for status in done.statuses] == [0, 0]
    consent.request_id, consent.text_hash = people.new_id(), people.TEXT_HASH
    with pytest.raises(ConsentTextUnknownError):
        await one.set_consent(consent)
    expect_all_well(one)


async def test_a_version_that_is_known_is_not_read_again(commands: Commands):
    reader = CountingReader(commands.events)
    policies = PublishedPolicies(reader)
    for _ in range(10):
        await policies.knowing(STANDARD.version)
        await policies.at_least(1)
    assert reader.asked == 1
    await policies.knowing("1999-12")
    assert reader.asked == 2


async def test_of_versions_published_at_once_each_follows_another(commands: Commands):
    outcomes = await asyncio.gather(
        *(published(commands, f"2028-{number}", day=800) for number in range(6)), return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == [
        Appended.__name__,
        *[PolicyOutOfOrderError.__name__] * 5,
    ]

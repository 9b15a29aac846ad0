"""Everything of a person up to where it was opened, and nothing more once they are erased."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from profile_service.commands.dossier import PAGE, Dossier, open_dossier
from profile_service.commands.requests import WriteRequest
from profile_service.domain.errors import ProfileErasedError, ProfileNotFoundError
from profile_service.log.facts import Fact, StoredFact
from profile_service.log.streams import SIGN_UPS, stream_name
from profile_service.v1.campaign_pb2 import Answer
from profile_service.v1.events_pb2 import SignedUp
from profile_service.v1.profile_pb2 import CHANNEL_WEB
from tests.commands.service import Commands
from tests.support import people

AT_ONCE = 1_000
CAMPAIGNS = 20


async def sign_up_often(commands: Commands, profile_id: UUID, times: int) -> None:
    """Facts with answers, many in one request: what somebody told over years."""
    stream = stream_name(SIGN_UPS, profile_id)
    campaigns = [bytes([number]) * 16 for number in range(CAMPAIGNS)]
    answers = [Answer(question_id="wish", text="x" * 200)]
    for begin in range(0, times, AT_ONCE):
        facts = [
            SignedUp(campaign_id=campaigns[number % CAMPAIGNS], answers=answers)
            for number in range(begin, min(begin + AT_ONCE, times))
        ]
        await commands.writer.execute(
            WriteRequest("tests", "SignUp", uuid4(), CHANNEL_WEB, b"%d" % begin),
            subject=profile_id,
            profile_id=profile_id,
            streams=(stream,),
            decide=lambda loaded, facts=facts: {stream: facts},  # type: ignore[misc]  # bound now
        )


def dossier_of(commands: Commands, profile_id: UUID) -> Dossier:
    return open_dossier(commands.reader, commands.keys, profile_id)


async def test_a_dossier_ends_where_it_was_opened(commands: Commands):
    _, profile_id = await commands.new_person()
    dossier = dossier_of(commands, UUID(profile_id))
    await commands.set_consent(people.consent(profile_id))
    assert [type(fact) for fact in dossier.facts()] == [Fact]
    assert len(list(dossier_of(commands, UUID(profile_id)).facts())) == 2


async def test_nothing_more_is_read_once_the_person_is_erased(commands: Commands):
    _, profile_id = await commands.new_person()
    await sign_up_often(commands, UUID(profile_id), 2 * PAGE)
    facts: Iterator[Fact | StoredFact] = dossier_of(commands, UUID(profile_id)).facts()
    for _ in range(PAGE):
        next(facts)
    await commands.erase(people.erase(profile_id))
    with pytest.raises(ProfileErasedError):
        next(facts)
    with pytest.raises(ProfileErasedError):
        dossier_of(commands, UUID(profile_id))


async def test_nobody_has_no_dossier(commands: Commands):
    with pytest.raises(ProfileNotFoundError):
        dossier_of(commands, uuid4())

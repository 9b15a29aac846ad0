"""Everything of a person, however long the history, in bounded memory; nothing once they are erased."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from profile_service.api.exporting import CHUNK, Exporter
from profile_service.commands.dossier import PAGE, Dossier, open_dossier
from profile_service.commands.requests import WriteRequest
from profile_service.domain.errors import ProfileErasedError, ProfileNotFoundError
from profile_service.log.facts import Fact, StoredFact
from profile_service.log.streams import SIGN_UPS, stream_name
from profile_service.v1.campaign_pb2 import Answer
from profile_service.v1.events_pb2 import SignedUp
from profile_service.v1.profile_pb2 import CHANNEL_WEB, Position
from profile_service.v1.rights_service_pb2 import ExportProfileRequest
from tests.commands.service import Commands
from tests.support import people

# Facts; several pages of them each. The longer history has five times as many.
SHORT = 2 * PAGE
LONG = 5 * SHORT
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


def chunks(commands: Commands, profile_id: UUID, form: str) -> Iterator[bytes]:
    """An export as the service streams it."""
    exporter = Exporter(
        commands.reader, commands.keys, lambda: datetime.now(UTC), lambda value: Position(value=value)
    )
    request = ExportProfileRequest(
        profile_id=str(profile_id),
        kind="EXPORT_KIND_ACCESS",
        format=f"EXPORT_FORMAT_{form}",
        language="nl",
        reason=people.REASON,
    )
    return exporter._chunks(request)


def most_memory(work: Callable[[], Iterable[Any]]) -> int:
    """The most bytes that are in use while everything is gone through and nothing kept."""
    tracemalloc.start()
    try:
        for _ in work():
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("form", ["JSON", "HTML"])
async def test_a_long_history_is_exported_whole_in_bounded_memory(commands: Commands, form: str):
    """A fifth of the history takes as much memory as all of it."""
    short, long = [UUID((await commands.new_person())[1]) for _ in range(2)]
    await sign_up_often(commands, short, SHORT)
    await sign_up_often(commands, long, LONG)
    document = b"".join(chunks(commands, long, form))
    mark = {"JSON": b'{"position":', "HTML": b"<section>"}[form]
    assert document.count(mark) == dossier_of(commands, long).counts().total() == LONG + 1
    assert max(map(len, chunks(commands, long, form))) < 2 * CHUNK < len(document)
    needed = most_memory(lambda: chunks(commands, long, form))
    assert needed < 1.3 * most_memory(lambda: chunks(commands, short, form))
    # Such a measurement sees an export that is put together first.
    assert most_memory(lambda: [b"".join(chunks(commands, long, form))]) > 1.3 * needed


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

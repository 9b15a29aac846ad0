"""Everything of a person, however long the history, in bounded memory; nothing once they are erased."""

from __future__ import annotations

import tracemalloc
from collections import deque
from collections.abc import Iterable, Iterator
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

# Facts: more than a page of them each.
SHORT = 2 * PAGE
LONG = 6 * PAGE
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
        commands.reader,
        commands.keys,
        lambda: datetime.now(UTC),
        lambda value: Position(value=value),
    )
    request = ExportProfileRequest(
        profile_id=str(profile_id),
        kind="EXPORT_KIND_ACCESS",
        format=f"EXPORT_FORMAT_{form}",
        language="nl",
        reason=people.REASON,
    )
    return exporter._chunks(request)


def most_memory(pieces: Iterable[Any]) -> int:
    """The most bytes that are in use while everything is gone through and nothing kept."""
    tracemalloc.start()
    try:
        deque(pieces, maxlen=0)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("form", ["JSON", "HTML"])
async def test_a_long_history_is_exported_whole_and_in_chunks(commands: Commands, form: str):
    profile_id = UUID((await commands.new_person())[1])
    await sign_up_often(commands, profile_id, LONG)
    pieces = list(chunks(commands, profile_id, form))
    document = b"".join(pieces)
    mark = {"JSON": b'{"position":', "HTML": b"<section>"}[form]
    assert document.count(mark) == dossier_of(commands, profile_id).counts().total() == LONG + 1
    assert max(map(len, pieces)) < 2 * CHUNK < len(document)


async def test_an_export_needs_no_more_memory_for_a_longer_history(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
):
    """That a page of HTML is made as the facts come is tested with the documents."""
    short, long = [UUID((await commands.new_person())[1]) for _ in range(2)]
    await sign_up_often(commands, short, SHORT)
    await sign_up_often(commands, long, LONG)

    def growth() -> float:
        of_short, of_long = (most_memory(chunks(commands, one, "JSON")) for one in (short, long))
        return of_long / of_short

    most_memory(chunks(commands, short, "JSON"))  # what is made once is made
    assert growth() < 1.3
    facts = Dossier.facts
    monkeypatch.setattr(Dossier, "facts", lambda dossier: iter(list(facts(dossier))))
    assert growth() > 1.5


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

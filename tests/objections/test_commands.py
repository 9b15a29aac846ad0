"""Unsubscribing over both databases: what each kind of token costs, and what many at once come to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from profile_service.api.objection_calls import ObjectionCalls
from profile_service.api.pipeline import Pipeline
from profile_service.api.policy import BUILT_IN
from profile_service.commands.loading import Load, Loaded
from profile_service.commands.objections import Objector
from profile_service.commands.requests import WriteRequest
from profile_service.domain.errors import ProfileErasedError, ProfileNotFoundError, TokenInvalidError
from profile_service.log.append import Append, Appended
from profile_service.log.schema import requests
from profile_service.log.streams import CONSENTS, stream_name
from profile_service.v1.objection_pb2 import UnsubscribeRequest
from profile_service.v1.profile_pb2 import Position
from profile_service.v1.rights_service_pb2 import DESCRIPTOR
from tests.commands.conftest import commands
from tests.commands.service import Commands
from tests.support import people

__all__ = ["commands"]

KINDS = ("consenting", "objected", "never asked", "erased", "unknown", "made up")


async def tokens_of_every_kind(commands: Commands) -> dict[str, str]:
    ids = {kind: UUID((await commands.new_person())[1]) for kind in KINDS[:4]}
    tokens = {kind: await commands.objector.token(profile_id, None) for kind, profile_id in ids.items()}
    for kind in ("consenting", "objected", "erased"):
        await commands.set_consent(people.consent(str(ids[kind])))
    await commands.unsubscribe(tokens["objected"])
    await commands.unsubscribe(tokens["never asked"])
    await commands.erase(people.erase(str(ids["erased"])))
    tokens["unknown"] = commands.objector.tokens.make(uuid4(), "newsletter")
    real = tokens["consenting"]
    tokens["made up"] = real[:60] + ("A" if real[60] != "A" else "B") + real[61:]
    return tokens


class Watched:
    """What a call asked of loader and log."""

    def __init__(self, commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
        self.steps: list[str] = []
        self._watch(monkeypatch, commands.loader, "load")
        self._watch(monkeypatch, commands.log, "append")

    def _watch(self, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
        work: Callable[[Any], Any] = getattr(owner, name)

        async def noted(wanted: Load | Append) -> Loaded | Appended:
            self.steps.append(name)
            return await work(wanted)

        monkeypatch.setattr(owner, name, noted)


def remembered(commands: Commands) -> int:
    with commands.events.connect() as connection:
        return connection.execute(select(func.count()).select_from(requests)).scalar_one()


async def costs(commands: Commands, watched: Watched, tokens: dict[str, str]) -> dict[str, Any]:
    """Of each kind the steps that were taken, and how many requests the log remembers for it."""
    found: dict[str, Any] = {}
    for kind in KINDS:
        before = remembered(commands)
        watched.steps.clear()
        await commands.unsubscribe(tokens[kind])
        found[kind] = (tuple(watched.steps), remembered(commands) - before)
    return found


async def test_every_kind_of_token_costs_the_same_steps(commands: Commands, monkeypatch: pytest.MonkeyPatch):
    """One load and one turn in the log; and what changes nothing leaves nothing, however often it comes."""
    tokens = await tokens_of_every_kind(commands)
    await commands.unsubscribe(tokens["erased"])
    head = commands.reader.head()
    watched = Watched(commands, monkeypatch)
    found = await costs(commands, watched, tokens)
    assert found == {kind: (("load", "append"), int(kind == "consenting")) for kind in KINDS}
    found = await costs(commands, watched, tokens)
    assert found == dict.fromkeys(KINDS, (("load", "append"), 0))
    assert commands.reader.head() == head + 1


class Hasty(Objector):
    """Answers at once for whom there is nothing to do, and remembers each click of the others."""

    async def unsubscribe(self, request: WriteRequest, token: str) -> None:
        meant = self.tokens.read(token)
        if meant is None:
            return
        try:
            await self.object_to_marketing(request, meant.profile_id, meant.purpose)
        except (ProfileErasedError, ProfileNotFoundError):
            return


async def test_what_comes_sooner_or_stays_is_noticed(commands: Commands, monkeypatch: pytest.MonkeyPatch):
    tokens = await tokens_of_every_kind(commands)
    real = commands.objector
    monkeypatch.setattr(commands, "objector", Hasty(real.keys, real.reader, real.writer, real.tokens))
    found = await costs(commands, Watched(commands, monkeypatch), tokens)
    assert found["objected"] == (("load", "append"), 1)
    assert found["erased"] == (("load",), 0)
    assert found["made up"] == ((), 0)


async def test_many_clicks_at_once_are_one_objection(commands: Commands):
    _, profile_id = await commands.new_person()
    await commands.set_consent(people.consent(profile_id))
    token = await commands.objector.token(UUID(profile_id), "newsletter")
    await asyncio.gather(*(commands.unsubscribe(token) for _ in range(8)))
    stored = commands.reader.stream(stream_name(CONSENTS, UUID(profile_id)))
    assert [fact.type.rpartition(".")[2] for fact in stored] == ["ConsentGiven", "MarketingObjected"]


async def test_a_click_beside_an_erasure_is_answered_like_any_other(commands: Commands):
    for _ in range(3):
        _, profile_id = await commands.new_person()
        token = await commands.objector.token(UUID(profile_id), None)
        await asyncio.gather(commands.erase(people.erase(profile_id)), commands.unsubscribe(token))
        with pytest.raises(ProfileErasedError):
            await commands.objector.token(UUID(profile_id), None)


class Caller:
    """The context of a call, as far as an answer needs one."""

    def time_remaining(self) -> float:
        return 20.0


class Servicer(ObjectionCalls):
    """RightsService without its other calls."""

    def __getattr__(self, name: str) -> None:
        """The others are there, and nothing."""


async def test_a_click_goes_on_when_its_client_goes_away(commands: Commands, monkeypatch: pytest.MonkeyPatch):
    """It has no request id, by which the pipeline knows writes."""
    _, profile_id = await commands.new_person()
    token = await commands.objector.token(UUID(profile_id), None)
    pipeline = Pipeline(BUILT_IN, commands.keys.lease, secure=False)
    servicer = Servicer(objector=commands.objector, url=None, position=lambda value: Position(value=value))
    handlers: Any = pipeline.handlers(DESCRIPTOR.services_by_name["RightsService"], servicer)
    handler = handlers.service(SimpleNamespace(method="/profile_service.v1.RightsService/Unsubscribe"))
    load, arrived, gone = commands.loader.load, asyncio.Event(), asyncio.Event()

    async def slowly(wanted: Load) -> Loaded:
        arrived.set()
        await gone.wait()
        return await load(wanted)

    monkeypatch.setattr(commands.loader, "load", slowly)
    body = UnsubscribeRequest(token=token).SerializeToString()
    running = asyncio.ensure_future(handler.unary_unary(body, Caller()))
    await arrived.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    gone.set()
    await pipeline.finish()
    (stored,) = commands.reader.stream(stream_name(CONSENTS, UUID(profile_id)))
    assert stored.type.endswith("MarketingObjected")


async def test_what_is_no_token_is_refused_before_anything_is_looked_up(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
):
    watched = Watched(commands, monkeypatch)
    for text in ("", "x", "A" * 115):
        with pytest.raises(TokenInvalidError):
            await commands.unsubscribe(text)
    assert watched.steps == []

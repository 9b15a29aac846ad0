"""Writers: many callers of one process, and one that sleeps between taking its position and committing."""

from __future__ import annotations

import asyncio
import time
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, func, insert, select

from profile_service.database import open_engine
from profile_service.log.append import Append, EventLog, NewFact
from profile_service.log.schema import facts
from tests.log.logs import open_store

CALLERS = 8
# "log" in ASCII: the order lock of `append_facts`.
ORDER_LOCK = 7106407


def write(url: str, go: Any, results: Any, seconds: float, limit: int = 512) -> None:
    """Write with `CALLERS` coroutines; put the acknowledged version of each stream, and what went wrong."""
    engine = open_engine(url)
    log = EventLog(open_store(engine), limit=limit)
    failures: list[str] = []
    acknowledged: dict[str, int] = {}
    go.wait()
    asyncio.run(_write(log, time.monotonic() + seconds, acknowledged, failures))
    log.close()
    results.put((acknowledged, failures))


async def _write(log: EventLog, until: float, acknowledged: dict[str, int], failures: list[str]) -> None:
    async def call(number: int) -> None:
        person = uuid4()
        streams = {f"profile/{person}": 0, f"consents/{person}": 0}
        while time.monotonic() < until:
            # A third of the callers writes one fact at a time, the others one in each of two streams.
            names = list(streams)[: 1 if number % 3 == 0 else 2]
            new = tuple(NewFact(name, streams[name] + 1, person, "t", b"r") for name in names)
            request = Append(uuid4().bytes * 2, b"digest", person, person, new)
            try:
                await log.append(request)
            except Exception as error:  # noqa: BLE001 - told at the end
                failures.append(repr(error))
                return
            for fact in request.facts:
                streams[fact.stream] = acknowledged[fact.stream] = fact.version

    await asyncio.gather(*(call(number) for number in range(CALLERS)))


def write_slowly(engine: Engine, times: int, nap: float) -> int:
    """Take the order lock and a position, sleep, and only then commit; return how many facts."""
    stream = f"profile/{uuid4()}"
    for version in range(1, times + 1):
        with engine.execution_options(immediate=True).begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(ORDER_LOCK)))
            last = connection.execute(
                select(facts.c.position, facts.c.time).order_by(facts.c.position.desc()).limit(1)
            ).first()
            position, at = last or (0, 0)
            connection.execute(
                insert(facts).values(
                    position=position + 1, time=at, stream=stream, version=version, type="t", record=b"r"
                )
            )
            time.sleep(nap)
        time.sleep(nap / 4)
    return times

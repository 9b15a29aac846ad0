"""A reader that follows the log sees every position once, in order, however many write and wherever."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, func, select, text

from profile_service.log.reader import LogReader
from profile_service.log.schema import facts
from tests.log.logs import expect_gapless, new_log
from tests.log.writing import write, write_slowly
from tests.support.processes import FORKS, START_SECONDS, expect_end, start

PROCESSES = 4
SECONDS = 2.0


class Tail:
    """Follows a log from its beginning; `positions` is what it saw, in the order it saw it."""

    def __init__(self, engine: Engine) -> None:
        self.positions: list[int] = []
        self._reader = LogReader(engine)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._follow)

    @contextmanager
    def following(self) -> Iterator[None]:
        self._thread.start()
        try:
            yield
        finally:
            self._stopping.set()
            self._thread.join()

    def _follow(self) -> None:
        while True:
            stopping = self._stopping.is_set()
            last = self.positions[-1] if self.positions else 0
            page = self._reader.facts_after(last, 100)
            self.positions += [fact.position for fact in page]
            if stopping and not page:
                return


def write_and_follow(url: str, engine: Engine, *, limit: int = 512, slow: bool = True) -> tuple[Tail, int]:
    """32 callers in 4 processes write, and one that naps with its position; returns tail and facts told."""
    go, results = FORKS.Event(), FORKS.Queue()
    writers = [start(write, url, go, results, SECONDS, limit) for _ in range(PROCESSES)]
    tail = Tail(engine)
    told = 0
    with tail.following():
        go.set()
        if slow:
            told += write_slowly(engine, times=25, nap=0.02)
        for _ in writers:
            acknowledged, failures = results.get(timeout=START_SECONDS)
            assert not failures
            told += sum(acknowledged.values())
        for writer in writers:
            expect_end(writer)
    return tail, told


def expect_everything_once(engine: Engine, tail: Tail, told: int) -> None:
    with engine.connect() as connection:
        count, last = connection.execute(select(func.count(), func.max(facts.c.position))).one()
    assert count == last == told
    assert tail.positions == list(range(1, count + 1))


def test_following_32_callers_in_4_processes_and_one_that_naps(database_url: str, engine: Engine):
    """On SQLite the processes queue for the file; none fails with `database is locked`."""
    tail, told = write_and_follow(database_url, engine)
    expect_everything_once(engine, tail, told)
    assert expect_gapless(engine) == told > 100


def test_the_checker_finds_positions_from_a_sequence(postgres_url: str):
    """The planted defect: no order lock, and a position that is taken before others commit later ones."""
    with new_log(postgres_url) as engine:
        with engine.begin() as connection:
            source = connection.execute(
                text("SELECT pg_get_functiondef('append_facts'::regproc)")
            ).scalar_one()
            defective = source.replace("PERFORM pg_advisory_xact_lock(7106407);", "").replace(
                "head := coalesce(head, 0);",
                "head := nextval('place') * 2; PERFORM pg_sleep(random() * 0.01);",
            )
            assert defective.count("nextval") == 1
            assert "lock" not in defective
            connection.execute(text("CREATE SEQUENCE place"))
            connection.exec_driver_sql(defective.replace("%", "%%"))
        tail, _ = write_and_follow(postgres_url, engine, limit=1, slow=False)
        with engine.connect() as connection:
            stored = connection.execute(select(facts.c.position).order_by(facts.c.position)).scalars().all()
        missed = set(stored) - set(tail.positions)
        assert missed, "a reader that follows such a log misses facts"
        with pytest.raises(AssertionError):
            expect_everything_once(engine, tail, len(stored))


def test_a_reader_waits_for_nobody(engine: Engine):
    """Facts that are committed are seen at once, although a writer holds the next position."""
    napping = threading.Thread(target=write_slowly, args=(engine, 2, 0.5))
    napping.start()
    reader = LogReader(engine)
    while reader.head() == 0:
        time.sleep(0.01)
    while napping.is_alive() and reader.head() == 1:
        began = time.monotonic()
        assert reader.facts_after(0, 1)
        assert time.monotonic() - began < 0.4
    napping.join()
    assert reader.head() == 2

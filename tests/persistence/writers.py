"""Processes that write at the same time, and a reader that follows them."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from multiprocessing.synchronize import Barrier
from uuid import uuid4

from eventsourcing.persistence import StoredEvent

from profile_service.log.persistence.datastore import SQLDatastore
from profile_service.log.persistence.postgres import PostgresInsertStore, insert_function
from profile_service.log.persistence.recorders import SQLApplicationRecorder
from profile_service.log.persistence.sqlite import SQLiteInsertStore
from tests.support.processes import FORKS, start

# Seconds that a sleepy writer waits between taking its positions and committing.
SLEEP = 0.2


class SleepyPostgresStore(PostgresInsertStore):
    def _call(self, inserts, parameters):
        with self._connected().transaction():
            outcomes = super()._call(inserts, parameters)
            time.sleep(SLEEP)
        return outcomes


class SleepySQLiteStore(SQLiteInsertStore):
    def _is_refused(self, cursor, insert, rows):
        time.sleep(SLEEP)  # the head was read before
        return super()._is_refused(cursor, insert, rows)


class SleepyRecorder(SQLApplicationRecorder):
    def _insert_store(self):
        if self.datastore.is_sqlite:
            return SleepySQLiteStore(self.datastore, self.events, None)
        return SleepyPostgresStore(self.datastore.engine, self.events, None)


def plant_defect(recorder: SQLApplicationRecorder) -> None:
    """Let the server-side function take its position from a sequence, without the order lock."""
    function = insert_function(recorder.datastore.engine, recorder.events, None)
    lock = function[function.index("    PERFORM pg_advisory") : function.index("    SELECT coalesce(max")]
    head = function[function.index("SELECT coalesce(max") : function.index(" INTO head")]
    planted = function.replace(lock, "").replace(
        function[function.index(head) : function.index("    SELECT coalesce(array_agg")],
        "head := nextval('positions') - 1;\n",
    )
    recorder.datastore.create_tables(recorder.events.metadata, "CREATE SEQUENCE positions", planted)


def event() -> StoredEvent:
    return StoredEvent(originator_id=uuid4(), originator_version=1, topic="topic", state=b"{}")


def write(url: str, together: Barrier, threads: int, each: int, sleepy: bool = False) -> None:
    """Store `each` events from each of `threads` threads, one a call."""
    datastore = SQLDatastore(url)
    recorder = (SleepyRecorder if sleepy else SQLApplicationRecorder)(datastore)
    together.wait()

    def work() -> None:
        for _ in range(each):
            recorder.insert_events([event()])

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    datastore.close()


def follow(url: str, writers: Sequence[tuple[int, int, bool]]) -> list[int]:
    """Run `write` with each of `writers` in a process of its own; return the positions that a
    subscription yielded from before they began until it saw the last one."""
    datastore = SQLDatastore(url)
    recorder = SQLApplicationRecorder(datastore)
    seen: list[int] = []
    subscription = recorder.subscribe(gt=None)

    def read() -> None:
        with subscription:
            seen.extend(notification.id for notification in subscription)

    reader = threading.Thread(target=read)
    reader.start()
    together = FORKS.Barrier(len(writers))
    processes = [start(write, url, together, *writer) for writer in writers]
    for process in processes:
        process.join()
    codes = [process.exitcode for process in processes]
    last = recorder.max_notification_id()
    give_up = time.monotonic() + 10
    while (not seen or seen[-1] != last) and time.monotonic() < give_up:
        time.sleep(0.02)
    subscription.stop()
    reader.join()
    datastore.close()
    assert codes == [0] * len(writers)
    return seen

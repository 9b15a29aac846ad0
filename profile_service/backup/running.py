"""Whether anybody uses the databases now: nothing is restored beneath them, and nobody comes meanwhile."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from sqlalchemy import Engine, inspect, select

from profile_service.backup.making import Databases
from profile_service.copies import CopyError
from profile_service.keys.lease_table import LeaseWatch
from profile_service.keys.schema import leases
from profile_service.presence import DatabaseInUseError, alone

_POLL = 0.1


class ServiceRunningError(CopyError):
    """A process of the service uses the databases."""


@contextmanager
def nobody_else(databases: Databases) -> Iterator[None]:
    """Keep every process of the service away from the databases for the length of a block.

    Raises `ServiceRunningError`. A lease that was left is waited out, which takes as long as one lasts.
    """
    with ExitStack() as stack:
        try:
            for engine in (databases.events, databases.keys, databases.views):
                stack.enter_context(alone(engine))
        except DatabaseInUseError as error:
            raise ServiceRunningError(str(error)) from None
        _wait_for_leases(databases.keys)
        yield


def _wait_for_leases(keys: Engine) -> None:
    """Of a process whose sessions were cut, but which may be back before its lease is over.

    Raises `ServiceRunningError` as soon as a lease is renewed.
    """
    with keys.connect() as connection:
        if leases.name not in inspect(connection).get_table_names():
            return
    watch = LeaseWatch()
    first = {row.process: row.renewals for row in _rows(keys)}
    while rows := _rows(keys):
        if any(first.get(row.process) != row.renewals for row in rows):
            raise ServiceRunningError("the service is running: stop every server and projector first")
        if len(watch.over(rows)) == len(rows):
            return
        time.sleep(_POLL)


def _rows(keys: Engine) -> Sequence[Any]:
    with keys.connect() as connection:
        return connection.execute(select(leases.c.process, leases.c.renewals)).all()

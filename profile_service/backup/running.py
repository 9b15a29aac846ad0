"""Whether a process holds keys now: nothing is restored beneath it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine, inspect, select

from profile_service.copies import CopyError
from profile_service.keys.lease_table import LeaseWatch
from profile_service.keys.schema import leases

_POLL = 0.1


class ServiceRunningError(CopyError):
    """A process of the service uses the databases."""


def refuse_running(keys: Engine) -> None:
    """Return when no process holds a lease on the keys; takes as long as a lease lasts, if one was left.

    Raises `ServiceRunningError` as soon as one is renewed.
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

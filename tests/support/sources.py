"""What projecting works on, opened on three databases without a service around them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from profile_service.database import migrate, open_engine
from profile_service.keys.roots import FileRootProvider
from profile_service.keys.schema import MIGRATIONS as KEY_MIGRATIONS
from profile_service.keys.store import KeyStore
from profile_service.log.reader import LogReader
from profile_service.log.schema import MIGRATIONS as LOG_MIGRATIONS
from projections.schema import MIGRATIONS as VIEW_MIGRATIONS
from projections.sources import Sources
from tests.support.service import Databases


def migrate_all(databases: Databases) -> None:
    """Bring the schemas of empty databases to this version."""
    for url, scripts in (
        (databases.events, LOG_MIGRATIONS),
        (databases.keys, KEY_MIGRATIONS),
        (databases.views, VIEW_MIGRATIONS),
    ):
        engine = open_engine(url)
        migrate(engine, scripts)
        engine.dispose()


@contextmanager
def open_sources(databases: Databases, root_keys: Path) -> Iterator[Sources]:
    """Open what projecting works on; the databases are migrated."""
    log_engine, key_engine, view_engine = (
        open_engine(url) for url in (databases.events, databases.keys, databases.views)
    )
    keys = KeyStore(key_engine, FileRootProvider(root_keys))
    keys.start()
    try:
        yield Sources(LogReader(log_engine), keys, view_engine)
    finally:
        keys.stop()
        for engine in (log_engine, key_engine, view_engine):
            engine.dispose()

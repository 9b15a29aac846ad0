"""What every process does before it serves or projects: notice a lost end of the log, reconcile the keys."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import structlog
from sqlalchemy import Engine

from profile_service.commands.erasure import Eraser
from profile_service.commands.reconciling import Reconciler
from profile_service.keys.erasure_list import ErasureList
from profile_service.keys.inventory import KeyInventory
from profile_service.keys.store import KeyStore
from profile_service.log import incarnation
from profile_service.log.append import AppendStore, EventLog
from profile_service.log.reader import LogReader
from projections import catalogue

log = structlog.get_logger()


def consistent_log(
    events: Engine, views: Engine, inventory: KeyInventory, keys: KeyStore, store: AppendStore, erasures: Path
) -> LogReader:
    """Return a reader of the log once keys, log and the list of erasures agree.

    `keys` must be started. Raises `NotReconciledError`, and `OSError` if the list can't be used.
    """
    reader = same_log(events, views, inventory)
    with closing(EventLog(store)) as event_log:
        remembered = ErasureList(erasures)
        eraser = Eraser(keys, reader, event_log, remembered)
        Reconciler(keys, inventory, reader, event_log, eraser, remembered).run()
    return reader


def same_log(events: Engine, views: Engine, inventory: KeyInventory) -> LogReader:
    """Return a reader of the log; if its end was lost, of the log under a new id.

    The keys and the views remember how far the log was. Where they remember more than there is, it was
    restored by other means than `aprofile restore`.
    """
    reader = LogReader(events)
    known, head = _known_position(reader.log_id, views, inventory), reader.head()
    if known > head:
        with events.execution_options(immediate=True).begin() as connection:
            renewed = incarnation.renew(connection, reader.log_id)
        log.warning("log lost its end, and has a new id", position=known, head=head, log_id=renewed)
        reader = LogReader(events)
    return reader


def _known_position(log_id: str, views: Engine, inventory: KeyInventory) -> int:
    mark = inventory.mark()
    marked = mark.position if mark is not None and mark.log_id == log_id else 0
    return max(marked, catalogue.furthest(views, log_id))

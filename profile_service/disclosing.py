"""What disclosing and telling recipients is made of, in a server and in a process of its own."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial

import structlog

from profile_service.api.disclosure_reads import DisclosureReads
from profile_service.api.disclosure_service import DisclosureServicer
from profile_service.api.freshness import Freshness
from profile_service.api.paging import PageTokens
from profile_service.api.policy import Policy
from profile_service.api.translate import PositionMaker
from profile_service.api.view_reads import ViewReads
from profile_service.client import client_credentials
from profile_service.commands.obligations import Obligations
from profile_service.commands.recipients import RecipientDesk
from profile_service.commands.writing import Writer
from profile_service.log.append import EventLog
from profile_service.notices.calling import Callbacks
from profile_service.notices.notifier import Notifier
from profile_service.settings import Settings
from profile_service.stores import Stores, open_log, open_stores
from projections import catalogue
from projections.notices import Notices
from projections.reading import ViewReader
from projections.views import VIEWS

log = structlog.get_logger()


def servicer(
    stores: Stores,
    writer: Writer,
    reads: ViewReads,
    freshness: Freshness,
    tokens: PageTokens,
    policy: Policy,
    position: PositionMaker,
    now: Callable[[], datetime],
) -> DisclosureServicer:
    """Make the servicer of `DisclosureService`."""
    return DisclosureServicer(
        desk=RecipientDesk(writer, now, policy.purposes_while_restricted),
        reads=DisclosureReads(
            reader=ViewReader(stores.views),
            keys=stores.keys,
            log=stores.reader,
            freshness=freshness,
            notices=Notices(stores.views, stores.reader.log_id),
        ),
        views=reads,
        tokens=tokens,
        position=position,
    )


@contextmanager
def telling(settings: Settings, stores: Stores, event_log: EventLog) -> Iterator[Obligations]:
    """Tell recipients beside the block, if the settings say so. Raises `FilesUnreadableError`."""
    obligations = Obligations(stores.keys, stores.reader, event_log)
    if not settings.notifier:
        yield obligations
        return
    worker = _notifier(settings, stores, obligations)
    worker.start()
    try:
        yield obligations
    finally:
        worker.stop()


def notify(settings: Settings) -> None:
    """Tell recipients until SIGTERM or SIGINT. Raises `StartError`, `FilesUnreadableError`."""
    with open_stores(settings) as stores:
        catalogue.prepare(stores.views, VIEWS, stores.reader.log_id, stores.reader.head())
        with open_log(stores) as event_log:
            worker = _notifier(settings, stores, Obligations(stores.keys, stores.reader, event_log))
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: worker.stop())
            log.info("notifying", pid=os.getpid(), log_id=stores.reader.log_id)
            worker.run()
    log.info("stopped")


def _notifier(settings: Settings, stores: Stores, obligations: Obligations) -> Notifier:
    """With the client's TLS files, if the settings name any."""
    credentials = partial(client_credentials, settings)
    credentials()  # so that files which can't be read are told at the start
    return Notifier(stores.sources, obligations, Callbacks(credentials), stores.wakeup)

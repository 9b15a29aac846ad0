"""The only place that knows every concrete class: what is made of what, and in which order it starts."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from filelock import FileLock, Timeout
from sqlalchemy import Engine

from profile_service.api.audit_service import AuditServicer
from profile_service.api.campaign_service import CampaignServicer
from profile_service.api.consent_service import ConsentServicer
from profile_service.api.operations_service import OperationsServicer
from profile_service.api.paging import PageTokens
from profile_service.api.pipeline import Pipeline, check
from profile_service.api.policy import Policy, load_policy
from profile_service.api.profile_service import ProfileServicer
from profile_service.api.rights_service import RightsServicer
from profile_service.api.server import Server
from profile_service.api.view_reads import ViewReads
from profile_service.commands.addresses import Addresses
from profile_service.commands.campaigns import CampaignDesk
from profile_service.commands.closing import EpochCloser
from profile_service.commands.consents import ConsentKeeper
from profile_service.commands.erasure import Eraser
from profile_service.commands.imports import Importer
from profile_service.commands.loading import Loader
from profile_service.commands.profiles import ProfileEditor
from profile_service.commands.registration import Registrar
from profile_service.commands.schedule import ClosingSchedule
from profile_service.commands.writing import Writer
from profile_service.database import check_schema, open_engine
from profile_service.database import migrate as migrate_database
from profile_service.keys import schema as keys_schema
from profile_service.keys.roots import open_root_provider
from profile_service.keys.store import KeyStore
from profile_service.log import schema as log_schema
from profile_service.log.append import EventLog
from profile_service.log.postgres import PostgresAppendStore
from profile_service.log.reader import LogReader
from profile_service.log.sqlite import SQLiteAppendStore
from profile_service.log.wakeup import PostgresListener, Wakeup
from profile_service.settings import Settings
from profile_service.v1 import (
    audit_service_pb2,
    campaign_service_pb2,
    consent_service_pb2,
    operations_service_pb2,
    profile_service_pb2,
    rights_service_pb2,
)
from profile_service.v1.profile_pb2 import Position
from projections import catalogue
from projections import schema as views_schema
from projections.follow import Follower
from projections.operations import Operations
from projections.sources import Sources
from projections.views import VIEWS
from projections.waiting import ViewPositions

log = structlog.get_logger()

CITY = ZoneInfo("Europe/Brussels")

# Seconds that a thread may hold the interpreter while another waits. The default, 5 ms, would
# make the writer wait so long for each of its steps while handlers run.
SWITCH_INTERVAL = 0.0005

# Threads for blocking reads of the servicers.
READERS = 8


class StartError(Exception):
    """The service can't start; the text is one line for the operator."""


@dataclass(frozen=True)
class Stores:
    """The three databases and what reads and opens them."""

    events: Engine
    views: Engine
    reader: LogReader
    keys: KeyStore
    wakeup: Wakeup

    @property
    def sources(self) -> Sources:
        return Sources(log=self.reader, keys=self.keys, views=self.views)


def migrate(settings: Settings) -> None:
    """Bring the schemas of the three databases to this version."""
    for url, scripts in _databases(settings):
        engine = open_engine(url)
        migrate_database(engine, scripts)
        engine.dispose()


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then answer what was accepted. Raises `StartError`."""
    sys.setswitchinterval(SWITCH_INTERVAL)
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(READERS, "reader"))
    policy = load_policy(settings.policy)
    with ExitStack() as stack:
        if settings.events_url.startswith("sqlite"):
            stack.enter_context(_only_server(settings))
        stores = stack.enter_context(_stores(settings))
        server = _build(settings, policy, stores, stack)
        stopping = _stop_signals()
        await server.start()
        log.info("serving", listen=settings.listen, pid=os.getpid(), log_id=stores.reader.log_id)
        gc.collect()
        gc.freeze()  # what was made by now stays, so the collector need not look at it again
        await server.serve()
        await stopping.wait()
        log.info("stopping")
        await server.stop()
    log.info("stopped")


def project(settings: Settings) -> None:
    """Keep the views up to date until SIGTERM or SIGINT."""
    with _stores(settings) as stores:
        follower = Follower(stores.sources, VIEWS, stores.wakeup)
        catalogue.prepare(stores.views, VIEWS, stores.reader.log_id)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: follower.stop())
        log.info("projecting", pid=os.getpid(), log_id=stores.reader.log_id)
        follower.run()
    log.info("stopped")
    if follower.failure is not None:
        raise StartError(f"projecting stopped: {follower.failure}")


def _build(settings: Settings, policy: Policy, stores: Stores, stack: ExitStack) -> Server:
    """Make everything a server consists of; `stack` closes it, the last made first."""
    views = stores.views
    outdated = catalogue.prepare(views, VIEWS, stores.reader.log_id)
    positions = ViewPositions(views)
    follower = Follower(stores.sources, VIEWS, stores.wakeup, reached=positions.moved)
    if settings.projector:
        follower.start()
        stack.callback(follower.stop)
    operations = Operations(stores.sources, VIEWS)
    stack.callback(operations.stop)
    for name in outdated:
        log.info("view is outdated and rebuilt before serving", projection=name)
        operations.rebuild(name).result()

    event_log = EventLog(_append_store(stores.events), appended=stores.wakeup.notify)
    stack.callback(event_log.close)
    loader = Loader(stores.reader, stores.keys)
    stack.callback(loader.close)
    addresses = Addresses(stores.keys, stores.reader, event_log)
    stack.callback(addresses.close)
    reads = ViewReads(views=views, keys=stores.keys, log=stores.reader, positions=positions)
    stack.callback(reads.close)

    writer = Writer(event_log, loader)
    registrar = Registrar(stores.keys, addresses, writer, stores.reader, _today)
    eraser = Eraser(stores.keys, stores.reader, writer)
    eraser.finish_pending()
    stores.keys.open_buckets()
    closer = EpochCloser(stores.keys.closing(settings.key_backups), stores.keys, stores.reader, event_log)
    closing = ClosingSchedule(closer, settings.close_every)
    closing.start()
    stack.callback(closing.stop)
    tokens = PageTokens(lambda: stores.keys.service_cipher)
    log_id = stores.reader.log_id

    def position(value: int) -> Position:
        return Position(value=value, log_id=log_id)

    services = {
        "ProfileService": ProfileServicer(
            registrar=registrar,
            editor=ProfileEditor(stores.keys, addresses, writer, stores.reader, _today, _now),
            importer=Importer(stores.keys, addresses, event_log, registrar, _today, check),
            addresses=addresses,
            views=reads,
            position=position,
        ),
        "ConsentService": ConsentServicer(
            keeper=ConsentKeeper(writer), views=reads, tokens=tokens, position=position
        ),
        "CampaignService": CampaignServicer(
            desk=CampaignDesk(writer, _now), views=reads, tokens=tokens, position=position
        ),
        "RightsService": RightsServicer(eraser, position),
        "AuditService": AuditServicer(stores.reader, stores.keys, policy, stores.wakeup),
        "OperationsService": OperationsServicer(operations, stores.keys, closing, log_id),
    }
    files = (
        profile_service_pb2,
        consent_service_pb2,
        campaign_service_pb2,
        rights_service_pb2,
        audit_service_pb2,
        operations_service_pb2,
    )
    descriptors = [service for file in files for service in file.DESCRIPTOR.services_by_name.values()]
    return Server(
        Pipeline(policy, secure=settings.tls is not None),
        {descriptor: services[descriptor.name] for descriptor in descriptors},
        address=settings.listen,
        tls=settings.tls,
        healthy=lambda: follower.failure is None,
    )


@contextmanager
def _stores(settings: Settings) -> Iterator[Stores]:
    with ExitStack() as stack:
        engines = []
        for url, scripts in _databases(settings):
            engine = open_engine(url)
            stack.callback(engine.dispose)
            if engine.dialect.name == "sqlite":
                migrate_database(engine, scripts)
            else:
                check_schema(engine, scripts)
            engines.append(engine)
        events, keys_engine, views = engines
        root = open_root_provider(settings.root_keys, data_directory=settings.data)
        keys = KeyStore(keys_engine, root, close_every=settings.close_every)
        keys.start()
        stack.callback(keys.stop)
        wakeup = Wakeup()
        if events.dialect.name == "postgresql":
            listener = PostgresListener(events, wakeup)
            stack.callback(listener.stop)
        yield Stores(events, views, LogReader(events), keys, wakeup)


@contextmanager
def _only_server(settings: Settings) -> Iterator[None]:
    """Keep a second server away from SQLite files: its writer would not know of the other's."""
    settings.data.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.data / "server.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise StartError(f"another server uses {settings.data}") from None
    try:
        yield
    finally:
        lock.release()


def _databases(settings: Settings) -> tuple[tuple[str, Path], ...]:
    return (
        (settings.events_url, log_schema.MIGRATIONS),
        (settings.keys_url, keys_schema.MIGRATIONS),
        (settings.views_url, views_schema.MIGRATIONS),
    )


def _append_store(events: Engine) -> PostgresAppendStore | SQLiteAppendStore:
    if events.dialect.name == "postgresql":
        return PostgresAppendStore(events, _microseconds)
    return SQLiteAppendStore(events, _microseconds)


def _stop_signals() -> asyncio.Event:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    return stopping


def _microseconds() -> int:
    return time.time_ns() // 1000


def _now() -> datetime:
    return datetime.now(UTC)


def _today() -> date:
    return datetime.now(CITY).date()

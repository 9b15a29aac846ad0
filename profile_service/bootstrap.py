"""The only place that knows every concrete class: what is made of what, and in which order it starts."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import grpc
import structlog

from profile_service import dask_cluster, disclosing
from profile_service.api.audit_service import AuditServicer
from profile_service.api.campaign_service import CampaignServicer
from profile_service.api.freshness import Freshness
from profile_service.api.living_counts import LivingCounter
from profile_service.api.log_points import LogPoints
from profile_service.api.operations_service import OperationsServicer
from profile_service.api.paging import PageTokens
from profile_service.api.parked_calls import ParkedCalls
from profile_service.api.past_reads import PastReads
from profile_service.api.pipeline import Pipeline
from profile_service.api.policy import Policy, load_policy
from profile_service.api.profile_service import ProfileServicer
from profile_service.api.request_reading import check
from profile_service.api.restricted_reads import RestrictedReads
from profile_service.api.served import SERVICES
from profile_service.api.server import Server, tls_credentials
from profile_service.api.statistics_service import StatisticsServicer
from profile_service.api.view_reads import ViewReads
from profile_service.certificates.signing_key import open_signer
from profile_service.clock import now, today
from profile_service.commands.addresses import Addresses
from profile_service.commands.campaigns import CampaignDesk
from profile_service.commands.closing import EpochCloser
from profile_service.commands.epoch_facts import EpochFacts
from profile_service.commands.erasure import Eraser
from profile_service.commands.guardians import GuardianDesk
from profile_service.commands.imports import Importer
from profile_service.commands.loading import Loader
from profile_service.commands.profiles import ProfileEditor
from profile_service.commands.registration import Registrar
from profile_service.commands.registration_queue import RegistrationQueue
from profile_service.commands.schedule import ClosingSchedule
from profile_service.commands.skipping import Skipper
from profile_service.commands.suppression import Suppressor
from profile_service.commands.unfinished import UnfinishedErasures
from profile_service.commands.writing import Writer
from profile_service.consent_wiring import audience_servicer, consent_servicer
from profile_service.guardian_wiring import guardian_servicer
from profile_service.keys.erasure_list import ErasureList
from profile_service.policy_wiring import policy_servicer, published_policies
from profile_service.process import stop_signals, tune
from profile_service.rights_wiring import rights_servicer
from profile_service.settings import PROCESSES, Settings
from profile_service.staffing import staffing
from profile_service.stores import (
    StartError,
    Stores,
    log_of_fences,
    migrate,
    only_server,
    open_log,
    open_stores,
)
from profile_service.supplement_wiring import supplement_calls
from profile_service.v1.profile_pb2 import Position
from projections import catalogue
from projections.control import RebuildControl, RebuildFailedError
from projections.follow import Follower
from projections.operations import Operations
from projections.reading import ViewReader
from projections.views import VIEWS
from projections.waiting import ViewPositions

__all__ = ["StartError", "migrate", "project", "serve"]

log = structlog.get_logger()

# Threads for blocking reads of the servicers, and for erasures: those wait for a process that stands still.
READERS = 8
ERASERS = 8
# For verifications and rollbacks, which take as long as the log.
VERIFIERS = 2


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then answer what was accepted. Raises `StartError`."""
    tune()
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(READERS, "reader"))
    policy = load_policy(settings.policy)
    tls = None if settings.tls is None else tls_credentials(*settings.tls)
    if settings.rebuild_executor != PROCESSES and not dask_cluster.is_installed():
        raise StartError("rebuild_executor: Dask is not here: install a-profile[dask]")
    with ExitStack() as stack:
        if settings.events_url.startswith("sqlite"):
            stack.enter_context(only_server(settings))
        stores = stack.enter_context(open_stores(settings))
        server = _build(settings, policy, tls, stores, stack)
        stopping = stop_signals()
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
    tune()
    with open_stores(settings) as stores:
        follower = Follower(stores.sources, VIEWS, stores.wakeup)
        catalogue.prepare(stores.views, VIEWS, stores.reader.log_id, stores.reader.head())
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: follower.stop())
        log.info("projecting", pid=os.getpid(), log_id=stores.reader.log_id)
        follower.run()
    log.info("stopped")
    if follower.failure is not None:
        raise StartError(f"projecting stopped: {follower.failure}")


def _build(
    settings: Settings,
    policy: Policy,
    tls: grpc.ServerCredentials | None,
    stores: Stores,
    stack: ExitStack,
) -> Server:
    """Make everything a server consists of; `stack` closes it, the last made first."""
    views = stores.views
    outdated = catalogue.prepare(views, VIEWS, stores.reader.log_id, stores.reader.head())
    positions = ViewPositions(views)
    follower = Follower(stores.sources, VIEWS, stores.wakeup, reached=positions.moved)
    if settings.projector:
        follower.start()
        stack.callback(follower.stop)
    staff = staffing(settings, stores.sources)
    rebuilds = RebuildControl(stores.sources, VIEWS, staff, parked_margin=settings.parked_margin)
    stack.callback(rebuilds.stop)
    _bring_up(rebuilds, outdated)

    event_log = stack.enter_context(open_log(stores))
    loader = Loader(stores.reader, stores.keys)
    stack.callback(loader.close)
    addresses = Addresses(stores.keys, stores.reader, event_log)
    stack.callback(addresses.close)
    queue = RegistrationQueue(stores.keys, event_log)
    stack.callback(queue.close)
    published = published_policies(stores.reader)
    freshness = Freshness(stores.reader, positions, published)
    stack.callback(freshness.close)
    reader = ViewReader(views)
    reads = ViewReads(
        reader=reader,
        keys=stores.keys,
        log=stores.reader,
        freshness=freshness,
        now=now,
        limits=policy.limits,
    )
    stack.callback(reads.close)
    restricted = RestrictedReads(stores.reader, policy.purposes_while_restricted)
    stack.callback(restricted.close)

    writer = Writer(event_log, loader)
    registrar = Registrar(stores.keys, queue, addresses, writer, stores.reader, published, today)
    fences = stack.enter_context(log_of_fences(stores, event_log))
    erasing = stack.enter_context(ThreadPoolExecutor(ERASERS, "eraser"))
    erasures = ErasureList(settings.erasures)
    eraser = Eraser(stores.keys, stores.reader, fences, erasures, policy.assurance, threads=erasing)
    suppressor = Suppressor(stores.keys, stores.reader, writer, addresses)
    stores.keys.open_buckets()
    facts = EpochFacts(stores.keys, stores.reader, event_log)
    unfinished = UnfinishedErasures(stores.keys, stores.reader, eraser)
    closer = EpochCloser(stores.keys.closing(settings.key_backups), facts, unfinished)
    closing = ClosingSchedule(closer, settings.close_every)
    closing.start()
    stack.callback(closing.stop)
    obligations = stack.enter_context(disclosing.telling(settings, stores, event_log))
    tokens = PageTokens(lambda: stores.keys.service_cipher, stores.reader.log_id)
    points = LogPoints(stores.reader, now)
    signer = open_signer(settings.signing_key)

    def position(value: int) -> Position:
        return Position(value=value, log_id=stores.reader.log_id)

    guardians = GuardianDesk(writer, stores.reader, policy.limits, today)
    editor = ProfileEditor(stores.keys, addresses, writer, stores.reader, today, now, policy.assurance)
    importer = Importer(queue, registrar, published, today, check)
    services = {
        "ProfileService": ProfileServicer(
            registrar=registrar,
            editor=editor,
            importer=importer,
            addresses=addresses,
            views=reads,
            past=PastReads(stores.sources, points),
            restricted=restricted,
            supplements=supplement_calls(
                writer, stores.reader, published, policy, reads, tokens, restricted, position
            ),
            position=position,
        ),
        "ConsentService": consent_servicer(
            stores,
            writer=writer,
            suppressor=suppressor,
            guardians=guardians,
            views=reads,
            published=published,
            tokens=tokens,
            points=points,
            restricted=restricted,
            signer=signer,
            policy=policy,
            position=position,
        ),
        "GuardianService": guardian_servicer(stores, guardians, freshness, restricted, position),
        "CampaignService": CampaignServicer(
            desk=CampaignDesk(writer, now),
            views=reads,
            tokens=tokens,
            restricted=restricted,
            position=position,
        ),
        "PolicyService": policy_servicer(published, writer, reader, freshness, restricted, tokens, position),
        "RightsService": rights_servicer(
            stores,
            eraser=eraser,
            suppressor=suppressor,
            editor=editor,
            writer=writer,
            views=reads,
            tokens=tokens,
            signer=signer,
            obligations=obligations,
            policy=policy,
            unsubscribe_url=settings.unsubscribe_url,
            position=position,
        ),
        "DisclosureService": disclosing.servicer(
            stores, writer, reads, freshness, tokens, policy, position, now
        ),
        "AudienceService": audience_servicer(stores, freshness, restricted, policy, position),
        "StatisticsService": StatisticsServicer(
            reader=reader,
            freshness=freshness,
            counter=LivingCounter(reader=reader, keys=stores.keys, freshness=freshness, today=today),
            position=position,
        ),
        "AuditService": AuditServicer(stores.reader, stores.keys, policy, restricted, stores.wakeup),
        "OperationsService": OperationsServicer(
            Operations(stores.sources, VIEWS, staff),
            rebuilds,
            stores.keys,
            closing,
            ParkedCalls(
                sources=stores.sources,
                skipper=Skipper(writer, stores.reader),
                freshness=freshness,
                tokens=tokens,
                position=position,
            ),
            stores.reader.log_id,
            stack.enter_context(ThreadPoolExecutor(VERIFIERS, "verifier")),
        ),
    }
    return Server(
        Pipeline(policy, stores.keys.lease, restricted, secure=settings.tls is not None),
        {descriptor: services[descriptor.name] for descriptor in SERVICES},
        address=settings.listen,
        tls=tls,
        healthy=lambda: follower.failure is None,
    )


def _bring_up(rebuilds: RebuildControl, outdated: Sequence[str]) -> None:
    """Rebuild what can't be read before anything is served. Raises `StartError`."""
    for name in outdated:
        log.info("view is outdated and rebuilt before serving", projection=name)
        try:
            rebuilds.complete(name)
        except RebuildFailedError as error:
            raise StartError(f"the view {name} could not be rebuilt: {error}") from None

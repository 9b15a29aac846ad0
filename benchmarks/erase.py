"""Erasing: alone, under load, beside a process that stands still, and after a long history."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from statistics import median
from uuid import UUID, uuid4

import grpc

from benchmarks import generator, service
from benchmarks.databases import temporary_directory, temporary_postgres
from benchmarks.generator import LoadError, percentile
from benchmarks.processes import settle
from benchmarks.register import load
from benchmarks.runner import Measurement, Options, benchmark
from benchmarks.service import WithProjector
from profile_service.database import open_engine
from profile_service.domain import registry
from profile_service.log.append import Append, EventLog, NewFact
from profile_service.log.facts import write_record
from profile_service.log.postgres import PostgresAppendStore
from profile_service.v1.events_pb2 import (
    ERASURE_REASON_CONSENT_WITHDRAWN,
    ERASURE_REQUESTER_PERSON,
    ConsentGiven,
    ConsentWithdrawn,
    EventHeader,
)
from profile_service.v1.profile_pb2 import CHANNEL_IMPORT, CHANNEL_WEB, LEGAL_BASIS_CONSENT
from profile_service.v1.rights_pb2 import (
    ASSURANCE_LEVEL_SUBSTANTIAL,
    IDENTIFICATION_METHOD_EID_CARD,
    Identification,
)
from profile_service.v1.rights_service_pb2 import EraseProfileRequest
from tests.support.service import Stubs

SHORT, LONG = 10, 100_000
PEOPLE = 3
FACTS_PER_APPEND = 500
TIMEOUT = 60.0

# Erasures of which a percentile is told, at least; and people to erase, more than there is time for.
FEWEST = 300
PEOPLE_UNDER_LOAD = 10_000


@benchmark
def erase(options: Options) -> Iterator[Measurement]:
    """PostgreSQL, projector beside the server: p99 <= 10 ms under load, <= 3 s if that is stopped."""
    with (
        temporary_directory() as directory,
        temporary_postgres() as postgres,
        service.on_postgresql(directory, postgres) as ours,
        ours.stubs() as stubs,
    ):
        grpc.channel_ready_future(stubs.channel).result(TIMEOUT)
        people = iter(service.registered(ours, FEWEST + PEOPLE_UNDER_LOAD + options.rounds))
        yield from alone(stubs, people)
        yield from under_load(ours, stubs, people, options)
        yield beside_stopped(ours, stubs, people, options)
        yield after_history(ours, stubs)


def alone(stubs: Stubs, people: Iterator[str]) -> Iterator[Measurement]:
    """One person after the other, and nothing else."""
    seconds = sorted(erasing(stubs, next(people)) for _ in range(FEWEST))
    for name, share in (("p50", 0.50), ("p99", 0.99)):
        yield Measurement(f"erase.alone.{name}", percentile(seconds, share) * 1e3, "ms")


def under_load(
    ours: WithProjector, stubs: Stubs, people: Iterator[str], options: Options
) -> Iterator[Measurement]:
    """One person after the other while others register, 16 calls in flight."""
    seconds: list[float] = []
    registered = 0.0
    with ThreadPoolExecutor(1) as thread:
        while len(seconds) < FEWEST or registered < options.seconds * options.rounds:
            settle()
            registering = load(ours.address, streams=4, seconds=options.seconds)
            outcome = thread.submit(generator.run, registering)
            erased = []
            while not outcome.done():
                began = time.perf_counter()
                erased.append((began, erasing(stubs, next(people))))
            loaded = outcome.result()
            if loaded.failures:
                raise LoadError(f"{loaded.failures} registrations failed: {loaded.refusals}")
            end = loaded.since + loaded.seconds
            seconds += [took for began, took in erased if loaded.since <= began and began + took <= end]
            registered += loaded.seconds
    seconds.sort()
    remark = f"{len(seconds):,} erasures beside {loaded.rate:,.0f} registrations/s"
    yield Measurement("erase.load.p50", percentile(seconds, 0.50) * 1e3, "ms", remark=remark)
    yield Measurement(
        "erase.load.p99", percentile(seconds, 0.99) * 1e3, "ms", target="value <= 10", remark=remark
    )


def beside_stopped(ours: WithProjector, stubs: Stubs, people: Iterator[str], options: Options) -> Measurement:
    """The longest of several erasures, each just after the projector was stopped."""
    assert ours.projector is not None
    seconds = []
    for _ in range(options.rounds):
        settle()
        ours.projector.send_signal(signal.SIGSTOP)
        try:
            seconds.append(erasing(stubs, next(people)))
        finally:
            ours.projector.send_signal(signal.SIGCONT)
    remark = f"the longest of {len(seconds)}"
    return Measurement("erase.stopped", max(seconds) * 1e3, "ms", target="value <= 3000", remark=remark)


def after_history(ours: WithProjector, stubs: Stubs) -> Measurement:
    """A person with 100,000 events, beside one with 10: at most 1.5x the time."""
    seconds: dict[int, list[float]] = {SHORT: [], LONG: []}
    people = service.registered(ours, 2 * PEOPLE)
    with writer(ours.databases.events) as log:
        for number, profile_id in enumerate(people):
            extend(log, UUID(profile_id), (SHORT, LONG)[number % 2] - 1)
    settle()
    for number, profile_id in enumerate(people):
        seconds[(SHORT, LONG)[number % 2]].append(erasing(stubs, profile_id))
    short, long = (median(seconds[events]) * 1e3 for events in (SHORT, LONG))
    return Measurement("erase", long, "ms", f"{SHORT} events", short, "ratio <= 1.5", f"{LONG:,} events")


@contextmanager
def writer(url: str) -> Iterator[EventLog]:
    """A writer of the service's log beside the service."""
    engine = open_engine(url)
    log = EventLog(PostgresAppendStore(engine, lambda: time.time_ns() // 1000))
    try:
        yield log
    finally:
        log.close()
        engine.dispose()


def extend(log: EventLog, profile_id: UUID, events: int) -> None:
    """Give and withdraw a consent, `events` times in all."""
    for first in range(1, events + 1, FACTS_PER_APPEND):
        versions = range(first, min(first + FACTS_PER_APPEND, events + 1))
        facts = tuple(consent(profile_id, version) for version in versions)
        log.append_and_wait(Append(os.urandom(32), os.urandom(32), profile_id, profile_id, facts))


def consent(profile_id: UUID, version: int) -> NewFact:
    """The consent given (odd versions) or withdrawn (even versions) as fact `version` of its stream."""
    kind = ConsentGiven if version % 2 else ConsentWithdrawn
    message = kind(purpose="newsletter", policy_version="2026-01", text_hash=bytes(32))
    header = EventHeader(
        stream=f"consents/{profile_id}",
        version=version,
        type=message.DESCRIPTOR.full_name,
        profile_id=profile_id.bytes,
        actor="bench",
        channel=CHANNEL_IMPORT,
        request_id=uuid4().bytes,
        schema=registry.fact_type(message.DESCRIPTOR.full_name).schema,
    )
    record = write_record(header, message, None)
    return NewFact(header.stream, version, profile_id, header.type, record)


def erasing(stubs: Stubs, profile_id: str) -> float:
    """Erase a person; return the seconds until it was answered."""
    request = EraseProfileRequest(
        request_id=str(uuid4()),
        profile_id=profile_id,
        legal_basis=LEGAL_BASIS_CONSENT,
        requested_by=ERASURE_REQUESTER_PERSON,
        erasure_reason=ERASURE_REASON_CONSENT_WITHDRAWN,
        channel=CHANNEL_WEB,
        identification=Identification(
            method=IDENTIFICATION_METHOD_EID_CARD, level=ASSURANCE_LEVEL_SUBSTANTIAL
        ),
    )
    began = time.perf_counter()
    answer = stubs.rights.EraseProfile(request, timeout=TIMEOUT)
    seconds = time.perf_counter() - began
    if not answer.erased_live:
        raise ValueError("the answer does not say that the person is erased")
    return seconds

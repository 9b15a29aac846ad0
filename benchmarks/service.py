"""The service as it runs in production: the server, and the projector as a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import grpc

from benchmarks import generator
from benchmarks.bodies import consents, imports
from benchmarks.generator import Load, LoadError
from benchmarks.processes import settle, stop
from profile_service.v1.profile_service_pb2 import ImportProfilesResponse
from tests.support.postgres import PostgresServer
from tests.support.service import Databases, Process, Service

IMPORT = "/profile_service.v1.ProfileService/ImportProfiles"
SET_CONSENT = "/profile_service.v1.ConsentService/SetConsent"


@dataclass
class WithProjector(Service):
    """A service whose projector is a process of its own."""

    projector_inside: bool = False
    forked: bool = False
    prepared: bool = False
    projector: Process | None = None


@contextmanager
def on_postgresql(
    directory: Path, server: PostgresServer, databases: Databases | None = None
) -> Iterator[WithProjector]:
    """The server with its three databases on PostgreSQL, and `aprofile project` beside it."""
    databases = databases or Databases(*(server.new_database() for _ in range(3)))
    service = WithProjector(directory, databases)
    with _running(service):
        service.projector = service.spawn("project")
        try:
            settle()
            yield service
        finally:
            stop(service.projector)


@contextmanager
def on_sqlite(directory: Path) -> Iterator[Service]:
    """The server with its three databases on SQLite, the projector inside it."""
    with _running(Service(directory, Databases.sqlite(directory), forked=False, prepared=False)) as service:
        yield service


@contextmanager
def _running(service: Service) -> Iterator[Service]:
    service.start()
    try:
        yield service
    finally:
        service.stop()


def registered(service: Service, people: int) -> list[str]:
    """Import `people`; return their profile ids, when the views have them."""
    profile_ids: list[str] = []
    call: grpc.StreamStreamMultiCallable[bytes, ImportProfilesResponse]
    with grpc.insecure_channel(service.address) as channel:
        call = channel.stream_stream(IMPORT, response_deserializer=ImportProfilesResponse.FromString)
        for answer in call(imports(people, 500), timeout=300):
            profile_ids += [status.profile_id for status in answer.statuses]
    settle()
    return profile_ids


def give_consents(service: Service, profile_ids: list[str]) -> None:
    """Let everybody consent, and wait until the views have it."""
    load = Load(service.address, SET_CONSENT, partial(consents, profile_ids), warm_up=0, seconds=600)
    outcome = generator.run(load)
    if outcome.calls != len(profile_ids):
        raise LoadError(f"{outcome.calls} of {len(profile_ids)} consents given: {outcome.refusals}")
    settle()

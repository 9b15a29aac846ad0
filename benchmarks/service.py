"""The service as it runs in production: the server, and the projector as a process of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc

from benchmarks.bodies import imports
from benchmarks.processes import settle, stop
from profile_service.v1.profile_service_pb2 import ImportProfilesResponse
from tests.support.postgres import PostgresServer
from tests.support.service import Databases, Service

IMPORT = "/profile_service.v1.ProfileService/ImportProfiles"


@dataclass
class WithProjector(Service):
    """A service whose projector is a process of its own."""

    projector_inside: bool = False
    projector: subprocess.Popen[bytes] | None = None


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
    with _running(Service(directory, Databases.sqlite(directory))) as service:
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

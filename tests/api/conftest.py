"""Services for all tests that only call them."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.beside import Beside
from tests.api.calls import SECONDS
from tests.support.other_sources import with_sources
from tests.support.postgres import PostgresServer
from tests.support.service import Databases, Service, Stubs, running_service


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A running service on SQLite; whoever uses it leaves it running."""
    directory = tmp_path_factory.mktemp("api")
    with running_service(
        directory, Databases.sqlite(directory), environment=with_sources(directory)
    ) as service:
        yield service


@pytest.fixture(scope="session")
def stubs(shared: Service) -> Iterator[Stubs]:
    with shared.stubs() as stubs:
        yield stubs


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def living(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stubs]:
    """A service on SQLite, and one on PostgreSQL with its projector as a process of its own."""
    if request.param == "sqlite":
        yield request.getfixturevalue("stubs")
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    urls = [server.new_database() for _ in range(3)]
    directory: Path = tmp_path_factory.mktemp("postgres")
    environment = with_sources(directory)
    with running_service(
        directory, Databases(*urls), projector_inside=False, environment=environment
    ) as service:
        yield from _with_projector(service)
    server.give_back(*urls)


def _with_projector(service: Service) -> Iterator[Stubs]:
    projector = service.spawn("project")
    with service.stubs() as stubs:
        yield stubs
    projector.send_signal(signal.SIGTERM)
    assert projector.wait(SECONDS) == 0


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Beside]:
    directory: Path = tmp_path_factory.mktemp("beside")
    with running_service(directory, Databases.sqlite(directory), projector_inside=False) as service:
        projector = service.spawn("project")
        with service.stubs() as stubs:
            yield Beside(service, stubs, projector)
        projector.send_signal(signal.SIGTERM)
        assert projector.wait(SECONDS) == 0

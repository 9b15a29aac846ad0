"""Fixtures that every test may use: fresh databases of both kinds."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

from tests.support.postgres import PostgresServer, start_postgres
from tests.support.service import Databases, Service, running_service

# Processes of tests import the same modules hundreds of times: compiled once, whatever the environment says.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A slow example says something about the machine, not about the code: `timeout` watches the whole test.
settings.register_profile("checks", deadline=None)
settings.load_profile("checks")

# Beside a failure pytest shows what is needed: drawing every variable on its way took seconds a traceback.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)

# What takes longest, in an order that fills the workers: whoever begins one of these last is waited for.
LONGEST = (
    "drills/test_restoring.py",
    "projections/test_views_hold.py",
    "docs/test_how_to_add_an_event.py",
    "cli/test_service.py",
    "projections/test_killing.py",
    "leaks/test_service.py",
    "leaks/test_memory.py",
    "crash/test_kill.py",
    "projections/test_control.py",
    "disclosures/test_killing.py",
    "projections/test_dask.py",
    "projections/test_workers.py",
    "epochs/test_service.py",
    "epochs/test_attack.py",
    "epochs/test_crashes.py",
    "keys/test_secrecy.py",
    "backup/test_presence.py",
    "fanout/test_processes.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rank = {(Path(__file__).parent / name).resolve(strict=True): place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path, len(rank)))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    # No test pulls the plug: what a killed PostgreSQL must not lose is with the kernel by then.
    server = start_postgres(fsync="off")
    yield server
    server.stop()
    shutil.rmtree(server.directory, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    url = postgres_server.new_database()
    yield url
    postgres_server.give_back(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The SQLAlchemy URL of an empty database; the test runs once for each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/database.sqlite"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Databases]:
    """Three empty databases for a service; the test runs once for each kind."""
    if request.param == "sqlite":
        yield Databases.sqlite(tmp_path)
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    urls = [server.new_database() for _ in range(3)]
    yield Databases(*urls)
    server.give_back(*urls)


@pytest.fixture
def service(databases: Databases, tmp_path: Path) -> Iterator[Service]:
    """The real service, running; the test runs once for each kind of database."""
    with running_service(tmp_path, databases) as running:
        yield running

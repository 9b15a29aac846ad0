"""One service for all tests of a module that only call it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.service import Databases, Service, Stubs, running_service


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A running service on SQLite; whoever uses it leaves it running."""
    directory = tmp_path_factory.mktemp("api")
    with running_service(directory, Databases.sqlite(directory)) as service:
        yield service


@pytest.fixture(scope="session")
def stubs(shared: Service) -> Iterator[Stubs]:
    with shared.stubs() as stubs:
        yield stubs

"""Commands over both kinds of databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.commands.service import Commands, Places, open_commands


def places_of(kind: str, request: pytest.FixtureRequest, directory: Path) -> Places:
    if kind == "sqlite":
        urls = [f"sqlite:///{directory}/{name}.sqlite" for name in ("events", "keys")]
    else:
        server = request.getfixturevalue("postgres_server")
        urls = [server.new_database() for _ in range(2)]
    places = Places(*urls, str(directory / "roots"))
    places.migrate()
    return places


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def commands(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    """Shared by the tests of a module: each brings people of its own."""
    places = places_of(request.param, request, tmp_path_factory.mktemp("commands"))
    with open_commands(places) as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Places:
    """Fresh databases for one test."""
    return places_of(request.param, request, tmp_path)


@pytest.fixture
def postgres_places(request: pytest.FixtureRequest, tmp_path: Path) -> Places:
    return places_of("postgresql", request, tmp_path)


@pytest.fixture
def more_commands() -> Iterator[Callable[[Places], Commands]]:
    """Opens commands as another process would: with keys, queues and a writer of their own."""
    with ExitStack() as stack:
        yield lambda places: stack.enter_context(open_commands(places))

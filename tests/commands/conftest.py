"""Commands over both kinds of databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.commands.service import Commands, Places, open_commands


@contextmanager
def places_of(kind: str, request: pytest.FixtureRequest, directory: Path) -> Iterator[Places]:
    if kind == "sqlite":
        events, keys = (f"sqlite:///{directory}/{name}.sqlite" for name in ("events", "keys"))
    else:
        server = request.getfixturevalue("postgres_server")
        events, keys = server.new_database(), server.new_database()
    places = Places(events, keys, str(directory / "roots"))
    places.fill()
    yield places
    if kind == "postgresql":
        server.give_back(events, keys)


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def commands(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    """Shared by the tests of a module: each brings people of its own."""
    with (
        places_of(request.param, request, tmp_path_factory.mktemp("commands")) as places,
        open_commands(places) as made,
    ):
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Places]:
    """Fresh databases for one test."""
    with places_of(request.param, request, tmp_path) as made:
        yield made


@pytest.fixture
def postgres_places(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Places]:
    with places_of("postgresql", request, tmp_path) as made:
        yield made


@pytest.fixture
def more_commands() -> Iterator[Callable[[Places], Commands]]:
    """Opens commands as another process would: with keys, queues and a writer of their own."""
    with ExitStack() as stack:
        yield lambda places: stack.enter_context(open_commands(places))

"""PostgreSQL databases that a file shares, emptied for each test: making one takes longer than most tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.support.postgres import PostgresServer
from tests.support.service import Databases


@pytest.fixture(scope="module")
def shared_databases(postgres_server: PostgresServer) -> Iterator[list[str]]:
    urls = [postgres_server.new_database() for _ in range(3)]
    yield urls
    for url in urls:
        postgres_server.drop_database(url)


@pytest.fixture
def postgres_url(shared_databases: list[str]) -> str:
    return _emptied(shared_databases[0])


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Databases:
    if request.param == "sqlite":
        return Databases.sqlite(tmp_path)
    return Databases(*(_emptied(url) for url in request.getfixturevalue("shared_databases")))


def _emptied(url: str) -> str:
    engine = create_engine(url)
    with engine.begin() as connection:
        others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        connection.execute(text(f"SELECT pg_terminate_backend(pid) {others}"))
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return url

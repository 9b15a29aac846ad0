"""A migrated, empty log of each kind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.log.logs import new_log


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    with new_log(database_url) as made:
        yield made


@pytest.fixture
def postgres_engine(postgres_url: str) -> Iterator[Engine]:
    with new_log(postgres_url) as made:
        yield made

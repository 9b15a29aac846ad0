"""What the client hears of an error that is no refusal: whether it will pass, and an incident id."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import structlog
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from profile_service.api.faults import as_refusal
from profile_service.batching import QueueFullError, StoppedError
from profile_service.domain.errors import (
    InternalFaultError,
    KeysRefusedError,
    Refusal,
    ServerBusyError,
    ServiceUnavailableError,
)
from profile_service.keys.errors import KeysUnavailableError, SealBrokenError
from projections.catalogue import ViewNotReadyError

SECRET = "Zqcanary7731"


def refusal(error: Exception) -> type[Refusal]:
    with structlog.testing.capture_logs() as lines:
        found, metadata = as_refusal("ProfileService/GetProfile", error)
    assert lines[0]["incident"] == metadata["incident"]
    assert not found.violations
    assert SECRET not in str(found)
    return type(found)


def error_of(url: str, statement: str) -> Exception:
    engine = create_engine(url)
    try:
        with pytest.raises(DBAPIError) as caught, engine.connect() as connection:
            connection.execute(text(statement)).all()
    finally:
        engine.dispose()
    return caught.value


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (KeysUnavailableError(SECRET), KeysRefusedError),
        (QueueFullError(SECRET), ServerBusyError),
        (StoppedError(SECRET), ServiceUnavailableError),
        (ViewNotReadyError(SECRET), ServiceUnavailableError),
        (SealBrokenError(SECRET), InternalFaultError),
        (ValueError(SECRET), InternalFaultError),
    ],
)
def test_what_will_pass_is_told_from_what_will_not(error: Exception, told: type[Refusal]):
    assert refusal(error) is told


def test_a_database_that_is_away_is_unavailable(tmp_path: Path):
    nowhere = "postgresql+psycopg://nobody@127.0.0.1:1/nothing?connect_timeout=2"
    assert refusal(error_of(nowhere, "SELECT 1")) is ServiceUnavailableError
    assert refusal(error_of(f"sqlite:///{tmp_path}/no/such", "SELECT 1")) is ServiceUnavailableError


def test_a_locked_database_is_unavailable(tmp_path: Path):
    with sqlite3.connect(tmp_path / "locked", isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        busy = error_of(f"sqlite:///{tmp_path}/locked?timeout=0", "SELECT * FROM sqlite_master")
    other.close()
    assert refusal(busy) is ServiceUnavailableError


def test_a_wrong_statement_or_value_is_a_fault(database_url: str):
    assert refusal(error_of(database_url, f"SELECT {SECRET} FROM nothing")) is InternalFaultError
    if database_url.startswith("sqlite"):
        wrong = "SELECT CAST(x'ff' AS TEXT)"
        assert refusal(error_of(database_url, wrong)) is InternalFaultError

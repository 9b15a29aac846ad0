"""What went wrong and is no refusal: written down under an incident id, told without its text."""

from __future__ import annotations

from uuid import uuid4

import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from profile_service.batching import QueueFullError, StoppedError
from profile_service.domain.errors import (
    InternalFaultError,
    KeysRefusedError,
    Refusal,
    ServerBusyError,
    ServiceUnavailableError,
)
from profile_service.keys.errors import KeysUnavailableError
from projections.catalogue import ViewNotReadyError

log = structlog.get_logger()

# Result code of SQLite for a statement that is wrong: a fault of ours.
SQLITE_ERROR = 1


def as_refusal(method: str, error: Exception) -> tuple[Refusal, dict[str, str]]:
    """Log `error`; return what the client hears of it, and the incident id as metadata."""
    incident = uuid4().hex
    log.error("call failed", method=method, incident=incident, exc_info=error)
    return _refusal(error), {"incident": incident}


def _refusal(error: Exception) -> Refusal:
    if isinstance(error, KeysUnavailableError):
        return KeysRefusedError()
    if isinstance(error, QueueFullError):
        return ServerBusyError()
    return ServiceUnavailableError() if _will_pass(error) else InternalFaultError()


def _will_pass(error: Exception) -> bool:
    """Whether a database is away, a view waits for its rebuild, or the server stops: no fault of ours."""
    if isinstance(error, PoolTimeoutError | ViewNotReadyError | StoppedError):
        return True
    if not isinstance(error, OperationalError | InterfaceError):
        return isinstance(error, DBAPIError) and error.connection_invalidated
    # SQLite's driver calls nearly everything operational, wrong statements and damaged values too.
    is_sqlite = type(error.orig).__module__ == "sqlite3"
    return not is_sqlite or getattr(error.orig, "sqlite_errorcode", SQLITE_ERROR) != SQLITE_ERROR

"""Structured logs that can't hold a personal value: what is not known to be safe is left out.

Every line of every library goes the same way; of an exception only its class and
the code locations are written, never its text.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
from datetime import datetime
from enum import Enum
from types import TracebackType
from typing import Any
from uuid import UUID

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

# What a line may tell, beside `event`. Values under other keys are counted, and dropped.
# fmt: off
ALLOWED_KEYS = frozenset(
    {
        "attempt", "batch", "bucket", "buckets", "caller", "capacity", "channel", "code", "count",
        "database", "deadline_ms", "duration_ms", "epoch", "error", "facts", "finality", "generation",
        "head", "incident", "keys", "kind", "lag", "leases", "level", "listen", "log_id", "logger",
        "method", "parked", "phase", "pid", "places", "position", "profile_id", "projection", "projector",
        "provider", "queued", "reason", "release", "revision", "rows", "schema", "seconds", "signal",
        "slice", "slices", "state", "status", "stream_kind", "time", "tls", "tombstones", "type",
        "version",
    }
)
# fmt: on
MAX_FRAMES = 30

# An event is a phrase of the code's author: words of letters. It can hold no address and no number.
_EVENT = re.compile(r"[A-Za-z][a-z]*(?:[ _-][A-Za-z]?[a-z']*[,;:]?){0,20}")
# An identifier: no space, no @, no character outside ASCII.
_IDENTIFIER = re.compile(r"[A-Za-z0-9_./:<>\[\]+-]{1,200}")
WITHHELD = "<withheld>"
OWN_PACKAGES = ("profile_service", "projections")


def configure(level: str = "info", form: str = "auto") -> None:
    """Send every log of this process to stderr; `form` is "json", "console" or "auto" (by terminal)."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(form))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    logging.raiseExceptions = False  # else a failing handler prints the record with its arguments
    logging.captureWarnings(True)
    for library in ("sqlalchemy", "alembic", "asyncio", "faker", "grpc"):
        logging.getLogger(library).setLevel(logging.WARNING)
    _catch_unhandled()


def _formatter(form: str) -> logging.Formatter:
    console = form == "console" or (form == "auto" and sys.stderr.isatty())
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(timestamp_key="time", event_key="event")
        if console
        else structlog.processors.JSONRenderer()
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_logger_name, structlog.stdlib.ExtraAdder(ALLOWED_KEYS)],
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper("iso", key="time"),
            only_safe,
            renderer,
        ],
        # The text of a library's record, and its exception, may quote anything.
        use_get_message=False,
        keep_exc_info=False,
        keep_stack_info=False,
    )


def only_safe(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Keep known keys, and of their values only numbers, identifiers and times.

    Of an exception the class and the places it passed are kept; of a library's
    line, from where it was logged.
    """
    record, is_ours = event.pop("_record"), event.pop("_from_structlog")
    is_ours = is_ours or record.name.partition(".")[0] in OWN_PACKAGES
    error = _exception(event.pop("exc_info", None))
    if not is_ours:
        event = {key: event[key] for key in ("logger", "level", "time")}
    kept: EventDict = {key: _safe(value) for key, value in event.items() if key in ALLOWED_KEYS}
    kept["event"] = _phrase(event.get("event")) if is_ours else "library message"
    if withheld := len(event.keys() - ALLOWED_KEYS - {"event"}):
        kept["withheld"] = withheld
    if not is_ours:
        kept["at"] = f"{record.pathname}:{record.lineno}:{record.funcName}"
    if error is not None:
        kept["error"] = type(error).__name__
        kept["frames"] = exception_frames(error)
    return kept


def _phrase(text: object) -> str:
    return text if isinstance(text, str) and _EVENT.fullmatch(text) else WITHHELD


def _exception(info: Any) -> BaseException | None:
    if info is True:
        info = sys.exc_info()
    if isinstance(info, tuple):
        info = info[1]
    return info if isinstance(info, BaseException) else None


def exception_frames(error: BaseException) -> list[str]:
    """`file:line:function` of each frame, the failing one last; then those of its causes, by class."""
    frames = [_place(*step) for step in _steps(error.__traceback__)][-MAX_FRAMES:]
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and len(frames) < MAX_FRAMES:
        frames += [f"from:{type(cause).__name__}", *(_place(*step) for step in _steps(cause.__traceback__))]
    return frames[:MAX_FRAMES]


def _steps(traceback: TracebackType | None) -> list[tuple[Any, int]]:
    steps = []
    while traceback is not None:
        steps.append((traceback.tb_frame.f_code, traceback.tb_lineno))
        traceback = traceback.tb_next
    return steps


def _place(code: Any, line: int) -> str:
    return f"{code.co_filename}:{line}:{code.co_name}"


def _safe(value: object) -> object:
    match value:
        case Enum():
            return value.name
        case None | bool() | int() | float():
            return value
        case UUID() | datetime():
            return str(value)
        case str():
            return value if _IDENTIFIER.fullmatch(value) else WITHHELD
        case list() | tuple():
            return [_safe(part) for part in value[:MAX_FRAMES]]
    return f"<{type(value).__name__}>"  # a message, bytes, a mapping, an exception


def _catch_unhandled() -> None:
    log = structlog.get_logger("profile_service")

    def in_main(kind: type[BaseException], error: BaseException, _traceback: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        log.critical("unhandled exception", exc_info=error)

    def in_thread(arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None:
            log.critical("unhandled exception in thread", exc_info=arguments.exc_value)

    def unraisable(arguments: sys.UnraisableHookArgs) -> None:
        if arguments.exc_value is not None:
            log.error("exception that can not be raised", exc_info=arguments.exc_value)

    sys.excepthook = in_main
    threading.excepthook = in_thread
    sys.unraisablehook = unraisable

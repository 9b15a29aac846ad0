"""What a command says when something goes wrong: one line, and an exit code."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from enum import IntEnum

import grpc
import typer
from google.protobuf.any_pb2 import Any
from google.rpc import error_details_pb2, status_pb2
from sqlalchemy.exc import DBAPIError

from profile_service.database import DatabaseSettingError, SchemaVersionError
from profile_service.settings import SettingsError


class ExitCode(IntEnum):
    """Exit codes of `aprofile`; the same in every command."""

    OK = 0
    FAILED = 1
    USAGE = 2
    REFUSED = 3
    UNAVAILABLE = 4
    FAULT = 70
    INTERRUPTED = 130


EXIT_CODES = (
    "Exit codes: 0 done; 1 a check found a difference, or a run had failures; 2 a wrong option or setting; "
    "3 the service refused the call; 4 the service or a database can't be reached, or gave no answer in "
    "time; 70 a fault in aprofile; 130 interrupted."
)

_NO_ANSWER = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)


class CommandError(Exception):
    """A command can't do what was asked; the text is one line for the person at the keyboard."""

    def __init__(self, message: str, code: ExitCode = ExitCode.FAILED) -> None:
        super().__init__(message)
        self.code = code


def error_reason(error: grpc.RpcError) -> str:
    """The `ErrorInfo.reason` of a refusal, or "" if it has none."""
    for detail in _details(error):
        if detail.Is(error_details_pb2.ErrorInfo.DESCRIPTOR):
            info = error_details_pb2.ErrorInfo()
            detail.Unpack(info)
            return str(info.reason)
    return ""


def _details(error: grpc.RpcError) -> list[Any]:
    # grpcio-stubs knows the items as pairs without types.
    metadata: dict[str, bytes] = dict(error.trailing_metadata() or ())  # type: ignore[arg-type]
    packed = metadata.get("grpc-status-details-bin")
    return list(status_pb2.Status.FromString(packed).details) if packed else []


def _wrong_fields(error: grpc.RpcError) -> str:
    wrong = []
    for detail in _details(error):
        if detail.Is(error_details_pb2.BadRequest.DESCRIPTOR):
            request = error_details_pb2.BadRequest()
            detail.Unpack(request)
            wrong = [f"{violation.field}: {violation.description}" for violation in request.field_violations]
    return f" ({'; '.join(wrong)})" if wrong else ""


def describe(error: grpc.RpcError) -> str:
    """One line: the reason, the status, and what the service says of it."""
    status = error.code()
    reason = error_reason(error)
    if not reason and status is grpc.StatusCode.UNAVAILABLE:
        return "the service can't be reached (UNAVAILABLE)"
    if not reason and status is grpc.StatusCode.DEADLINE_EXCEEDED:
        return "no answer within --timeout (DEADLINE_EXCEEDED)"
    return f"{reason or status.name} ({status.name}): {error.details()}{_wrong_fields(error)}"


def run(command: Callable[[], object]) -> None:
    """Run a command; leave with the exit code of what went wrong."""
    try:
        command()
    except (SettingsError, CommandError) as error:
        _leave(str(error), error.code if isinstance(error, CommandError) else ExitCode.USAGE)
    except grpc.RpcError as error:
        _leave(describe(error), ExitCode.UNAVAILABLE if error.code() in _NO_ANSWER else ExitCode.REFUSED)
    except (SchemaVersionError, DatabaseSettingError) as error:
        _leave(str(error), ExitCode.FAILED)
    except DBAPIError as error:
        # The text of a driver's error can hold values; its class says what to look for.
        _leave(f"the database refused ({type(error.orig).__name__})", ExitCode.UNAVAILABLE)
    except KeyboardInterrupt:
        sys.exit(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output has left (`| head`); the interpreter must not flush into it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.OK)
    except Exception as error:  # noqa: BLE001 - the text and the locals may be personal: only where it was
        last = traceback.extract_tb(error.__traceback__)[-1]
        _leave(
            f"fault: {type(error).__name__} at {last.filename}:{last.lineno} in {last.name}", ExitCode.FAULT
        )


def _leave(message: str, code: ExitCode) -> None:
    typer.echo(f"aprofile: {message}", err=True)
    sys.exit(code)

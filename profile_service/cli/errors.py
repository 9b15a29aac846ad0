"""What a command says when something goes wrong: one line, and an exit code."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from enum import IntEnum

import grpc
import typer

from profile_service.client import FilesUnreadableError, error_reason, wrong_fields
from profile_service.policy_file import PolicyFileError
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
    "Exit codes: 0 done; 1 it failed, or a check found a difference; 2 a wrong option or setting; "
    "3 the service refused the call; 4 the service or a database can't be reached, or gave no answer in "
    "time; 70 a fault in aprofile; 130 interrupted."
)

_NO_ANSWER = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)


class CommandError(Exception):
    """A command can't do what was asked; the text is one line for the person at the keyboard."""

    def __init__(self, message: str, code: ExitCode = ExitCode.FAILED) -> None:
        super().__init__(message)
        self.code = code


def describe(error: grpc.RpcError) -> str:
    """One line: the reason, the status, and what the service says of it."""
    status = error.code()
    reason = error_reason(error)
    if not reason and status is grpc.StatusCode.UNAVAILABLE:
        return "the service can't be reached (UNAVAILABLE)"
    if not reason and status is grpc.StatusCode.DEADLINE_EXCEEDED:
        return "no answer within --timeout (DEADLINE_EXCEEDED)"
    wrong = f" ({'; '.join(fields)})" if (fields := wrong_fields(error)) else ""
    return f"{reason or status.name} ({status.name}): {error.details()}{wrong}"


def run(command: Callable[[], object]) -> None:
    """Run a command; leave with the exit code of what went wrong."""
    try:
        command()
    except (SettingsError, FilesUnreadableError, PolicyFileError, CommandError) as error:
        _leave(str(error), error.code if isinstance(error, CommandError) else ExitCode.USAGE)
    except grpc.RpcError as error:
        _leave(describe(error), ExitCode.UNAVAILABLE if error.code() in _NO_ANSWER else ExitCode.REFUSED)
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

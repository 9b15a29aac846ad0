"""No personal value leaves the process by a log line, whatever is logged and by whom."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import textwrap
from uuid import UUID

import pytest

from profile_service import logs

CANARY = "canary-8d1f@example.org"

# Each line would write the value if logs were not configured.
PLANTED = {
    "an unknown key": "log.info('profile changed', email=VALUE)",
    "a known key": "log.info('profile changed', reason=VALUE)",
    "in a list": "log.info('profile changed', reason=[VALUE])",
    "in a mapping": "log.info('profile changed', reason={'email': VALUE})",
    "as bytes": "log.info('profile changed', reason=VALUE.encode())",
    "as a key": "log.info('profile changed', **{VALUE: 1})",
    "in the event": "log.info(f'profile of {VALUE} changed')",
    "as the event": "log.info(VALUE)",
    "in positional arguments": "log.info('profile of %s changed', VALUE)",
    "bound to the logger": "log.bind(email=VALUE).info('profile changed')",
    "in a message": "log.info('profile changed', reason=Registration(email=VALUE))",
    "as the name of the logger": "structlog.get_logger(VALUE).info('profile changed')",
    "an exception": "failing(log.exception, 'call failed')",
    "an exception as a value": "log.error('call failed', error=ValueError(VALUE), reason=ValueError(VALUE))",
    "the cause of an exception": "caused(log.exception, 'call failed')",
    "a stack": "log.info('call', stack_info=True, exc_info=ValueError(VALUE))",
    "a library": "library.warning('sent to %s', VALUE)",
    "a library's text": "library.warning(VALUE)",
    "a library's extra": "library.warning('sent', extra={'email': VALUE})",
    "a library's extra under a known key": "library.warning('sent', extra={'reason': 'canary-8d1f'})",
    "our own ordinary logger": "ordinary.warning('sent to %s', VALUE)",
    "the extra of our own ordinary logger": "ordinary.warning('sent', extra={'reason': VALUE})",
    "a library's exception": "failing(library.exception, 'sent to %s', VALUE)",
    "a library's broken line": "library.warning('%d', VALUE)",
    "a warning": "warnings.warn(VALUE)",
    "a thread": "run_in_thread()",
    "a task": "asyncio.run(forgotten_task())",
    "a finalizer": "Finalized()",
    "the end": "fail()",
}

PROGRAM = """
import asyncio, gc, logging, threading, warnings
import structlog
from profile_service import logs
from profile_service.v1.profile_service_pb2 import Registration

VALUE = {value!r}
logs.configure("debug", {form!r})
log = structlog.get_logger("profile_service.test")
ordinary = logging.getLogger("profile_service.ordinary")
library = logging.getLogger("library")

def fail():
    personal = VALUE
    raise ValueError(personal)

def failing(write, *arguments):
    try:
        fail()
    except ValueError:
        write(*arguments)

def caused(write, *arguments):
    try:
        try:
            fail()
        except ValueError as error:
            raise RuntimeError(VALUE) from error
    except RuntimeError:
        write(*arguments)

def run_in_thread():
    thread = threading.Thread(target=fail, name=VALUE)
    thread.start()
    thread.join()

async def forgotten_task():
    async def task():
        fail()
    asyncio.create_task(task(), name=VALUE)
    await asyncio.sleep(0)
    gc.collect()

class Finalized:
    def __del__(self):
        fail()

{statement}
"""


def output_of(statement: str, form: str) -> str:
    program = PROGRAM.format(value=CANARY, form=form, statement=statement)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def run_all(form: str) -> dict[str, str]:
    """One process for all but the last, which ends it."""
    *statements, last = PLANTED.values()
    divided = "\n".join(f"{one}\nprint('-' * 9, file=__import__('sys').stderr)" for one in statements)
    parts = output_of(f"{divided}\n{last}", form).split("-" * 9 + "\n")
    return dict(zip(PLANTED, parts, strict=True))


@pytest.mark.parametrize("form", ["json", "console"])
def test_no_planted_value_comes_out(form: str) -> None:
    for name, text in run_all(form).items():
        assert text.strip(), f"{name}: the line itself must not be lost"
        for trace in (CANARY, "canary-8d1f", CANARY.encode().hex()):
            assert trace not in text, name


def test_the_value_would_come_out_of_logs_that_are_not_ours() -> None:
    """The test above can fail: an ordinary handler writes what is planted."""
    program = f"import logging; logging.basicConfig(); logging.warning('sent to %s', {CANARY!r})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert CANARY in done.stderr


def test_every_line_is_one_json_object() -> None:
    for name, text in run_all("json").items():
        for line in text.splitlines():
            assert {"event", "level", "time", "logger"} <= json.loads(line).keys(), name


def test_of_an_exception_the_class_and_the_places_are_logged() -> None:
    line = json.loads(output_of(PLANTED["the cause of an exception"], "json"))
    assert line["error"] == "RuntimeError"
    assert line["frames"][0].endswith(":caused")
    assert "from:ValueError" in line["frames"]
    assert line["frames"][-1].endswith(":fail")


def test_of_a_library_the_place_is_logged() -> None:
    line = json.loads(output_of(PLANTED["a library's text"], "json"))
    assert line["event"] == "library message"
    assert line["logger"] == "library"
    assert line["at"].startswith("<string>:")


def test_an_ordinary_logger_of_ours_keeps_its_event() -> None:
    statement = "ordinary.warning('lease_not_renewed', extra={'reason': 'OSError'})"
    line = json.loads(output_of(statement, "json"))
    assert (line["event"], line["reason"]) == ("lease_not_renewed", "OSError")


def test_dropped_values_are_counted() -> None:
    line = json.loads(output_of("log.info('call', email=VALUE, phone=VALUE, status='OK')", "json"))
    assert line["withheld"] == 2
    assert line["status"] == "OK"


def test_what_an_operator_needs_comes_out() -> None:
    statement = textwrap.dedent("""\
        from uuid import UUID
        log.info('call ended', method='/profile_service.v1.ProfileService/GetProfile', caller='dev',
                 status='OK', duration_ms=1.5, position=7, listen='[::1]:50051', profile_id=UUID(int=1))""")
    line = json.loads(output_of(statement, "json"))
    assert line["event"] == "call ended"
    assert line["method"] == "/profile_service.v1.ProfileService/GetProfile"
    assert (line["caller"], line["status"], line["duration_ms"], line["position"]) == ("dev", "OK", 1.5, 7)
    assert line["listen"] == "[::1]:50051"
    assert line["profile_id"] == str(UUID(int=1))


def test_a_level_below_is_not_logged() -> None:
    assert output_of("logging.getLogger().setLevel('ERROR'); log.info('call ended')", "json") == ""


def test_no_key_of_a_personal_field_is_allowed() -> None:
    from profile_service.v1.profile_pb2 import Profile

    open_fields = {"profile_id"}
    assert not (logs.ALLOWED_KEYS & set(Profile.DESCRIPTOR.fields_by_name)) - open_fields
    assert logging.getLevelName("INFO") == logging.INFO

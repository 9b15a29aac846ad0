"""The steps of `docs/how-to-add-an-event.md`, taken one by one: what fails is always the next one's test."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.repository import ROOT, run_tool, scratch_copy

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

EVENTS = "proto/profile_service/v1/events.proto"
FIELD = "optional string shade = 1"
DECLARED = f"{FIELD} [(open) = {{ground: OPEN_GROUND_EVIDENCE}}]"


def listed_tests() -> list[str]:
    """The last cell of each row of the table of steps."""
    text = (ROOT / "docs/how-to-add-an-event.md").read_text()
    return re.findall(r"^\| \d \|.*\| `(tests/[^`]+)` \|$", text, re.MULTILINE)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return scratch_copy(
        tmp_path, "pyproject.toml", "buf.yaml", "proto", "buf", "profile_service", "projections", "tests"
    )


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def think(copy: Path) -> None:
    append(copy / EVENTS, f"\nmessage HairDyed {{\n  {FIELD};\n}}\n")


def generate(copy: Path) -> None:
    assert run_tool("python", "proto/generate.py", within=copy) == (0, "")


def declare(copy: Path) -> None:
    path = copy / EVENTS
    path.write_text(path.read_text().replace(FIELD, DECLARED))
    generate(copy)


def write_golden_file(copy: Path) -> None:
    status, output = run_tool("python", "-m", "tests.domain.golden", within=copy)
    assert status == 0, output


def fold(copy: Path) -> None:
    append(
        copy / "profile_service/domain/profile.py",
        "\nfrom profile_service.v1 import events_pb2\nevents_pb2.HairDyed\n",
    )


def show(copy: Path) -> None:
    path = copy / "tests/repository/test_every_fact.py"
    path.write_text(path.read_text().replace("str] = {", 'str] = {"HairDyed": "nobody asks", '))


def first_failure(copy: Path) -> str | None:
    """The first of the listed tests that fails, run in their order."""
    options = ("-q", "-n0", "-x", "-p", "no:cacheprovider")
    status, output = run_tool("python", "-m", "pytest", *options, *listed_tests(), within=copy)
    assert status in (0, 1), output
    failed = re.findall(r"^FAILED (\S+)", output, re.MULTILINE)
    return next((test for test in listed_tests() for name in failed if name.startswith(test)), None)


def test_each_step_has_the_next_failing_test(copy: Path):
    steps: list[Callable[[Path], None]] = [generate, declare, write_golden_file, fold, show]
    tests = listed_tests()
    assert len(tests) == len(steps)
    assert first_failure(copy) is None
    think(copy)
    for step, test in zip(steps, tests, strict=True):
        assert first_failure(copy) == test
        step(copy)
    assert first_failure(copy) is None

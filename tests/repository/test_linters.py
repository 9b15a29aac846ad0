"""Lint, format and types notice a mistake when one is planted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.repository import ROOT, run_tool, tracked_files


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ("import os\n", "F401"),
        ("def f(x: int) -> int:\n    return y\n", "F821"),
        ("print('x')\n", "T201"),
        ("# TO" + "DO: later\n", "FIX002"),
        ("try:\n    f()\nexcept Exception:\n    pass\n", "BLE001"),
        ("x = 1  # noqa: F401\n", "RUF100"),
    ],
)
def test_ruff_notices(source: str, rule: str):
    status, output = run_tool(
        "ruff", "check", "--stdin-filename", "profile_service/planted.py", "-", stdin=source
    )
    assert status == 1
    assert rule in output


def test_ruff_notices_a_file_that_is_not_formatted():
    status, _ = run_tool(
        "ruff", "format", "--check", "--stdin-filename", "profile_service/planted.py", "-", stdin="x=1\n"
    )
    assert status == 1


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("def f(x: int) -> str:\n    return x\n", "return-value"),
        ("def f(x):\n    return x\n", "no-untyped-def"),
        ("from profile_service.v1 import profile_pb2\nprofile_pb2.Profile(emial='')\n", "call-arg"),
    ],
    ids=["wrong", "untyped", "no such field"],
)
def test_mypy_notices(source: str, code: str, tmp_path: Path):
    planted = tmp_path / "planted.py"
    planted.write_text(source)
    status, output = run_tool("mypy", "--config-file", str(ROOT / "pyproject.toml"), str(planted))
    assert status == 1
    assert f"[{code}]" in output


def test_every_rule_that_is_ignored_has_a_reason_beside_it():
    text = (ROOT / "pyproject.toml").read_text()
    section = text[text.index("[tool.ruff.lint]") : text.index("[tool.ruff.lint.isort]")]
    rules = [line for line in section.splitlines() if line.startswith('  "')]
    assert rules
    assert [line for line in rules if "  # " not in line] == []


def test_every_suppression_names_its_rule_and_its_reason():
    """`# noqa: RULE - why`, `# type: ignore[code]  # why`."""
    unexplained = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in tracked_files(".py")
        if path != Path(__file__)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if ("# noqa" in line and " - " not in line.partition("# noqa")[2])
        or ("# type: ignore" in line and "#" not in line.partition("# type: ignore")[2])
    ]
    assert unexplained == []

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


def unexplained(lines: list[str]) -> list[str]:
    """Suppressions without a reason: beside it, or within the five lines above it."""
    found = []
    for number, line in enumerate(lines):
        if "# noqa" in line and " - " not in line.partition("# noqa")[2]:
            found.append(line.strip())
        before, suppressed, after = line.partition("# type: ignore")
        above = [text.partition("# type: ignore")[2] or text for text in lines[max(0, number - 5) : number]]
        if suppressed and "#" not in after and not any("# " in text for text in above):
            found.append(before.strip())
    return found


def test_every_suppression_has_a_reason():
    """`# noqa: RULE - why`, `# type: ignore[code]  # why`. Tests are typed as they can be."""
    files = [path for path in tracked_files(".py") if path.relative_to(ROOT).parts[0] != "tests"]
    found = {str(path.relative_to(ROOT)): unexplained(path.read_text().splitlines()) for path in files}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_a_planted_suppression_without_a_reason_is_noticed():
    assert unexplained(["f(x)  # type: ignore[arg-type]"]) == ["f(x)"]
    assert unexplained(["f(x)  # noqa" + ": S101"]) == ["f(x)  # noqa: S101"]
    assert unexplained(["# They have no types.", "f(x)  # type: ignore[arg-type]"]) == []

"""The repository speaks of the product alone, promises no more than it keeps, and is finished."""

from __future__ import annotations

import re

import pytest

from tests.support.repository import ROOT, tracked_files

HERE = ROOT / "tests/repository/test_words.py"
UNWANTED = {
    "a place on one machine": r"/(?:work|root)/|/home/\w",
    "a promise that no code can keep": r"GDPR[- ](compliant|proof|ready)|100 ?% (safe|secure)",
    "something left for later": r"\b(TODO|FIXME|XXX|HACK)\b|in a real (system|service)",
    "a host that packages come from": r"pypi\.org|pythonhosted|registry\.npmjs|proxy\.golang",
}
VAGUE_MODULES = {"utils.py", "util.py", "helpers.py", "helper.py", "manager.py", "misc.py", "common.py"}


def lines_with(pattern: str) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in tracked_files()
        if path != HERE and path.suffix != ".png"
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if re.search(pattern, line)
    ]


@pytest.mark.parametrize("pattern", UNWANTED.values(), ids=UNWANTED.keys())
def test_no_file_has(pattern: str):
    assert lines_with(pattern) == []


def test_a_module_is_named_after_what_is_in_it():
    assert [path for path in tracked_files(".py") if path.name in VAGUE_MODULES] == []


def test_a_module_can_be_read_in_one_sitting():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in tracked_files(".py")
        if path.relative_to(ROOT).parts[0] != "tests"  # a table of examples is read by the row
        and (lines := len(path.read_text().splitlines())) > 300
    }
    assert long == {}


def test_a_module_says_what_it_is():
    silent = [
        path.relative_to(ROOT)
        for path in tracked_files(".py")
        if path.name not in ("__init__.py", "env.py")
        and path.read_text()
        and not path.read_text().startswith(('"""', "#!"))
    ]
    assert silent == []

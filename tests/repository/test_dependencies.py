"""Every dependency has a reason, is used, and is locked by its hash."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest

from tests.support.repository import ROOT, tracked_files

TEXT = (ROOT / "pyproject.toml").read_text()
PROJECT = tomllib.loads(TEXT)
OPTIONAL = [name for names in PROJECT["project"]["optional-dependencies"].values() for name in names]
RUNTIME = [*PROJECT["project"]["dependencies"], *OPTIONAL]
DEVELOPMENT = PROJECT["dependency-groups"]["dev"]
# Loaded by name, and so never imported by us: the driver that SQLAlchemy loads, the time zones of zoneinfo.
LOADED_BY_NAME = {"psycopg", "tzdata"}


def name_of(requirement: str) -> str:
    """The normalised name of what is required."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[><=~! ;]", requirement)[0]).lower()


def imported_modules() -> set[str]:
    """The top-level modules that the packages import, our own and Python's left out."""
    files = [
        path
        for path in tracked_files(".py")
        if path.relative_to(ROOT).parts[0] in ("profile_service", "projections")
    ]
    nodes = [node for path in files for node in ast.walk(ast.parse(path.read_text()))]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {
        node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level
    }
    ours = {"profile_service", "projections", "buf"}
    return {name for name in names if name.split(".")[0] not in ours | set(sys.stdlib_module_names)}


def distributions_of(module: str) -> set[str]:
    """The distributions that bring a module; `google` is shared by several."""
    top = module.partition(".")[0]
    if module.startswith("google.protobuf"):
        return {"protobuf"}
    if top == "google":
        return {"googleapis-common-protos"}
    return {name_of(name) for name in packages_distributions().get(top, [top])}


@pytest.mark.parametrize("requirement", [*RUNTIME, *DEVELOPMENT])
def test_a_dependency_has_a_reason_beside_it(requirement: str):
    (line,) = [line for line in TEXT.splitlines() if line.strip().startswith(f'"{requirement}"')]
    assert re.search(r"# .{5,}", line)


def test_what_is_imported_is_required_and_what_is_required_is_imported():
    required = {name_of(requirement) for requirement in RUNTIME}
    used = {module: distributions_of(module) for module in imported_modules()}
    undeclared = {module for module, brought_by in used.items() if not brought_by & required}
    unused = required - set().union(*used.values()) - LOADED_BY_NAME
    assert undeclared == set()
    assert unused == set()


@pytest.mark.parametrize(
    ("lock", "requirements"),
    [("requirements.lock", RUNTIME), ("requirements-dev.lock", [*RUNTIME, *DEVELOPMENT])],
)
def test_a_lock_file_pins_every_requirement_by_hash_and_names_no_index(lock: str, requirements: list[str]):
    text = (ROOT / lock).read_text()
    pins = re.findall(r"^(\S+)==\S+(?: ;[^\n]*)? \\\n    --hash=sha256:", text, re.MULTILINE)
    pinned = {re.sub(r"\[.*\]", "", name) for name in pins}
    assert {name_of(requirement) for requirement in requirements} <= pinned
    assert "://" not in text

"""The import contracts hold, cover every module, and notice each kind of breach when one is planted."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.support.repository import ROOT, run_tool, scratch_copy

LINTER = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
CONTRACTS = {contract["id"]: contract["name"] for contract in LINTER["contracts"]}
(HOUSE,) = [contract for contract in LINTER["contracts"] if contract["id"] == "house"]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return scratch_copy(tmp_path, "pyproject.toml", "profile_service", "projections")


def lint(within: Path) -> tuple[int, str]:
    return run_tool("lint-imports", "--no-cache", within=within)


def test_the_contracts_hold():
    status, output = lint(ROOT)
    assert status == 0, output


@pytest.mark.parametrize(
    ("package", "line", "contract"),
    [
        ("profile_service/domain", "import profile_service.keys", "house"),
        ("profile_service/keys", "import profile_service.log", "house"),
        ("profile_service/log", "import profile_service.commands", "house"),
        ("profile_service/commands", "import projections", "house"),
        ("profile_service/commands", "import profile_service.api", "house"),
        ("projections", "import profile_service.commands", "house"),
        ("profile_service/domain", "import time", "pure-domain"),
        ("profile_service/domain", "import sqlalchemy", "pure-domain"),
        ("profile_service/domain", "import grpc", "pure-domain"),
        ("profile_service/log", "from profile_service.v1 import audit_service_pb2_grpc", "stubs"),
        ("projections", "import grpc", "stubs"),
        ("profile_service/commands", "import sqlalchemy", "sql"),
        ("profile_service/api", "import psycopg", "drivers"),
        ("profile_service/log", "import cryptography", "cryptography"),
    ],
)
def test_a_planted_breach_is_noticed(copy: Path, package: str, line: str, contract: str):
    (copy / package / "planted.py").write_text(line + "\n")
    status, output = lint(copy)
    assert status == 1
    assert f"{CONTRACTS[contract]} BROKEN" in " ".join(output.split())


def test_every_module_has_its_place_in_the_house():
    placed = {name.strip(" ()") for layer in HOUSE["layers"] for name in layer.split("|")}
    modules = {path.stem for path in (ROOT / "profile_service").iterdir() if path.suffix == ".py"}
    packages = {path.parent.name for path in (ROOT / "profile_service").glob("*/__init__.py")}
    present = {f"profile_service.{name}" for name in modules | packages if name != "__init__"}
    assert present <= placed


def test_every_generated_stub_is_kept_to_the_api():
    (stubs,) = [contract for contract in LINTER["contracts"] if contract["id"] == "stubs"]
    modules = (ROOT / "profile_service/v1").glob("*_pb2_grpc.py")
    present = {f"profile_service.v1.{path.stem}" for path in modules}
    assert present == set(stubs["forbidden_modules"]) - {"grpc"}

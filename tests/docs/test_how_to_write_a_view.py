"""The example of `docs/how-to-write-a-view.md`: its test passes, and what must hold of every view holds."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from projections import catalogue
from projections.view import View
from tests.projections import proof
from tests.projections.proof import Part
from tests.projections.world import PEOPLE, Step, new_world
from tests.support.markdown import code_blocks
from tests.support.repository import ROOT
from tests.support.service import Databases

DOCUMENT = ROOT / "docs/how-to-write-a-view.md"


@pytest.fixture
def example(tmp_path: Path) -> Iterator[ModuleType]:
    """Both blocks of the document, as one module."""
    path = tmp_path / "verified.py"
    path.write_text("\n".join(code_blocks(DOCUMENT, "python")))
    spec = importlib.util.spec_from_file_location("verified", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["verified"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["verified"]


def test_it_is_a_view_of_ten_lines():
    lines = code_blocks(DOCUMENT, "python")[0].partition("class ")[2].splitlines()
    statements = [line for line in lines if line and line[0] not in " )"]
    assert len(statements) <= 10


def test_its_test_passes(example: ModuleType):
    tests = [value for name, value in vars(example).items() if name.startswith("test_")]
    assert tests
    for test in tests:
        test()


def test_its_test_can_fail(example: ModuleType, monkeypatch: pytest.MonkeyPatch):
    view: Any = example.VERIFIED_VIEW
    forgetful = {
        message: function for message, function in view.apply.items() if function is not example._gone
    }
    monkeypatch.setattr(example, "VERIFIED_VIEW", replace(view, apply=forgetful))
    with pytest.raises(AssertionError):
        example.test_an_address_is_verified_until_it_changes()


def test_rebuilt_it_is_the_live_one(example: ModuleType, databases: Databases, tmp_path: Path):
    view: View = example.VERIFIED_VIEW
    steps = [
        *(Step("register", who) for who in range(PEOPLE)),
        *(Step("verify", who) for who in range(PEOPLE)),
    ]
    course = [
        Part([*steps, Step("email", 1)], keys_stay=False, damaged=[(7, True)], batch=3, operator="skip"),
        Part([Step("verify", 1), Step("erase", 2)], keys_stay=True, damaged=[], batch=1, operator=""),
    ]
    with (
        new_world(databases, tmp_path / "root", [view]) as world,
        ThreadPoolExecutor(2) as executor,
    ):
        proof.run(world, course, lambda: [view])
        with world.sources.views.connect() as connection:
            assert catalogue.read_generations(connection, view.name)[0].position == world.log.head()
        proof.expect_live_is_the_log(world, lambda: [view])
        proof.expect_rebuilt_is_live(world, lambda: [view], executor)

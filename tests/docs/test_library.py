"""The examples of docs/eventsourcing-library.md run as they stand, one of them beside a running service."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import people
from tests.support.markdown import code_blocks
from tests.support.repository import ROOT, run_tool
from tests.support.service import Databases, running_service

OWN, FACTS = code_blocks(ROOT / "docs/eventsourcing-library.md", "python")


def test_a_stock_application_keeps_its_own_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OWN_URL", f"sqlite:///{tmp_path}/benches.sqlite")
    assert run_tool("python", "-", stdin=OWN) == (0, "")


@pytest.mark.service
def test_a_stock_application_reads_the_facts_of_the_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with running_service(tmp_path, Databases.sqlite(tmp_path)) as service, service.stubs() as stubs:
        person = people.new_person()
        stubs.profiles.RegisterProfile(people.register(person), timeout=10)
        monkeypatch.setenv("SERVICE_EVENTS_URL", service.databases.events)
        status, output = run_tool("python", "-", stdin=FACTS)
    assert status == 0, output
    assert [line.split()[0] for line in output.splitlines()] == ["PolicyPublished", "ProfileRegistered"]
    assert person.mark not in output

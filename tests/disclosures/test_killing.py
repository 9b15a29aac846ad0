"""Obligations can't be lost: the notifier is killed amid recipients that fail; a defect is found."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.disclosures.killing import RECIPIENTS, city
from tests.support.service import Databases

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(600)]


# Recipients, by the kind of database; where the many are is enough.
MANY = {True: RECIPIENTS, False: 12}


def test_everyone_is_told_and_each_obligation_is_acknowledged_once(tmp_path: Path, databases: Databases):
    with city(tmp_path, databases, seed=5, count=MANY[databases.are_sqlite]) as one:
        one.kill_at_random(3)
        assert one.busy
        one.finish()
        assert one.faults() == []


def test_a_planted_defect_that_loses_obligations_is_found(tmp_path: Path):
    """It is killed between noting its progress and opening; what it passed over is never told."""
    with city(tmp_path, Databases.sqlite(tmp_path), seed=6, failing=0) as one:
        one.rectify()
        one.start("tests.disclosures.too_early")
        time.sleep(1)
        one.kill()
        one.start()
        one.erase()
        expected = len(one.known)
        end = time.monotonic() + 60
        while sum(len(callback.told) for callback in one.callbacks) < expected and time.monotonic() < end:
            time.sleep(0.1)
        one.kill()
        assert any("never told" in fault for fault in one.faults())

"""Facts that were ever written can still be read, and mean what they meant."""

from __future__ import annotations

import pytest

from tests.domain import golden
from tests.domain.golden import Golden, current, faults, kept

ALL = sorted({*current(), *kept()})


@pytest.mark.parametrize("written", ALL, ids=lambda written: f"{written.name}-v{written.version}")
def test_a_fact_still_reads_as_it_was_written(written: Golden):
    assert list(faults(written)) == []


def test_every_version_up_to_the_present_one_is_kept():
    for newest in current():
        versions = {written.version for written in kept() if written.name == newest.name}
        assert versions == set(range(1, newest.version + 1)), newest.name


def test_a_changed_golden_file_is_found(tmp_path, monkeypatch):
    """Bytes that say something else now, a field that is gone, and a file that is missing."""
    monkeypatch.setattr(golden, "DIRECTORY", tmp_path)
    assert golden.write_missing() == list(current())
    erased = Golden("ProfileErased", 2)
    assert list(faults(erased)) == []
    erased.binary.write_bytes(b"\x08\x01")
    assert "says something else than it did when it was written" in list(faults(erased))
    erased.binary.write_bytes(b"\xc0\x3e\x01")
    assert list(faults(erased)) == ["has fields that are no longer known"]
    erased.binary.unlink()
    assert list(faults(erased)) == ["is missing: write it, and keep the earlier ones"]


def test_a_fact_with_a_new_field_needs_a_new_version(tmp_path, monkeypatch):
    """What was written before the field existed does not have all that the fact can say now."""
    monkeypatch.setattr(golden, "DIRECTORY", tmp_path)
    earlier = Golden("ProfileErased", 2)
    fact = golden.full(earlier.message)
    fact.ClearField("reason")
    earlier.binary.write_bytes(fact.SerializeToString())
    earlier.text.write_text(str(fact))
    assert list(faults(earlier)) == [
        "does not have all that the fact can say: its schema changed and needs a new version"
    ]

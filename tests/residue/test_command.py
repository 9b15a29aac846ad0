"""`aprofile residue-scan` tells where, in which encoding, and of which line; never the value."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import forked

CANARY = "Quistnix-canary@example.org"


@pytest.fixture
def canaries(tmp_path: Path) -> Path:
    file = tmp_path / "canaries"
    file.write_text(f"Somebody Else entirely\n{CANARY}\n")
    return file


@pytest.fixture
def searched(tmp_path: Path) -> Path:
    directory = tmp_path / "searched"
    directory.mkdir()
    (directory / "clean.log").write_text("nothing here\n")
    return directory


def aprofile(*arguments: object) -> subprocess.CompletedProcess[str]:
    return forked.run(["residue-scan", *map(str, arguments)], os.environ, 60, check=False)


def test_a_value_is_found_and_not_shown(canaries: Path, searched: Path):
    (searched / "dump.gz").write_bytes(b"junk" + gzip.compress(b"a row of " + CANARY.lower().encode()))
    answer = aprofile("--canary", canaries, "--format", "json", searched)
    assert answer.returncode == 1
    assert json.loads(answer.stdout) == {
        "files": 2,
        "bytes": (searched / "dump.gz").stat().st_size + 13,
        "found": [
            {"file": f"{searched}/dump.gz", "offset": 4, "canary": 2, "encoding": "utf-8 in gzip"},
        ],
        "unseen": [],
    }
    shown = aprofile("--canary", canaries, searched)
    assert shown.returncode == 1
    assert "utf-8 in gzip" in shown.stdout
    assert "2 files" in shown.stdout
    assert "FOUND" in shown.stdout
    assert CANARY.lower() not in (shown.stdout + shown.stderr + answer.stdout).lower()


def test_nothing_is_found_where_nothing_is(canaries: Path, searched: Path):
    answer = aprofile("--canary", canaries, searched)
    assert answer.returncode == 0
    assert answer.stdout == "1 files, 13 bytes: nothing found\n"


def test_what_a_link_leads_to_is_not_taken_for_clean(canaries: Path, searched: Path, tmp_path: Path):
    """As the write-ahead log of a PostgreSQL that has it on another disk."""
    wal = tmp_path / "wal"
    wal.mkdir()
    (searched / "pg_wal").symlink_to(wal)
    answer = aprofile("--canary", canaries, searched)
    assert answer.returncode == 1
    assert f"{searched}/pg_wal: leads to what was NOT LOOKED THROUGH" in answer.stdout
    listed = aprofile("--canary", canaries, "--format", "json", searched)
    assert json.loads(listed.stdout)["unseen"] == [f"{searched}/pg_wal"]
    assert aprofile("--canary", canaries, searched, wal).returncode == 0


def test_standard_input_is_searched(canaries: Path):
    command = [sys.executable, "-m", "profile_service", "residue-scan", "--canary", str(canaries), "-"]
    for given, code in ((b"x" + CANARY.encode(), 1), (b"x", 0)):
        assert subprocess.run(command, input=given, capture_output=True, check=False).returncode == code


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (b"", "is empty"),
        (b"long enough\nshort\n", "canary 2 has fewer than 7"),
        (b"\xff\xfe not utf-8", "is not UTF-8"),
        (None, "No such file"),
    ],
)
def test_values_that_can_not_be_looked_for_are_refused(
    tmp_path: Path, searched: Path, written: bytes | None, said: str
):
    if written is not None:
        (tmp_path / "values").write_bytes(written)
    answer = aprofile("--canary", tmp_path / "values", searched)
    assert answer.returncode == 2
    assert said in answer.stderr


def test_a_place_that_is_not_there_is_a_failure(canaries: Path, tmp_path: Path):
    answer = aprofile("--canary", canaries, tmp_path / "none")
    assert answer.returncode == 1
    assert "No such file" in answer.stderr

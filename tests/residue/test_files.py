"""Files of any size and kind are looked through; what can't be read is never taken for clean."""

from __future__ import annotations

import os
import sqlite3
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import pytest

from profile_service.residue import files
from profile_service.residue.encodings import Needle, needles_of
from profile_service.residue.files import PIECE, scan_files

CANARY = "Quistnix-canary@example.org"
NEEDLES = needles_of([CANARY])


def places(*paths: Path) -> set[str]:
    return {Path(scanned.place).name for scanned in scan_files(paths, NEEDLES) if scanned.findings}


def test_a_value_in_a_deleted_row_of_a_database_is_found(tmp_path: Path):
    """SQLite's own files are searched as they lie on disk, the write-ahead log included."""
    connection = sqlite3.connect(tmp_path / "leaky.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode = wal")
    connection.execute("CREATE TABLE people (name text)")
    connection.execute("INSERT INTO people VALUES (?)", (CANARY,))
    connection.execute("DELETE FROM people")
    assert places(tmp_path) == {"leaky.sqlite-wal"}
    connection.close()


@pytest.mark.parametrize("offset", [PIECE - len(CANARY), PIECE - len(CANARY) // 2, PIECE - 1, PIECE])
def test_a_value_at_the_boundary_of_what_is_read_at_once_is_found(tmp_path: Path, offset: int):
    (tmp_path / "file").write_bytes(bytes(offset) + CANARY.encode() + bytes(100))
    (scanned,) = scan_files([tmp_path], NEEDLES)
    assert [finding.offset for finding in scanned.findings] == [offset]
    assert scanned.size == offset + len(CANARY) + 100


def test_a_large_file_takes_little_memory(tmp_path: Path):
    with (tmp_path / "large").open("wb") as file:
        file.truncate(100 * PIECE)
        file.seek(0, os.SEEK_END)
        file.write(CANARY.encode())
    tracemalloc.start()
    assert places(tmp_path / "large") == {"large"}
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10 * PIECE


def test_directories_below_are_looked_through(tmp_path: Path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "deep").write_text(CANARY)
    (tmp_path / "a" / "empty").touch()
    assert places(tmp_path) == {"deep"}


def test_a_value_in_the_name_of_a_file_is_found_and_not_shown(tmp_path: Path):
    (tmp_path / f"export of {CANARY.upper()}.csv").touch()
    (scanned,) = scan_files([tmp_path], NEEDLES)
    assert [finding.encoding for finding in scanned.findings] == ["utf-8 in its name"]
    assert scanned.place.startswith("inode ")


def test_links_below_a_directory_are_not_followed_and_those_that_lead_out_are_told(tmp_path: Path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "log").write_text(CANARY)
    below = tmp_path / "below"
    below.mkdir()
    (below / "file").touch()
    (below / "disk").symlink_to(tmp_path / "outside")
    (below / "log").symlink_to(tmp_path / "outside" / "log")
    (below / "inside").symlink_to(below / "file")
    (below / "loop").symlink_to(below)
    (below / "itself").symlink_to("itself")
    (below / "nowhere").symlink_to(tmp_path / "none")
    scanned = list(scan_files([below], NEEDLES))
    assert [Path(one.place).name for one in scanned if one.unseen] == ["disk", "log"]
    assert not any(one.findings for one in scanned)
    both = list(scan_files([below, tmp_path / "outside"], NEEDLES))
    assert not any(one.unseen for one in both)
    assert places(below) | places(tmp_path / "outside") == {"log"}


def test_a_value_in_a_link_is_found_and_not_shown(tmp_path: Path):
    (tmp_path / "link").symlink_to(f"/exports/{CANARY}.csv")
    (scanned,) = scan_files([tmp_path], NEEDLES)
    assert [finding.encoding for finding in scanned.findings] == ["utf-8 in its name"]
    assert scanned.place.startswith("inode ")


def test_pipes_below_a_directory_are_passed_over(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    assert list(scan_files([tmp_path], NEEDLES)) == []


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        list(scan_files([tmp_path / "none"], NEEDLES))


def test_a_file_that_can_not_be_read_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "closed").touch()

    def refused(path: Path, *how: object, **more: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(PermissionError):
        list(scan_files([tmp_path], NEEDLES))


def test_a_directory_that_can_not_be_read_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refused(directory: Path) -> None:
        raise PermissionError(13, "Permission denied", str(directory))

    monkeypatch.setattr(os, "scandir", refused)
    with pytest.raises(PermissionError):
        list(scan_files([tmp_path], NEEDLES))


def test_a_file_that_goes_while_its_directory_is_looked_through_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in ("first", "second", "third"):
        (tmp_path / name).write_text(CANARY)
    scan = files._scan

    def removing(file: BinaryIO, place: str, needles: Sequence[Needle]) -> files.Scanned:
        (tmp_path / "second").unlink(missing_ok=True)
        return scan(file, place, needles)

    monkeypatch.setattr(files, "_scan", removing)
    assert places(tmp_path) == {"first", "third"}

"""The residue scan for the checks of tests, whose values are made up and may be shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from profile_service.residue import files
from profile_service.residue.encodings import needles_of
from profile_service.residue.scanner import Finding


@dataclass(frozen=True)
class Found:
    """Where a canary was found first in one place, and how it was written there."""

    place: str
    offset: int
    encoding: str
    canary: str


def scan_bytes(place: str, data: bytes, canaries: Iterable[str]) -> list[Found]:
    """What of `canaries` is in `data`: one finding for each canary and encoding."""
    wanted = list(canaries)
    return _named(place, files.scan_bytes(data, needles_of(wanted)), wanted)


def scan(paths: Iterable[Path], canaries: Iterable[str]) -> list[Found]:
    """What of `canaries` is in these files, and in every file below these directories."""
    wanted = list(canaries)
    scanned = list(files.scan_files(paths, needles_of(wanted)))
    assert [file.place for file in scanned if file.unseen] == []
    return [found for file in scanned for found in _named(file.place, file.findings, wanted)]


def _named(place: str, findings: Iterable[Finding], canaries: list[str]) -> list[Found]:
    return [Found(place, found.offset, found.encoding, canaries[found.canary - 1]) for found in findings]

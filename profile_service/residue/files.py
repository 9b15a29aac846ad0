"""Looking through files and directories, each file piece by piece."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from profile_service.residue.encodings import Needle
from profile_service.residue.scanner import Finding, Scanner

STANDARD_INPUT = Path("-")
PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Scanned:
    """One file that was looked through, and what was found in it."""

    place: str
    """Its path; its number in its file system if a canary is in the path itself."""
    size: int
    findings: tuple[Finding, ...]
    unseen: bool = False
    """It is a link, and nothing that it leads to was looked through."""


def scan_files(paths: Iterable[Path], needles: Sequence[Needle]) -> Iterator[Scanned]:
    """Look through these files, and every regular file below these directories.

    Links below them are not followed; one that leads out of all of them, as that of a write-ahead log on
    another disk, is given as unseen. Raises `OSError` if something can't be read, so that nothing is taken
    for clean that was not seen. A file that goes while its directory is looked through, as write-ahead logs
    do, is gone.
    """
    paths = list(paths)
    seen = [path.resolve() for path in paths if path != STANDARD_INPUT]
    for path in paths:
        if path == STANDARD_INPUT:
            yield _scan(sys.stdin.buffer, "standard input", needles)
        elif path.is_dir():
            yield from _scan_below(path, needles, seen)
        else:
            with path.open("rb", buffering=0) as file:
                yield _scan(file, str(path), needles)


def scan_bytes(data: bytes, needles: Sequence[Needle]) -> list[Finding]:
    """What is found in one piece."""
    scanner = Scanner(needles)
    scanner.feed(data)
    return scanner.findings


def _scan_below(directory: Path, needles: Sequence[Needle], seen: Sequence[Path]) -> Iterator[Scanned]:
    for parent, names, files in os.walk(directory, onerror=_refuse):
        names.sort()
        for name in sorted([*names, *files]):
            path = Path(parent, name)
            if path.is_symlink():
                yield from _scan_link(path, needles, seen)
                continue
            if not path.is_file():
                continue
            try:
                with path.open("rb", buffering=0) as file:
                    yield _scan(file, str(path), needles)
            except FileNotFoundError:
                continue


def _scan_link(link: Path, needles: Sequence[Needle], seen: Sequence[Path]) -> Iterator[Scanned]:
    """What a link says itself, and whether it leads to anything that is not looked through."""
    try:
        target, inode = str(link.readlink()), link.lstat().st_ino
    except FileNotFoundError:
        return
    findings = [*_in_name(str(link), needles), *_in_name(target, needles)]
    end = Path(os.path.realpath(link))  # `resolve` raises at a link to itself
    unseen = end.exists() and not any(end.is_relative_to(place) for place in seen)
    yield Scanned(f"inode {inode}" if findings else str(link), 0, tuple(findings), unseen)


def _in_name(place: str, needles: Sequence[Needle]) -> list[Finding]:
    found = scan_bytes(os.fsencode(place), needles)
    return [Finding(0, f"{finding.encoding} in its name", finding.canary) for finding in found]


def _scan(file: BinaryIO, place: str, needles: Sequence[Needle]) -> Scanned:
    findings = _in_name(place, needles)
    scanner, size = Scanner(needles), 0
    while piece := file.read(PIECE):
        scanner.feed(piece)
        size += len(piece)
    if findings:
        place = f"inode {os.fstat(file.fileno()).st_ino}"
    return Scanned(place, size, (*findings, *scanner.findings))


def _refuse(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error

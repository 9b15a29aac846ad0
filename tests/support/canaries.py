"""Look for values that must not be found, in every encoding a careless line of code could have used.

It does not see into compressed or sealed data, and misses a value that a page boundary
cuts in two: give every canary several places to leak from.
"""

from __future__ import annotations

import base64
import json
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, quote_plus

# Shorter values turn up by chance.
SHORTEST = 7


@dataclass(frozen=True)
class Finding:
    """Where a canary was found first in one place, and how it was written there."""

    place: str
    offset: int
    encoding: str
    canary: str

    def __str__(self) -> str:
        return f"{self.place} at {self.offset}: {self.canary!r} as {self.encoding}"


@dataclass(frozen=True)
class Needle:
    """The bytes that one spelling of a canary leaves; `folded` ones are sought without regard to case."""

    canary: str
    encoding: str
    pattern: bytes
    folded: bool


def needles(canary: str) -> list[Needle]:
    """Every byte string that says `canary` is there. Raises `ValueError` if it is too short to tell."""
    if len(canary) < SHORTEST:
        raise ValueError(f"a canary has at least {SHORTEST} characters")
    found: dict[bytes, Needle] = {}
    for spelling in _spellings(canary):
        for encoding, pattern in _folded_forms(spelling):
            found.setdefault(pattern.lower(), Needle(canary, encoding, pattern.lower(), folded=True))
        for pattern in _base64_forms(spelling.encode()):
            found.setdefault(pattern, Needle(canary, "base64", pattern, folded=False))
    return list(found.values())


def _spellings(canary: str) -> set[str]:
    composed = (unicodedata.normalize(form, canary) for form in ("NFC", "NFD"))
    return {
        spelling
        for text in (canary, *composed)
        for spelling in (text, text.lower(), text.upper(), text.casefold())
    }


def _folded_forms(text: str) -> Iterator[tuple[str, bytes]]:
    raw = text.encode()
    yield "utf-8", raw
    yield "utf-16-le", text.encode("utf-16-le")
    yield "utf-16-be", text.encode("utf-16-be")
    yield "hex", raw.hex().encode()
    yield "url", quote(text, safe="").encode()
    yield "url", quote(text, safe="@").encode()
    yield "url", quote_plus(text).encode()
    yield "escapes", json.dumps(text)[1:-1].encode()
    yield "escapes", text.encode("ascii", "backslashreplace")
    yield "escapes", repr(raw)[2:-1].encode()
    # As protobuf writes bytes and strings for people.
    yield "escapes", "".join(chr(byte) if byte < 128 else f"\\{byte:03o}" for byte in raw).encode()


def _base64_forms(raw: bytes) -> Iterator[bytes]:
    """The characters that depend on `raw` alone, for each place it may have in a group of three bytes."""
    for before in range(3):
        first = (before * 8 + 5) // 6
        last = (before + len(raw)) * 8 // 6
        padded = bytes(before) + raw
        yield base64.b64encode(padded)[first:last]
        yield base64.urlsafe_b64encode(padded)[first:last]


def scan_bytes(place: str, data: bytes, canaries: Iterable[str]) -> list[Finding]:
    """What of `canaries` is in `data`: one finding for each canary and encoding."""
    folded = data.lower()
    found: dict[tuple[str, str], Finding] = {}
    for needle in (needle for canary in canaries for needle in needles(canary)):
        offset = (folded if needle.folded else data).find(needle.pattern)
        if offset >= 0:
            finding = Finding(place, offset, needle.encoding, needle.canary)
            found.setdefault((needle.canary, needle.encoding), finding)
    return list(found.values())


def scan(paths: Iterable[Path], canaries: Iterable[str]) -> list[Finding]:
    """What of `canaries` is in these files, and in every file below these directories."""
    wanted = list(canaries)
    return [finding for path in _files(paths) for finding in scan_bytes(str(path), path.read_bytes(), wanted)]


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(path)
        found = path.rglob("*") if path.is_dir() else [path]
        yield from sorted(file for file in found if file.is_file())

"""How a value may be written: the byte strings that each say that it is there."""

from __future__ import annotations

import base64
import json
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus

# Shorter values turn up by chance.
SHORTEST = 7


class CanaryTooShortError(ValueError):
    """A value is too short to tell whether it is there or turned up by chance."""


@dataclass(frozen=True, slots=True)
class Needle:
    """The bytes that one spelling of a canary leaves; `folded`: the case of ASCII does not matter."""

    canary: int
    """Its number, from 1 on: what findings show in place of the value."""
    encoding: str
    pattern: bytes = field(repr=False)
    folded: bool


def needles_of(canaries: Sequence[str]) -> list[Needle]:
    """Everything to look for. Raises `CanaryTooShortError`, with the number of the canary."""
    return [needle for number, canary in enumerate(canaries, 1) for needle in _needles(number, canary)]


def _needles(number: int, canary: str) -> list[Needle]:
    if len(canary) < SHORTEST:
        raise CanaryTooShortError(f"canary {number} has fewer than {SHORTEST} characters")
    found: dict[bytes, Needle] = {}
    for spelling in _spellings(canary):
        for encoding, written in _folded_forms(spelling):
            pattern = written.lower()
            found.setdefault(pattern, Needle(number, encoding, pattern, folded=True))
        for pattern in _base64_forms(spelling.encode()):
            found.setdefault(pattern, Needle(number, "base64", pattern, folded=False))
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
    yield from _latin_1(text)
    yield "hex", raw.hex().encode()
    yield "url", quote(text, safe="").encode()
    yield "url", quote(text, safe="@").encode()
    yield "url", quote_plus(text).encode()
    yield "url", "".join(f"%{byte:02x}" for byte in raw).encode()
    yield "escapes", json.dumps(text)[1:-1].encode()
    yield "escapes", ("\\u" + text.encode("utf-16-be").hex(" ", 2).replace(" ", "\\u")).encode()
    yield "escapes", text.encode("ascii", "backslashreplace")
    yield "escapes", repr(raw)[2:-1].encode()
    # As protobuf writes bytes and strings for people.
    yield "escapes", "".join(chr(byte) if byte < 128 else f"\\{byte:03o}" for byte in raw).encode()


def _latin_1(text: str) -> Iterator[tuple[str, bytes]]:
    try:
        yield "latin-1", text.encode("latin-1")
    except UnicodeEncodeError:
        return


def _base64_forms(raw: bytes) -> Iterator[bytes]:
    """The characters that depend on `raw` alone, for each place it may have in a group of three bytes."""
    for before in range(3):
        first = (before * 8 + 5) // 6
        last = (before + len(raw)) * 8 // 6
        padded = bytes(before) + raw
        yield base64.b64encode(padded)[first:last]
        yield base64.urlsafe_b64encode(padded)[first:last]

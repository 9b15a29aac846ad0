"""What a hand in the database can do to a sealed value."""

from __future__ import annotations

from collections.abc import Iterator


def damaged(sealed: bytes) -> Iterator[bytes]:
    """One bit flipped in every byte, every shorter length, and something added at either end."""
    for place in range(len(sealed)):
        yield sealed[:place] + bytes((sealed[place] ^ 1 << place % 8,)) + sealed[place + 1 :]
        yield sealed[:place]
    yield sealed + b"\0"
    yield b"\0" + sealed
    yield sealed + sealed

"""Opening gzip and zlib streams that are somewhere in other bytes, as far as they can be opened."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from enum import IntEnum

# A step of input opens to 4 MiB at most: the ratio of deflate is below 1032.
_STEP = 4096
# Of every header, what is the same each time. zlib: a window of 32 KiB, at each level of compression.
_HEADERS = (b"\x1f\x8b\x08", b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
LONGEST_HEADER = max(map(len, _HEADERS))


class Kind(IntEnum):
    """Formats around deflate; the value is zlib's `wbits`."""

    ZLIB = zlib.MAX_WBITS
    GZIP = 16 + zlib.MAX_WBITS


def starts(window: bytes, begin: int) -> Iterator[tuple[int, Kind]]:
    """Where a stream may begin in `window`, from offset `begin` on. Most of them turn out to be none."""
    for header in _HEADERS:
        offset = window.find(header, begin)
        while offset >= 0:
            yield offset, Kind.GZIP if header == _HEADERS[0] else Kind.ZLIB
            offset = window.find(header, offset + 1)


class Inflation:
    """One stream being opened; it is over at its end, or where it is damaged or was no stream."""

    def __init__(self, kind: Kind) -> None:
        self.over = False
        self._stream = zlib.decompressobj(kind)

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """What the next bytes open to. After the end they are ignored."""
        for start in range(0, len(piece), _STEP):
            if self.over:
                return
            yield self._open(piece[start : start + _STEP])

    def _open(self, step: bytes) -> bytes:
        before = self._stream.copy()
        try:
            opened = self._stream.decompress(step)
        except zlib.error:
            self.over = True
            return _open_to_the_damage(before, step)
        self.over = self._stream.eof
        return opened


def _open_to_the_damage(stream: zlib._Decompress, step: bytes) -> bytes:
    """An error throws away what the same call opened before it: so one byte a call."""
    opened = bytearray()
    try:
        for byte in step:
            opened += stream.decompress(bytes((byte,)))
    except zlib.error:
        pass
    return bytes(opened)

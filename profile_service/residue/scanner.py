"""Looking for needles in a stream of bytes that comes in pieces, also inside what is compressed in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from profile_service.residue.compressed import LONGEST_HEADER, Inflation, Kind, starts
from profile_service.residue.encodings import Needle

# Compressed in compressed in compressed; deeper is a file made to keep a scanner busy.
DEEPEST = 3
# Streams that begin within one another, at one place of a file. More are made on purpose: 40 KiB each.
MOST_AT_ONCE = 200


class TooManyStreamsError(Exception):
    """More compressed streams overlap than is taken: nothing can be said of the rest."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Where a canary is found first in one encoding."""

    offset: int
    """From the beginning of the stream; of something compressed, where that begins."""
    encoding: str
    canary: int


class Scanner:
    """Takes a stream piece by piece. Holds about two pieces, however long the stream is."""

    def __init__(
        self, needles: Sequence[Needle], *, depth: int = 0, lengths: tuple[int, int] | None = None
    ) -> None:
        """`lengths` are those of the shortest and the longest needle, if they are known."""
        self._needles = needles
        self._sought = needles
        self._lengths = lengths or _lengths(needles)
        self._overlap = max(LONGEST_HEADER, self._lengths[1]) - 1
        self._depth = depth
        self._window = b""
        self._window_at = 0
        self._entered_until = 0
        self._found: dict[tuple[str, int], Finding] = {}
        self._inside: list[_Inside] = []

    @property
    def findings(self) -> list[Finding]:
        """What was found so far, in the order of the stream."""
        return sorted(self._found.values(), key=lambda finding: finding.offset)

    def feed(self, piece: bytes) -> None:
        """Look at the next bytes. Raises `TooManyStreamsError`."""
        self._window += piece
        self._look()
        for inside in self._inside:
            self._open(inside, piece)
        if self._depth < DEEPEST:
            self._enter()
        self._inside = [inside for inside in self._inside if not inside.inflation.over]
        self._keep_the_end()

    def _keep_the_end(self) -> None:
        """What a needle that is cut in two by the pieces may have begun in."""
        dropped = max(len(self._window) - self._overlap, 0)
        self._window = self._window[dropped:]
        self._window_at += dropped

    def _look(self) -> None:
        if len(self._window) < self._lengths[0]:
            return
        folded = self._window.lower()
        for needle in self._sought:
            offset = (folded if needle.folded else self._window).find(needle.pattern)
            if offset >= 0:
                self._note(Finding(self._window_at + offset, needle.encoding, needle.canary))
        self._sought = [
            needle for needle in self._sought if (needle.encoding, needle.canary) not in self._found
        ]

    def _note(self, finding: Finding) -> None:
        known = self._found.get((finding.encoding, finding.canary))
        if known is None or finding.offset < known.offset:
            self._found[finding.encoding, finding.canary] = finding

    def _enter(self) -> None:
        """Begin to open whatever begins like something compressed."""
        begin = max(self._entered_until - self._window_at, 0)
        for offset, kind in starts(self._window, begin):
            if len(self._inside) == MOST_AT_ONCE:
                raise TooManyStreamsError
            inside = _Inside(self._window_at + offset, Inflation(kind), kind, self._deeper())
            self._entered_until = max(self._entered_until, self._window_at + offset + 1)
            self._open(inside, self._window[offset:])
            if not inside.inflation.over:
                self._inside.append(inside)
        end = self._window_at + len(self._window)
        self._entered_until = max(self._entered_until, end - LONGEST_HEADER + 1)

    def _deeper(self) -> Scanner:
        # Most of what begins like something compressed opens to nothing: its scanner must cost little.
        return Scanner(self._needles, depth=self._depth + 1, lengths=self._lengths)

    def _open(self, inside: _Inside, piece: bytes) -> None:
        for opened in filter(None, inside.inflation.feed(piece)):
            inside.scanner.feed(opened)
        for finding in inside.scanner.findings:
            encoding = f"{finding.encoding} in {inside.kind.name.lower()}"
            self._note(Finding(inside.offset, encoding, finding.canary))


def _lengths(needles: Sequence[Needle]) -> tuple[int, int]:
    lengths = [len(needle.pattern) for needle in needles]
    return min(lengths, default=0), max(lengths, default=0)


@dataclass(frozen=True, slots=True)
class _Inside:
    """A stream within the stream, being opened and looked through."""

    offset: int
    inflation: Inflation
    kind: Kind
    scanner: Scanner

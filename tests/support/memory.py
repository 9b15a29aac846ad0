"""What is in the writable memory of a running process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

PIECE = 1 << 24
OVERLAP = 64


def regions(pid: int) -> Iterator[bytes]:
    """Every writable mapping as it was at the start, in overlapping pieces; the process goes on meanwhile."""
    maps = Path(f"/proc/{pid}/maps").read_text().splitlines()
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in maps:
            span, permissions, *_ = line.split()
            if not permissions.startswith("rw"):
                continue
            start, end = (int(part, 16) for part in span.split("-"))
            for at in range(start, end, PIECE):
                try:
                    memory.seek(at)
                    yield memory.read(min(PIECE + OVERLAP, end - at))
                except OSError:
                    break  # unmapped since, or the kernel's own


def held(pid: int, secrets: Mapping[str, bytes]) -> set[str]:
    """The names of those `secrets` of which one half is in memory."""
    halves = {name: (secret[:16], secret[-16:]) for name, secret in secrets.items()}
    found: set[str] = set()
    for content in regions(pid):
        found |= {name for name, (one, other) in halves.items() if one in content or other in content}
    return found

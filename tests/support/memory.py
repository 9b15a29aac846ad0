"""What is in the writable memory of a running process."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path


def regions(pid: int) -> Iterator[bytes]:
    """Every writable mapping, one after the other; the process goes on meanwhile."""
    with Path(f"/proc/{pid}/maps").open() as maps, Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in maps:
            span, permissions, *_ = line.split()
            if not permissions.startswith("rw"):
                continue
            start, end = (int(part, 16) for part in span.split("-"))
            try:
                memory.seek(start)
                content = memory.read(end - start)
            except OSError:
                continue  # unmapped since, or the kernel's own
            yield content


def held(pid: int, secrets: Mapping[str, bytes]) -> set[str]:
    """The names of those `secrets` of which one half is in memory."""
    halves = {name: (secret[:16], secret[-16:]) for name, secret in secrets.items()}
    found: set[str] = set()
    for content in regions(pid):
        found |= {name for name, (one, other) in halves.items() if one in content or other in content}
    return found


def matches(pid: int, pattern: bytes) -> set[bytes]:
    """Everything in memory that a regular expression matches."""
    wanted = re.compile(pattern)
    return {match.group() for content in regions(pid) for match in wanted.finditer(content)}

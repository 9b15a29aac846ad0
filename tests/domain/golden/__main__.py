"""Write the golden files that are missing, then check all: `python -m tests.domain.golden`."""

from __future__ import annotations

import sys

from tests.domain.golden import current, faults, kept, write_missing


def main() -> int:
    for golden in write_missing():
        sys.stdout.write(f"wrote {golden.name} v{golden.version}\n")
    found = [(golden, fault) for golden in sorted({*current(), *kept()}) for fault in faults(golden)]
    for golden, fault in found:
        sys.stdout.write(f"{golden.name} v{golden.version} {fault}\n")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())

"""`python -m benchmarks [NAME…]`: measure, show a table, write `benchmarks/results.jsonl`."""

from __future__ import annotations

import sys

# The processes that make load import this module again: they should find it empty.
if __name__ == "__main__":
    from benchmarks.command import main

    sys.exit(main(sys.argv[1:]))

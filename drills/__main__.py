"""`python -m drills`: every drill at full size on both kinds of databases, one line a claim."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drills.backup_attack import backup_attack
from drills.lingering import values_in_memory
from drills.restoring import DRILLS
from drills.town import Town, town_of
from tests.support.postgres import PostgresServer, start_postgres
from tests.support.service import Databases, Service

FULL = 20_000
KINDS = ("sqlite", "postgresql")
# Lets the memory be looked into by whoever may start it.
SERVER = "tests.support.unguarded"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m drills", description=__doc__)
    parser.add_argument(
        "--people", type=int, default=FULL, help="people, or calls, in each drill (default: %(default)s)"
    )
    parser.add_argument("--only", default="", help="drills whose name contains this")
    parser.add_argument("--database", choices=KINDS, action="append", help="default: both")
    arguments = parser.parse_args()
    held = True
    with tempfile.TemporaryDirectory(prefix="aprofile-drills-") as directory, _postgres() as server:
        for kind in arguments.database or KINDS:
            for drill in (backup_attack, values_in_memory, *DRILLS):
                if arguments.only not in drill.__name__:
                    continue
                place = Path(directory) / kind / drill.__name__
                began = time.monotonic()
                with _town(kind, place, server) as town:
                    for claim in drill(town, arguments.people):
                        held &= claim.held
                        print(f"{kind:<10}  {claim}", flush=True)
                print(f"{kind:<10}  ({drill.__name__}, {time.monotonic() - began:.0f} s)", flush=True)
    print("every claim held" if held else "NOT every claim held")
    return 0 if held else 1


@contextmanager
def _postgres() -> Iterator[PostgresServer]:
    server = start_postgres()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def _town(kind: str, place: Path, server: PostgresServer) -> Iterator[Town]:
    urls = [] if kind == "sqlite" else [server.new_database() for _ in range(3)]
    databases = Databases(*urls) if urls else Databases.sqlite(place)
    service = Service(place, databases, module=SERVER, forked=False, prepared=False)
    with town_of(service) as town:
        yield town
    server.give_back(*urls)


if __name__ == "__main__":
    sys.exit(main())

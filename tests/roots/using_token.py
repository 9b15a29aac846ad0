"""A process that has a key wrapped and another unwrapped by a token, and keeps neither."""

from __future__ import annotations

import sys

from profile_service.keys.material import random_key, zeroed
from profile_service.keys.roots import open_root_provider

ROOT_ID = "epoch-1"
PLACE = b"the place of the test"

if __name__ == "__main__":
    provider = open_root_provider(sys.argv[1])
    with zeroed(random_key()) as own:
        print(provider.wrap(ROOT_ID, own, PLACE).hex(), flush=True)  # noqa: T201 - the answer to the parent
    with zeroed(provider.unwrap(ROOT_ID, bytes.fromhex(sys.stdin.readline()), PLACE)) as given:
        print("holding", flush=True)  # noqa: T201 - the answer to the parent
        sys.stdin.readline()
    print("dropped", flush=True)  # noqa: T201 - the answer to the parent
    sys.stdin.readline()

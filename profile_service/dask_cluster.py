"""A Dask cluster as the executor of a rebuild. Its workers have settings of their own, as servers have."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from importlib.util import find_spec

from profile_service.endpoints import parse_address

SCHEME = "dask://"
# Seconds in which the scheduler must answer.
PATIENCE = 10


def is_installed() -> bool:
    """Whether the optional dependency is here."""
    return find_spec("distributed") is not None


def scheduler_of(executor: str) -> str:
    """The address as Dask writes it: to another machine only with TLS, which Dask's own settings describe."""
    address = parse_address(executor.removeprefix(SCHEME))
    return f"{'tcp' if address.is_loopback else 'tls'}://{address}"


@contextmanager
def dask_cluster(executor: str) -> Iterator[Executor]:
    """The workers of a scheduler `dask://HOST:PORT`. Raises `OSError` if it does not answer."""
    from distributed import Client

    # Their lines go the way of all others, which lets no value through.
    for name in ["distributed", *logging.root.manager.loggerDict]:
        if name.partition(".")[0] == "distributed":
            library = logging.getLogger(name)
            library.handlers.clear()
            library.propagate = True
    with Client(scheduler_of(executor), timeout=PATIENCE, set_as_default=False) as client:
        # Not pure: a task that catches up is to be done as often as it is given out.
        workers = client.get_executor(pure=False)
        try:
            yield workers
        finally:
            workers.shutdown(wait=False)

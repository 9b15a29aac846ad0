"""A Dask cluster as the executor of a rebuild. Its workers have settings of their own, as servers have."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from profile_service.endpoints import parse_address

if TYPE_CHECKING:  # an optional dependency
    from distributed import Client

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


class Cluster(Executor):
    """The workers of a scheduler. Others start and end them, so that there may be none."""

    def __init__(self, client: Client) -> None:
        self._client = client
        # Not pure: a task that catches up is to be done as often as it is given out.
        self._workers = client.get_executor(pure=False)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        submitted: Future[Any] = self._workers.submit(fn, *args, **kwargs)
        return submitted

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._workers.shutdown(wait=wait)

    def has_workers(self) -> bool:
        return bool(self._client.nthreads())


def has_workers(executor: Executor) -> bool:
    """Whether the scheduler of a cluster has anybody to do a task."""
    return not isinstance(executor, Cluster) or executor.has_workers()


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
        workers = Cluster(client)
        try:
            yield workers
        finally:
            workers.shutdown(wait=False)

"""Processes that kill themselves after the n-th step on log and keys, and processes that hammer."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from typing import Any

from profile_service.domain.errors import Refusal
from profile_service.keys.store import KeyStore
from profile_service.log.append import Appended
from tests.commands.service import Commands, Places, open_commands
from tests.log.logs import Store
from tests.support import people

# Everything of the keys and the log that changes a database or waits for others.
KEY_STEPS = ("reserve", "release", "destroy", "wait_until_evicted_everywhere")


class Steps:
    """Counts steps that were done; after the n-th, this process is no more."""

    def __init__(self, last: int) -> None:
        self._left = last

    def into(self, keys: KeyStore, store: Store) -> None:
        for name in KEY_STEPS:
            setattr(keys, name, self._counted(getattr(keys, name)))
        store.append = self._counted(store.append)  # type: ignore[method-assign]  # what the test is about

    def _counted(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **named: Any) -> Any:
            self._die_if_done()
            result = function(*arguments, **named)
            self._left -= 1
            self._die_if_done()
            return result

        return counted

    def _die_if_done(self) -> None:
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def ask(places: Places, steps: int, method: str, request_type: type[Any], body: bytes) -> None:
    """Carry out one request, and die after so many steps of it."""
    counting = Steps(steps)
    with open_commands(places, counting.into) as commands:
        asyncio.run(getattr(commands, method)(request_type.FromString(body)))


def hammer(places: Places, addresses: int, count: int, go: Any, results: Any) -> None:
    """Register `count` times one of `addresses` addresses, all at once; put the outcomes."""

    async def register(commands: Commands, number: int) -> tuple[int, str]:
        person = people.Person(f"hammer{number % addresses}")
        try:
            answer = await commands.register(people.register(person))
        except Refusal as refusal:
            return number % addresses, type(refusal).__name__
        assert isinstance(answer, Appended)
        return number % addresses, str(answer.subject)

    async def all_at_once(commands: Commands) -> list[tuple[int, str]]:
        return await asyncio.gather(*(register(commands, number) for number in range(count)))

    with open_commands(places) as commands:
        go.wait()
        results.put(asyncio.run(all_at_once(commands)))

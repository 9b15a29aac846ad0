"""A table of requests that must be refused: each with its reason and the paths of its wrong fields."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.api.world import World

NIL = "00000000-0000-0000-0000-000000000000"

Attempt = tuple[Callable[..., Any], Any]


@dataclass(frozen=True)
class Case:
    """One request to refuse. `fields` are the paths in `BadRequest`, in order."""

    name: str
    reason: str
    attempt: Callable[[World], Attempt]
    fields: tuple[str, ...] = ()


CASES: list[Case] = []


def case(name: str, reason: str, attempt: Callable[[World], Attempt], *fields: str) -> None:
    CASES.append(Case(name, reason, attempt, fields))


def changed(request: Any, **values: Any) -> Any:
    """`request`, with these fields set."""
    for name, value in values.items():
        setattr(request, name, value)
    return request


def bound(make: Callable[..., Attempt], *values: Any) -> Callable[[World], Attempt]:
    """An attempt made of the world and these values."""
    return lambda world: make(world, *values)

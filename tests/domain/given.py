"""Given these facts, when this is decided, then those facts follow, or it is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from google.protobuf.message import Message

from profile_service.domain.errors import Refusal


@dataclass(frozen=True)
class Given:
    """What is known before the decision: a state, and the facts it was folded from."""

    fold: Callable[[Iterable[Message]], Any]
    facts: tuple[Message, ...]

    def when(self, decide: Callable[..., Any], *arguments: Any, **named: Any) -> When:
        return When(self, partial(decide, self.fold(self.facts), *arguments, **named))


@dataclass(frozen=True)
class When:
    """What is asked, ready to be decided."""

    given: Given
    decision: Callable[[], list[Message]]

    def then(self, *facts: Message) -> Given:
        """These facts are decided, and no other. Returns what is known after them."""
        assert self.decision() == list(facts)
        return Given(self.given.fold, (*self.given.facts, *facts))

    def refused(self, error: type[Refusal], *fields: str) -> None:
        """It is refused, with exactly these fields as violations."""
        with pytest.raises(error) as caught:
            self.decision()
        assert [violation.field for violation in caught.value.violations] == list(fields)


def given(fold: Callable[[Iterable[Message]], Any], *facts: Message) -> Given:
    return Given(fold, facts)

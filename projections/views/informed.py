"""Which versions of the privacy policy each living person was told of: registered with, or shown.

Which version follows which is not known here: the versions are facts of another subject.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from profile_service.log.facts import Fact
from profile_service.v1.events_pb2 import PolicyShown, ProfileErased, ProfileRegistered
from projections.people import PeoplePage, page_of
from projections.reading import ViewReader
from projections.rows import Rows
from projections.view import RowTable, View


class InformedRow(NamedTuple):
    """`versions`: each once, with a space between two; no version has one in it."""

    profile_id: UUID
    versions: str


INFORMED = RowTable("informed", InformedRow)


def _registered(rows: Rows, fact: Fact) -> None:
    assert isinstance(fact.message, ProfileRegistered)
    rows.put(INFORMED, InformedRow(rows.subject, fact.message.policy_version))


def _shown(rows: Rows, fact: Fact) -> None:
    assert isinstance(fact.message, PolicyShown)
    row = rows.get(INFORMED)
    if row is None:
        raise LookupError("a policy was shown before the registration")
    versions = row.versions.split()
    if fact.message.policy_version not in versions:
        versions.append(fact.message.policy_version)
        rows.put(INFORMED, InformedRow(rows.subject, " ".join(versions)))


def _erased(rows: Rows, _fact: Fact) -> None:
    rows.clear()


INFORMED_VIEW = View(
    name="informed",
    tables=(INFORMED,),
    apply={ProfileRegistered: _registered, PolicyShown: _shown, ProfileErased: _erased},
    reads=frozenset({PolicyShown}),
    source=Path(__file__),
)


def not_informed(reader: ViewReader, suffices: Callable[[str], bool], after: UUID, limit: int) -> PeoplePage:
    """Look at `limit` people after one, and return whom no version that suffices was told to. Blocks."""
    found = reader.page_by_subject(INFORMED_VIEW, INFORMED, {}, after, limit)
    return page_of(found, limit, lambda row: not any(map(suffices, InformedRow(*row).versions.split())))

"""The rows of one subject as they were: its facts up to a position, folded anew as a rebuild folds them.

Nothing is stored. Who is erased has no rows to be read, whatever the position: see `is_erased`.
"""

from __future__ import annotations

from uuid import UUID

from profile_service.domain.registry import FACT_TYPES
from projections.folding import Parked, fold_to_the_end, relevant
from projections.opening import open_batch
from projections.projecting import facts_of
from projections.rows import Rows
from projections.skips import skipped_of
from projections.sources import Sources
from projections.view import View


def fold_as_of(sources: Sources, view: View, subject: UUID, position: int) -> tuple[Rows, Parked | None]:
    """Return the rows that `view` had of a subject when it stood at `position`, and where they were parked.

    Blocks. Raises `UnknownFactTypeInLogError`, `KeysUnavailableError`.
    """
    skipped = skipped_of(sources.log, view, subject, position)
    sealed = frozenset(view.functions) if view.opens_seals else frozenset[str]()
    rows = Rows(subject)
    for page in facts_of(sources.log, subject, position):
        wanted = [fact for fact in page if fact.type in view.functions or fact.type not in FACT_TYPES]
        if not wanted:
            continue
        batch = open_batch(wanted, sources.keys, sealed)
        if batch.unknown:
            raise batch.unknown
        facts = relevant(view, batch.facts, skipped)
        failed = fold_to_the_end(view, rows, facts) if facts else None
        if failed:
            return rows, failed
    return rows, None

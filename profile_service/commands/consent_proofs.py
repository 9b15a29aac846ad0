"""What somebody had decided at a point of the log, with the fact that proves it.

From open halves alone: the answer is the same before and after an erasure, and no key is needed for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from uuid import UUID

from profile_service.domain.consent_proof import Decisive, decisive
from profile_service.domain.errors import ProfileNotFoundError
from profile_service.log.facts import Fact, open_fact
from profile_service.log.reader import LogReader, Standing
from profile_service.log.streams import CONSENTS, stream_name


@dataclass(frozen=True, slots=True)
class Proof:
    """A decision and its fact."""

    made: Decisive
    fact: Fact


@dataclass(frozen=True, slots=True)
class Proved:
    """What the log says up to a point. `erased_at`: in microseconds since 1970 UTC, if it was by then."""

    proof: Proof | None
    erased_at: int | None
    is_erased_now: bool


class ConsentProver:
    """Reads decisions from the streams of consents."""

    def __init__(self, reader: LogReader) -> None:
        self._reader = reader

    def prove(self, profile_id: UUID, purpose: str, upto: int) -> Proved:
        """Return what was decided on a purpose up to a position. Blocks.

        Raises `ProfileNotFoundError`, and `SealBrokenError` if a fact is damaged: then nothing is proved.
        """
        standing = self._reader.standing([profile_id])[profile_id]
        if standing is Standing.UNKNOWN:
            raise ProfileNotFoundError
        stored = self._reader.stream(stream_name(CONSENTS, profile_id))
        facts = [open_fact(one, None) for one in takewhile(lambda one: one.position <= upto, stored)]
        made = decisive((fact.message for fact in facts), purpose)
        proof = None if made is None else Proof(made, facts[made.number])
        return Proved(proof, self._erased_at(profile_id, upto), standing is Standing.ERASED)

    def _erased_at(self, profile_id: UUID, upto: int) -> int | None:
        closed = self._reader.closed_at(profile_id)
        if closed is None or closed > upto:
            return None
        erased = self._reader.fact_at(closed)
        assert erased is not None, "the log has no gap"
        return erased.time

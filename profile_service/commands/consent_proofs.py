"""What somebody had decided at a point of the log, with the fact that proves it.

From open halves alone: the answer is the same before and after an erasure, and no key is needed for it. But
until when it counts what a guardian gave, the date of birth says, which goes with the key.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from uuid import UUID

from profile_service.clock import day_of
from profile_service.domain import guardianship, profile
from profile_service.domain.consent_proof import Decisive, decisive, unconfirmed
from profile_service.domain.errors import ProfileNotFoundError
from profile_service.domain.guardianship import DEFAULT_LIMITS, AgeLimits
from profile_service.keys.store import KeyStore
from profile_service.log.facts import Fact, open_fact
from profile_service.log.reader import LogReader, Standing
from profile_service.log.streams import CONSENTS, PROFILE, stream_name


@dataclass(frozen=True, slots=True)
class Proof:
    """A decision and its fact. `by_guardian`: a guardian gave it, and nothing was decided since."""

    made: Decisive
    fact: Fact
    by_guardian: bool = False


@dataclass(frozen=True, slots=True)
class Proved:
    """What the log says up to a point. `erased_at`: in microseconds since 1970 UTC, if it was by then."""

    proof: Proof | None
    erased_at: int | None
    is_erased_now: bool


class ConsentProver:
    """Reads decisions from the streams of consents."""

    def __init__(self, reader: LogReader, keys: KeyStore, limits: AgeLimits = DEFAULT_LIMITS) -> None:
        self._reader = reader
        self._keys = keys
        self._limits = limits

    def prove(self, profile_id: UUID, purpose: str, upto: int, at: int | None = None) -> Proved:
        """Return what was decided on a purpose up to a position. Blocks.

        It is true at the time `at`, in microseconds since 1970 UTC; if none is given, when the fact at the
        position was recorded. Raises `ProfileNotFoundError`, `KeysUnavailableError`, and `SealBrokenError` if
        a fact is damaged: then nothing is proved.
        """
        standing = self._reader.standing([profile_id])[profile_id]
        if standing is Standing.UNKNOWN:
            raise ProfileNotFoundError
        stored = self._reader.stream(stream_name(CONSENTS, profile_id))
        facts = [open_fact(one, None) for one in takewhile(lambda one: one.position <= upto, stored)]
        made = decisive((fact.message for fact in facts), purpose)
        proof = None if made is None else Proof(made, facts[made.number], made.by_guardian)
        if proof is not None and proof.by_guardian and standing is not Standing.ERASED:
            proof = self._confirmed(proof, profile_id, upto, self.time(upto, at))
        return Proved(proof, self._erased_at(profile_id, upto), standing is Standing.ERASED)

    def time(self, upto: int, at: int | None) -> datetime:
        """Return the time that was asked for, or that of the fact at a position which has a decision."""
        if at is None:
            fact = self._reader.fact_at(upto)
            assert fact is not None, "something was decided by then"
            at = fact.time
        return datetime.fromtimestamp(at / 1e6, UTC)

    def _confirmed(self, proof: Proof, profile_id: UUID, upto: int, time: datetime) -> Proof:
        """Say of what a guardian gave whether it counted at a time, by what the person had said by then."""
        cipher = self._keys.ciphers([profile_id]).get(profile_id)
        if cipher is None:  # erased meanwhile
            return proof
        stored = self._reader.stream(stream_name(PROFILE, profile_id))
        facts = (open_fact(one, cipher).message for one in stored if one.position <= upto)
        counts = self._limits.guarded_counts(day_of(time))
        if counts(guardianship.born(profile.fold(facts))):
            return proof
        return Proof(unconfirmed(proof.made), proof.fact, by_guardian=True)

    def _erased_at(self, profile_id: UUID, upto: int) -> int | None:
        closed = self._reader.closed_at(profile_id)
        if closed is None or closed > upto:
            return None
        erased = self._reader.fact_at(closed)
        assert erased is not None, "the log has no gap"
        return erased.time

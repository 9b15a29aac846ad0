"""Registrations that arrive together: decided, keyed, reserved and sealed as one batch, in one thread.

One kind of work for many people keeps code and data near the processor, at a third of what it costs
between other work; and the writer of the log takes the batch over without a way back to the callers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from google.protobuf.message import Message

from profile_service.batching import Batcher, Onward
from profile_service.commands.requests import WriteRequest
from profile_service.commands.writing import prepare
from profile_service.domain import consents
from profile_service.domain import registration as domain
from profile_service.domain.policies import Policies
from profile_service.domain.registration import Decided
from profile_service.keys.cipher import ProfileCipher
from profile_service.keys.errors import KeyDestroyedError
from profile_service.keys.reservations import Reservation, Reserved
from profile_service.keys.store import KeyStore
from profile_service.log.append import Append, Appended, EventLog
from profile_service.log.streams import CONSENTS, PROFILE, stream_name
from profile_service.v1.events_pb2 import SuppressionReason
from profile_service.v1.profile_service_pb2 import Registration


def decide(
    registration: Registration, policies: Policies, today: date, path: str = "registration"
) -> Decided:
    """Raises `InvalidRequestError`, with the violations of the fields below `path`, and
    `PolicyVersionUnknownError`."""
    decided = domain.register(registration, today, path)
    policies.named(registration.policy_version)
    return decided


class Wanted(NamedTuple):
    """One registration to be; `decide` raises the refusals of the domain.

    `from_person`: it comes from the person, so that it is taken also if the address was suppressed.
    """

    request: WriteRequest
    decide: Callable[[], Decided]
    from_person: bool

    def reservation(self, keys: KeyStore, decided: Decided) -> Reservation:
        """Make the key and the wish for the address; again if buckets moved."""
        key = keys.new_profile_key()
        tag = keys.address_tag(decided.address)
        return Reservation(tag, self.request.key, key.profile_id, key, self.from_person)


# A result of None: another request stands in the way, or the same one did part of it before.
Outcome = Appended | None


class RegistrationQueue:
    """Registers whoever meets nobody else. What it can't settle is left for `Registrar` to finish alone.

    A batch costs two commits in two databases, so under load it waits for more than others do (`linger`,
    seconds): 64 calls in flight come in batches of 30 instead of 13, a quarter more of them in a second.
    """

    def __init__(self, keys: KeyStore, log: EventLog, *, linger: float = 0.02) -> None:
        self._keys = keys
        self._batcher: Batcher[Wanted, Outcome] = Batcher(
            self._run, name="registrar", linger=linger, onward=log.queue
        )

    def submit(self, wanted: Wanted) -> asyncio.Future[Outcome]:
        """Queue from a coroutine. The future raises refusals of the domain, keys and log.

        Raises `QueueFullError` or `StoppedError` at once.
        """
        return self._batcher.submit(wanted)

    def call_all(self, wanted: Sequence[Wanted]) -> list[Outcome | BaseException]:
        """Queue many from a thread; one outcome each, in order."""
        return self._batcher.call_all(wanted)

    def close(self) -> None:
        """Pass on what is queued, then end the thread. The log is closed after it."""
        self._batcher.stop()

    def _run(self, batch: Sequence[Wanted]) -> list[Onward[Append] | BaseException | None]:
        outcomes: list[Onward[Append] | BaseException | None] = [None] * len(batch)
        reservations: dict[int, tuple[Reservation, Decided]] = {}
        for place, wanted in enumerate(batch):
            try:
                decided = wanted.decide()
                reservations[place] = (wanted.reservation(self._keys, decided), decided)
            except Exception as error:  # noqa: BLE001 - whatever it is, it answers this one and not the batch
                outcomes[place] = error
        results = self._keys.reserve([reservation for reservation, _ in reservations.values()])
        for (place, (reservation, decided)), result in zip(reservations.items(), results, strict=True):
            if isinstance(result, Reserved):
                outcomes[place] = _onward(batch[place].request, reservation, decided, result.suppressed)
        return outcomes


def prepare_first(
    request: WriteRequest, profile_id: UUID, cipher: ProfileCipher, decided: Decided, *, suppressed: bool
) -> Append:
    """Seal the facts that a profile begins with; of a suppressed address, contacted no more.

    Raises `KeyDestroyedError`.
    """
    facts: dict[str, Sequence[Message]] = {stream_name(PROFILE, profile_id): decided.facts}
    if suppressed:
        reason = SuppressionReason.SUPPRESSION_REASON_ADDRESS
        facts[stream_name(CONSENTS, profile_id)] = consents.suppress(consents.Consents(), reason)
    heads = dict.fromkeys(facts, 0)
    return prepare(request, facts, heads, subject=profile_id, profile_id=profile_id, cipher=cipher)


def _onward(
    request: WriteRequest, reservation: Reservation, decided: Decided, suppressed: bool
) -> Onward[Append] | Exception | None:
    key = reservation.key
    assert key is not None, "a registration brings its key"
    try:
        return Onward(prepare_first(request, key.profile_id, key.cipher, decided, suppressed=suppressed))
    except KeyDestroyedError:  # a competitor gave this reservation up
        return None
    except Exception as error:  # noqa: BLE001 - as above
        return error

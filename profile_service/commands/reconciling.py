"""Before anything is served: keys and log must tell one story, whatever was restored from a backup.

Who was erased by the log, by a tombstone or by the list of erasures is erased in all three. A living
person without a key or without the address they have by the log means that the key database is older
than the log, unless a change that the log lost gave that address back. An epoch that the keys closed is
closed in the log. A key without a person is a reservation, and none of this module's business.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from uuid import UUID, uuid5

import structlog

from profile_service.commands.addresses import ADDRESS_TYPES
from profile_service.commands.epoch_facts import EpochFacts, identity
from profile_service.commands.erasure import Eraser
from profile_service.commands.requests import WriteRequest
from profile_service.commands.taking_back import LostChanges, changed_later
from profile_service.commands.writing import new_fact
from profile_service.keys.erasure_list import ErasureList
from profile_service.keys.inventory import KeyInventory, LogMark
from profile_service.keys.store import KeyStore
from profile_service.log.append import Append, EventLog, ProfileClosedError, VersionConflictError
from profile_service.log.reader import LogReader, Standing
from profile_service.log.streams import PROFILE, stream_name
from profile_service.v1.events_pb2 import ProfileErased
from profile_service.v1.profile_pb2 import CHANNEL_UNSPECIFIED

log = structlog.get_logger()

# Who repeats an erasure that the log lost, by its own account.
ACTOR = "aprofile"
# Clocks of hosts and databases are together within this, in microseconds.
CLOCKS_APART = 24 * 3600 * 1_000_000
# People looked at in one question.
PAGE = 2_000


@dataclass(frozen=True, slots=True)
class Missing:
    """Living people who have no key, or a key but not the address that they have by the log."""

    keys: frozenset[UUID] = frozenset()
    addresses: frozenset[UUID] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.keys or self.addresses)


class NotReconciledError(Exception):
    """Keys and log do not agree; `missing` has who would be lost."""

    def __init__(self, text: str, missing: Missing) -> None:
        some = ", ".join(str(one) for one in sorted(missing.keys | missing.addresses)[:3])
        super().__init__(f"{text} ({some}, …)")
        self.missing = missing


class KeysBehindLogError(NotReconciledError):
    """The key database is older than the log."""

    def __init__(self, missing: Missing) -> None:
        super().__init__(
            f"the key database is older than the log: restore a later one; {len(missing.keys)} people have"
            f" no key and {len(missing.addresses)} not the address they have by the log",
            missing,
        )


class AddressesStayAwayError(NotReconciledError):
    """The keys are not older than the log, but an address that a lost change gave back is not free now."""

    def __init__(self, people: frozenset[UUID]) -> None:
        super().__init__(
            f"{len(people)} people changed address after the log ends, and can't have the one back that they"
            " have by the log: the service log says why; start again",
            Missing(addresses=people),
        )


@dataclass(slots=True)
class Reconciled:
    """What was done. `complete`: over the whole log, not only from the last mark on.

    `destroyed`: keys; `closed`: people in the log; `listed`: people; `epochs`: closes in the log.
    """

    complete: bool
    destroyed: int = 0
    closed: int = 0
    listed: int = 0
    epochs: int = 0


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Makes keys, log and list of erasures agree. Blocks; nobody may be served meanwhile."""

    keys: KeyStore
    inventory: KeyInventory
    reader: LogReader
    log: EventLog
    eraser: Eraser
    erasures: ErasureList

    def run(self) -> Reconciled:
        """Cheap from the last mark on; over everything if the log is another one since.

        Raises `KeysBehindLogError` or `AddressesStayAwayError` after logging who is missing.
        """
        mark = self.inventory.mark()
        complete = mark is None or mark.log_id != self.reader.log_id
        start = LogMark(self.reader.log_id, 0, 0, 0) if mark is None or complete else mark
        at, head = time.time_ns() // 1000, self.reader.head()
        work = _Erasures(self, start, Reconciled(complete))
        work.run()
        missing, changed = find_missing(self.reader, self.inventory, start.position, head)
        if missing:
            _log_missing(missing)
            raise KeysBehindLogError(missing)
        if away := changed - LostChanges(self.keys, self.reader, self.log).take_back(changed):
            raise AddressesStayAwayError(away)
        done = work.done
        done.epochs = self._record_closes()
        self.inventory.set_mark(LogMark(self.reader.log_id, head, work.tombstone, at))
        if done.destroyed or done.closed:
            log.info("erasures finished", keys=done.destroyed, facts=done.closed)
        return done

    def _record_closes(self) -> int:
        """Append again the closes of epochs that the log lost; return how many."""
        facts = EpochFacts(self.keys, self.reader, self.log)
        known, recorded = facts.positions(), 0
        for epoch in self.inventory.closed_epochs():
            position = known.get(identity(epoch))
            if position is None:
                position = facts.record(epoch, self.inventory.erasures(epoch))
                recorded += 1
                log.info("key epoch closed, written again", epoch=epoch.epoch, position=position)
            if position != epoch.closed_position:
                self.inventory.set_closed_position(epoch, position)
        return recorded


@dataclass(slots=True)
class _Erasures:
    """One run over everybody whom log, keys or list say to be erased."""

    tools: Reconciler
    start: LogMark
    done: Reconciled
    tombstone: int = 0
    _listed: set[UUID] = field(default_factory=set)

    def run(self) -> None:
        self.tombstone = self.start.tombstone
        self._listed = self.tools.erasures.since(max(0, self.start.marked_at - CLOCKS_APART))
        for source in (self._by_log(), self._by_tombstone(), iter(sorted(self._listed))):
            for people in _pages(source):
                self._erase(people)

    def _by_log(self) -> Iterator[UUID]:
        position = self.start.position
        while page := self.tools.reader.closed_after(position):
            yield from (profile_id for profile_id, _ in page)
            position = page[-1][1]

    def _by_tombstone(self) -> Iterator[UUID]:
        while page := self.tools.keys.tombstones(self.tombstone):
            yield from (tombstone.profile_id for tombstone in page)
            self.tombstone = page[-1].sequence

    def _erase(self, people: Collection[UUID]) -> None:
        standing = self.tools.reader.standing(people)
        destroyed = self.tools.inventory.with_tombstone(people)
        for profile_id in people:
            # The key first: from here on nobody reads, whatever happens to the rest.
            if profile_id not in destroyed and self._was_somebody(profile_id, standing[profile_id]):
                self.tools.eraser.finish(profile_id)
                self.done.destroyed += 1
            if standing[profile_id] is Standing.REGISTERED:
                self._close(profile_id)
                self.done.closed += 1
        # A tombstone of somebody whom the log does not know is of an abandoned reservation.
        known = [one for one in people if standing[one] is not Standing.UNKNOWN and one not in self._listed]
        self.tools.erasures.add(known)
        self._listed.update(known)
        self.done.listed += len(known)

    def _was_somebody(self, profile_id: UUID, standing: Standing) -> bool:
        return standing is not Standing.UNKNOWN or profile_id in self._listed

    def _close(self, profile_id: UUID) -> None:
        """Append `ProfileErased` again, of which the log kept nothing: without ground and reason."""
        stream = stream_name(PROFILE, profile_id)
        cipher = self.tools.keys.service_cipher
        name = uuid5(profile_id, self.tools.reader.log_id)
        request = WriteRequest(ACTOR, "Reconcile", name, CHANNEL_UNSPECIFIED, b"")
        while True:
            version = self.tools.reader.stream_version(stream) + 1
            fact = new_fact(request, stream, version, ProfileErased(), profile_id, cipher)
            append = Append(
                request.key, request.digest(cipher), profile_id, profile_id, (fact,), version, closes=True
            )
            try:
                self.tools.log.append_and_wait(append)
            except VersionConflictError:
                continue
            except ProfileClosedError:
                pass  # another process was first
            return


def find_missing(
    reader: LogReader,
    inventory: KeyInventory,
    after: int,
    upto: int,
    erased: Collection[UUID] = frozenset(),
) -> tuple[Missing, frozenset[UUID]]:
    """Whom the keys lack of those who came to an address at positions `after` < p <= `upto`.

    And whose address a change gave back that the log lost, which `LostChanges` undoes. Whoever is among
    `erased`, or has a tombstone, is missing for a good reason, though the log may not know it.
    """
    keys: set[UUID] = set()
    addresses: set[UUID] = set()
    changed: set[UUID] = set()
    while page := reader.facts_of_types(ADDRESS_TYPES, after, upto, PAGE):
        after = page[-1][0]
        without_key, without_address = _missing_of(reader, inventory, dict(_turned(page)))
        keys |= without_key.difference(erased)
        without_address.difference_update(erased, without_key)
        addresses |= without_address
        changed |= changed_later(reader, inventory, without_address)
    return Missing(frozenset(keys), frozenset(addresses - changed)), frozenset(changed)


def _turned(page: Iterable[tuple[int, UUID]]) -> Iterator[tuple[UUID, int]]:
    return ((profile_id, position) for position, profile_id in page)


def _missing_of(
    reader: LogReader, inventory: KeyInventory, since: dict[UUID, int]
) -> tuple[set[UUID], set[UUID]]:
    """`since`: the position of the last fact by which each person came to an address."""
    without_key = since.keys() - inventory.with_key(since)
    reserved = inventory.reserved_by(since)
    decided = reader.requests({key for found in reserved.values() for key in found})
    # A request's position is that of its last fact, so it is not before the fact that it made.
    without_address = {
        profile_id
        for profile_id, position in since.items()
        if not any(
            key in decided and decided[key].position >= position for key in reserved.get(profile_id, ())
        )
    }
    suspects = without_key | without_address
    if not suspects:
        return set(), set()
    # Asked last: whoever was erased meanwhile is missing for a good reason.
    standing = reader.standing(suspects)
    living = {profile_id for profile_id in suspects if standing[profile_id] is Standing.REGISTERED}
    living -= inventory.with_tombstone(living)
    return without_key & living, without_address & living


def _pages(people: Iterator[UUID]) -> Iterator[list[UUID]]:
    while page := list(islice(people, PAGE)):
        yield page


def _log_missing(missing: Missing) -> None:
    for profile_id in sorted(missing.keys):
        log.error("key is missing", profile_id=str(profile_id))
    for profile_id in sorted(missing.addresses):
        log.error("address is missing", profile_id=str(profile_id))

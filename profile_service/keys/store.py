"""The keys of a process: ciphers of people, tags of addresses, reservations, and destroying."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from hmac import HMAC
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine, func, select

from profile_service.frequent_reads import FrequentReads
from profile_service.keys.cache import CipherCache
from profile_service.keys.cipher import ProfileCipher
from profile_service.keys.closing import EpochClosing
from profile_service.keys.epochs import EpochStatus, Erasure, read_erasure, read_status, waiting_erasures
from profile_service.keys.erasure import (
    Destroyed,
    KeyDestroyer,
    destroy_key,
    destroyed_from,
    is_bare_registration,
    release_tag,
)
from profile_service.keys.errors import KeyDatabaseError, KeysUnavailableError
from profile_service.keys.evicting import Evictions
from profile_service.keys.lease import Lease
from profile_service.keys.lease_keeper import LeaseKeeper
from profile_service.keys.lease_postgres import PostgresLeaseTable
from profile_service.keys.lease_sqlite import SqliteLeaseTable
from profile_service.keys.lease_table import LeaseTable, LeaseWatch
from profile_service.keys.loading import KeyLoader
from profile_service.keys.material import random_key, zeroed
from profile_service.keys.opening import open_tree
from profile_service.keys.randomness import take_random
from profile_service.keys.reservations import Held, NewProfileKey, Reservable, Reservation
from profile_service.keys.reserving import Reserver, holders, reservations_of
from profile_service.keys.root_keys import RootKeys, root_keys
from profile_service.keys.roots import RootProvider
from profile_service.keys.schema import tombstones
from profile_service.keys.secrets import Secrets
from profile_service.keys.status import KeyStatus, key_status
from profile_service.keys.suppression import Suppressions
from profile_service.keys.transactions import available, is_postgres, lock_tombstones, reading, writing
from profile_service.keys.tree import SERVICE_ID, AddressTag, KeyTree
from profile_service.keys.upkeep import Upkeep

# A bucket does not get two new keys while a process opens the tree.
_TRIES = 5


class KeyStore:
    """One a process. Holds keys from `start` to `stop`, while its lease lasts.

    Every method raises `KeysUnavailableError` without a lease or without the database; then nothing is
    known to have happened. A cipher is about 4 KiB: `cached` of them are kept, for `max_age` seconds.
    `close_every` is how often epochs are closed, which the promises of erasures go by; None: on no schedule.
    """

    def __init__(
        self,
        engine: Engine,
        root: RootProvider,
        *,
        cached: int = 16_384,
        max_age: float = 600.0,
        close_every: timedelta | None = None,
    ) -> None:
        self._engine = engine
        self._frequent = FrequentReads(engine)
        self._root = root
        self._close_every = close_every
        self._process = uuid4()
        self._opening = threading.Lock()
        self._lease = Lease()
        self._watch = LeaseWatch()
        self._tree: KeyTree | None = None
        self._service: ProfileCipher | None = None
        self._before_reopening: Callable[[], None] = lambda: None
        self._cache = CipherCache(limit=cached, max_age=max_age)
        self._loader = KeyLoader(engine, self._cache, self._lease, self._held_tree, self.refresh)
        self._upkeep = Upkeep(engine, self._process, self._cache, self._held_tree, self.refresh)
        self._secrets = Secrets(engine, self._held_tree, self.refresh)
        self.suppressions = Suppressions(engine, self._held_tree, self.refresh, self.secret)
        self._reserver = Reserver(engine, self._cache, self._loader, self.suppressions.tags)
        self._destroyer = KeyDestroyer(engine)
        self._evictions = Evictions(engine, self._process, self._watch)
        self._keeper: LeaseKeeper | None = None

    def start(self) -> None:
        """Make the first epoch if there is none; take the lease; open the tree.

        Raises `RootError` or `KeyDatabaseError` if the root key is not the database's.
        """
        kind = PostgresLeaseTable if is_postgres(self._engine) else SqliteLeaseTable
        table: LeaseTable = kind(self._engine, self._process)
        keeper = LeaseKeeper(
            table, self._lease, self._watch, opened=self._open, lost=self._drop, destroyed=self._cache.evict
        )
        try:
            keeper.start()
        except BaseException:
            keeper.stop()
            raise
        self._keeper = keeper
        self._upkeep.start()

    def stop(self) -> None:
        """Drop every context and give the lease back."""
        if self._keeper is not None:
            self._upkeep.stop()
            self._keeper.stop()
            self._keeper = None

    def before_reopening(self, check: Callable[[], None]) -> None:
        """Have `check` called before keys are opened again after a lost lease; if it raises, they are not."""
        self._before_reopening = check

    @property
    def lease(self) -> Lease:
        """Whether this process may use what it opened."""
        return self._lease

    @property
    def service_cipher(self) -> ProfileCipher:
        """The service's own cipher: digests of what concerns no person, page tokens."""
        self._lease.check()
        if self._service is None:
            raise KeysUnavailableError("the keys are not open")
        return self._service

    def ciphers(self, profile_ids: Collection[UUID], *, keep: bool = True) -> dict[UUID, ProfileCipher]:
        """The ciphers of people; of unknown and destroyed ones there is none.

        Without `keep` those that were not at hand are not kept: for whoever goes through everybody.
        """
        self._lease.check()
        return self._loader.ciphers(profile_ids, keep=keep)

    def secret(self, name: str) -> HMAC:
        """An HMAC-SHA-256 context under a key of the service that outlives every epoch; made at first use."""
        return self._secrets.get(name)

    def cached_cipher(self, profile_id: UUID) -> ProfileCipher | None:
        """The cipher if it is at hand, without asking the database."""
        return self._cache.get(profile_id)

    def address_tag(self, canonical_address: str, rule: int = 1) -> AddressTag:
        """The tag of an address that rule number `rule` made canonical."""
        return self._held_tree().address_tag(canonical_address, rule)

    def new_profile_key(self) -> NewProfileKey:
        """A random id and key for a person to be; stored by `reserve`, which takes it once."""
        tree = self._held_tree()
        profile_id = UUID(bytes=bytes(take_random(16)), version=4)
        with zeroed(random_key()) as key:
            cipher = ProfileCipher(key, self._lease)
            stored = tree.wrap(profile_id, key)
        self._cache.register(profile_id, cipher)
        return NewProfileKey(profile_id, cipher, stored)

    def reserve(self, wanted: Sequence[Reservation]) -> list[Reservable]:
        """Reserve addresses, each as if alone and in order; durable when it returns.

        After `BucketMoved` make tag and key again. Raises `ValueError` if a `NewProfileKey` was offered
        before. After `KeysUnavailableError` ask again with the same request key and a new profile key.
        """
        self._lease.check()
        outcomes, moved = self._reserver.reserve(wanted)
        if moved:
            self.refresh()
        return outcomes

    def holders(self, tags: Sequence[AddressTag]) -> list[Held | None]:
        """Who reserved these addresses. Raises `BucketMovedError`: make the tags again."""
        return holders(self._engine, tags, self.refresh)

    def reservations_of(self, profile_id: UUID) -> list[Held]:
        """The addresses that a person has or had reserved."""
        return reservations_of(self._engine, profile_id)

    def release(self, held: Held, *, abandoned: bool = False) -> Destroyed | None:
        """Give an address back, if its row is still that request's.

        `abandoned`: the registration never happened and, by the log, never will, so its key goes too;
        ignored if the row is not all that is stored of that person.
        """
        with writing(self._engine) as connection:
            destroyed = None
            if abandoned:
                lock_tombstones(connection)
            if abandoned and is_bare_registration(connection, held):
                destroyed = destroy_key(connection, held.profile_id)
            else:
                release_tag(connection, held)
        if destroyed is not None:
            self._cache.evict([destroyed.profile_id])
        return destroyed

    def destroy(self, profile_id: UUID, suppressing: Collection[bytes] = ()) -> Destroyed:
        """Destroy a person's key and tags, in the database and in this process. Again: the same answer.

        In the same transaction the addresses that were reserved by the requests `suppressing` (their
        keys) are suppressed.
        """
        if profile_id == SERVICE_ID:
            raise ValueError("the key of the service is nobody's")

        def work(connection: Connection) -> Destroyed:
            self.suppressions.keep(connection, profile_id, suppressing)
            return destroy_key(connection, profile_id)

        if suppressing:
            destroyed = self.suppressions.with_current_buckets(work)
        else:
            destroyed = self._destroyer.destroy(profile_id)
        self._cache.evict([profile_id])
        return destroyed

    def wait_until_evicted_everywhere(self, destroyed: Destroyed, timeout: float) -> bool:
        """Whether within `timeout` seconds every other process dropped the key, or lost its lease."""
        return self._evictions.wait(destroyed.sequence, timeout)

    def tombstones(self, after: int = 0, limit: int = 1000) -> list[Destroyed]:
        """Destroyed keys in order, from behind sequence `after` on."""
        later = select(tombstones).where(tombstones.c.sequence > after).order_by(tombstones.c.sequence)
        with reading(self._engine) as connection:
            return [destroyed_from(row) for row in connection.execute(later.limit(limit))]

    def last_destroyed(self) -> int:
        """The sequence of the last tombstone; 0 if no key was destroyed."""
        with reading(self._engine) as connection:
            return connection.execute(select(func.max(tombstones.c.sequence))).scalar() or 0

    def erasure_of(self, profile_id: UUID) -> Erasure | None:
        """How final the erasure of a person is; None if the key was not destroyed."""
        with available():
            return read_erasure(self._frequent, profile_id, self._close_every)

    def waiting_erasures(self, limit: int = 1000) -> list[Erasure]:
        """The oldest erasures whose root key is not destroyed yet."""
        with reading(self._engine) as connection:
            return waiting_erasures(connection, self._close_every, limit)

    def closing(self, backups: Path) -> EpochClosing:
        """The steps of closing an epoch, for this process; backups go into a directory."""
        return EpochClosing(
            self._engine, self._root, self._held_tree, self.refresh, self._upkeep.follow_epoch, backups
        )

    def epoch_status(self) -> EpochStatus:
        """How the closes of epochs stand."""
        with reading(self._engine) as connection:
            return read_status(connection, self._close_every)

    def status(self) -> KeyStatus:
        """Counts and versions, never a key."""
        return key_status(self._engine)

    def root_keys(self) -> RootKeys:
        """The root keys that the provider has. Raises `RootError`."""
        return root_keys(self._engine, self._root)

    def open_buckets(self) -> None:
        """Open every bucket before the first call comes, for a process that registers people."""
        self._held_tree().open_buckets()

    def refresh(self) -> None:
        """Read epoch and buckets anew: another process made new ones."""
        self._lease.check()
        with self._opening:  # a tree that was read earlier never takes the place of a later one
            self._tree = open_tree(self._engine, self._root, self._tree)

    def _held_tree(self) -> KeyTree:
        self._lease.check()
        tree = self._tree
        if tree is None:
            raise KeysUnavailableError("the keys are not open")
        return tree

    def _open(self) -> None:
        self._before_reopening()
        for _ in range(_TRIES):
            tree = open_tree(self._engine, self._root)
            service = self._loader.load_service(tree)
            if service is not None:
                self._service, self._tree = service, tree
                return
        raise KeyDatabaseError("the key of the service is in a bucket that is not there")

    def _drop(self) -> None:
        self._tree = None
        self._service = None
        self._secrets.drop()
        self._cache.suspend_all()

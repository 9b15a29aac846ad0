"""The backup attack: every copy from before and after, every live secret, and nothing of the erased opens."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from drills.attacking import Attack, Loot, attack
from profile_service.database import open_engine
from profile_service.keys import closing as closing_module
from profile_service.keys import switching
from profile_service.keys.epochs import EpochState
from profile_service.keys.roots import FileRootProvider
from tests.epochs.city import City, close
from tests.support.postgres import PostgresServer, start_postgres

PEOPLE, ERASED, FEW = 400, 30, 3


@pytest.fixture(scope="module")
def postgres_server() -> Iterator[PostgresServer]:
    """One of its own: the write-ahead log, which is copied again and again, is of these tests alone."""
    server = start_postgres(fsync="off", min_wal_size="32MB", max_wal_size="64MB")
    yield server
    server.stop()
    shutil.rmtree(server.directory, ignore_errors=True)


class Thief:
    """Copies everything that is on the disk, again and again."""

    def __init__(self, city: City, directory: Path, server: PostgresServer | None) -> None:
        self.loot = Loot()
        self.raw = Loot(buckets=self.loot.buckets)
        self.files: list[Path] = []
        self._city = city
        self._directory = directory
        self._server = server
        self._times = 0

    def copy(self) -> None:
        """All rows, and all files with their write-ahead log."""
        self._times += 1
        place = self._directory / f"copy-{self._times}"
        if self._server is None:
            self._copy_sqlite(place)
        else:
            self.loot.take(self._city.engine)
            self._copy_postgres(self._server, place)

    def attack(self, *, asking: bool = True) -> Attack:
        """With what is in the files, and with the rows that were had by asking a database."""
        gone = self._city.erased
        ids = [one.profile_id for one in gone]
        self.raw.search(self.files, ids)
        self.files = []
        root = FileRootProvider(self._city.roots)
        addresses = [one.address for one in gone] + [f"nobody{number}@example.org" for number in range(50)]
        return attack(self.raw | self.loot if asking else self.raw, root, ids, addresses)

    def _copy_sqlite(self, place: Path) -> None:
        original = Path(str(self._city.engine.url.database))
        place.mkdir()
        for path in original.parent.glob(f"{original.name}*"):
            if path.is_file():
                shutil.copy(path, place)
        self.files += [path for path in place.iterdir() if not path.name.endswith(("-shm", ".lock"))]
        (place / "rows").mkdir()
        for path in place.glob("*.sqlite*"):
            shutil.copy(path, place / "rows")
        engine = open_engine(f"sqlite:///{place}/rows/{original.name}")
        self.loot.take(engine)
        engine.dispose()

    def _copy_postgres(self, server: PostgresServer, place: Path) -> None:
        with self._city.engine.connect() as connection:
            connection.execute(text("CHECKPOINT"))
            oid = connection.execute(text("SELECT oid FROM pg_database WHERE datname = current_database()"))
            base = server.directory / "base" / str(oid.scalar_one())
        place.mkdir()
        for path in (*base.iterdir(), *(server.directory / "pg_wal").glob("0*")):
            if path.is_file():
                self.files.append(Path(shutil.copy(path, place)))


@pytest.fixture
def thief(city: City, tmp_path: Path, request: pytest.FixtureRequest) -> Thief:
    on_postgres = city.engine.dialect.name == "postgresql"
    return Thief(city, tmp_path, request.getfixturevalue("postgres_server") if on_postgres else None)


def live(city: City, thief: Thief, closes: int = 1) -> None:
    """People come, a thief comes, people are erased in every state of a close, the thief comes between.

    Whoever is erased after the switch waits for the next close, so nobody is in the last one.
    """
    city.settle(PEOPLE)
    thief.copy()
    for later in reversed(range(closes)):
        city.erase(ERASED)
        thief.copy()
        closing = city.closing()
        for state in (EpochState.PREPARED, EpochState.SWITCHED, EpochState.BACKED_UP, EpochState.DESTROYED):
            close(closing, state)
            if state is EpochState.PREPARED or later:
                city.erase(FEW)
            if state is EpochState.PREPARED:
                thief.copy()
        close(closing)
        thief.copy()


def test_nothing_of_the_erased_opens_after_a_close(city: City, thief: Thief):
    live(city, thief, 2)
    found = thief.attack()
    assert found.opened == set()
    assert found.confirmed == set()
    city.expect_all_readable()


def test_before_the_close_the_same_attack_opens_everybody(city: City, thief: Thief):
    """So that finding nothing means something: it finds them in copies, and in raw files alone."""
    city.settle(PEOPLE)
    thief.copy()
    city.erase(ERASED)
    thief.copy()
    everybody = {one.profile_id for one in city.erased}
    found = thief.attack()
    assert found.opened == everybody
    assert found.confirmed == {one.address for one in city.erased}
    raw = thief.attack(asking=False)
    assert len(raw.opened) > 0.9 * ERASED
    assert len(raw.confirmed) > 0.9 * ERASED
    assert raw.confirmed <= found.confirmed


@contextmanager
def nothing_is_dirty(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        for module in (closing_module, switching):
            patch.setattr(module, "dirty_buckets", lambda connection, table: [])
        yield


def test_a_planted_close_that_only_wraps_bucket_keys_anew_is_caught(
    city: City, thief: Thief, monkeypatch: pytest.MonkeyPatch
):
    with nothing_is_dirty(monkeypatch):
        live(city, thief)
    found = thief.attack()
    assert found.opened == {one.profile_id for one in city.erased}
    assert found.confirmed == {one.address for one in city.erased}


def test_a_planted_root_that_was_copied_is_caught(city: City, thief: Thief, tmp_path: Path):
    """Whoever has a copy of the root key itself needs nothing else: it must be in no backup."""
    city.settle(PEOPLE)
    shutil.copytree(city.roots, tmp_path / "stolen")
    thief.copy()
    city.erase(ERASED)
    close(city.closing())
    for path in (tmp_path / "stolen").iterdir():
        shutil.copy(path, city.roots)
    assert thief.attack().opened == {one.profile_id for one in city.erased}


def test_who_is_erased_while_a_close_dies_again_and_again(city: City, thief: Thief, engine: Engine):
    """What a switch wrote that never committed is in the write-ahead log: its root key must not stay."""

    class PowerCutError(Exception):
        pass

    def cut(*_: object) -> None:
        raise PowerCutError

    city.settle(PEOPLE)
    closing = city.closing()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(switching.Switch, "_switch_epoch", cut)
        for _ in range(2):
            with pytest.raises(PowerCutError):
                close(closing)
            thief.copy()
            city.erase(ERASED // 2)
            thief.copy()
    close(closing)
    thief.copy()
    found = thief.attack()
    assert (found.opened, found.confirmed) == (set(), set())
    city.expect_all_readable()

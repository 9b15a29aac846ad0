"""The attack that epochs are there for: every copy ever made and all live secrets, against the erased."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine, text

from benchmarks.bodies import registration
from drills.attacking import Attack, Loot, attack
from drills.claims import Claim
from drills.town import READABLE, Town
from profile_service.copies import copy_in, scratch
from profile_service.database import open_engine
from profile_service.domain.email import canonical_address
from profile_service.keys.roots import FileRootProvider


def backup_attack(town: Town, size: int) -> Iterator[Claim]:
    """Back up, erase one in twenty, back up, close the epoch, back up; then try everything on everything."""
    numbers = town.settle(size)
    copies = [town.back_up("before", "--no-views")]
    raw = [_raw_copy(town, "raw-before")]
    erased = numbers[:: max(2, min(20, size // 2))]
    addresses = {number: canonical_address(registration(number, town.name).email) for number in numbers}
    town.erase(erased)
    copies.append(town.back_up("between", "--no-views"))
    raw.append(_raw_copy(town, "raw-between"))

    # Without it, an attack that finds nothing would say nothing.
    early = _attack(town, copies, raw, erased, addresses)
    yield Claim(
        "before the close the attack opens the erased, so it can",
        f"{len(early.opened)} of {len(erased)} keys opened, {len(early.confirmed)} addresses confirmed",
        len(early.opened) == len(early.confirmed) == len(erased),
    )
    town.close_epoch()
    copies.append(town.back_up("after", "--no-views"))
    raw.append(_raw_copy(town, "raw-after"))
    late = _attack(town, copies, raw, erased, addresses)
    yield Claim(
        "after the close no key of the erased opens, from whatever copy",
        f"{len(late.opened)} of {len(erased)} with {len(copies)} backups, {len(raw)} copies of all files",
        not late.opened,
    )
    yield Claim(
        "after the close no address of the erased is confirmed by a dictionary that has it",
        f"{len(late.confirmed)} of {len(erased)}",
        not late.confirmed,
    )
    seen = town.read(town.living.values())
    yield Claim(
        "everybody else is readable after the close",
        f"{seen[READABLE]} of {len(town.living)}",
        seen[READABLE] == len(town.living),
    )


def _attack(
    town: Town, copies: list[Path], raw: list[list[Path]], erased: list[int], addresses: dict[int, str]
) -> Attack:
    people = [UUID(town.erased[number]) for number in erased]
    loot = Loot()
    engine = open_engine(town.service.databases.keys)
    loot.take(engine)
    for copy in copies:
        with scratch(engine) as copied:
            copy_in(copy / "keys", copied)
            loot.take(copied)
    engine.dispose()
    for files in raw:
        loot.search(files, people)
    root = FileRootProvider(town.service.directory / "root-keys")
    return attack(loot, root, people, [addresses[number] for number in erased])


def _raw_copy(town: Town, name: str) -> list[Path]:
    """Copy the files of the key database as they lie on the disk, write-ahead log included."""
    target = town.service.directory / name
    target.mkdir()
    copied = []
    for number, path in enumerate(_raw_files(town)):
        copied.append(target / f"{number}-{path.name}")
        try:
            shutil.copyfile(path, copied[-1])
        except FileNotFoundError:
            copied.pop()  # recycled meanwhile
    return copied


def _raw_files(town: Town) -> list[Path]:
    engine = open_engine(town.service.databases.keys)
    try:
        if engine.dialect.name == "sqlite":
            database = Path(str(engine.url.database))
            return list(database.parent.glob(f"{database.name}*"))
        return _postgres_files(engine)
    finally:
        engine.dispose()


def _postgres_files(engine: Engine) -> list[Path]:
    with engine.connect() as connection:
        place = Path(connection.execute(text("SHOW data_directory")).scalar_one())
        own = "SELECT oid::text FROM pg_database WHERE datname = current_database()"
        number = connection.execute(text(own)).scalar_one()
    found = [*(place / "base" / number).iterdir(), *(place / "pg_wal").iterdir()]
    return [path for path in found if path.is_file()]

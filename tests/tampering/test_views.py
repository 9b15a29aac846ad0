"""A sealed column that was damaged, or put somewhere else, is refused whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from profile_service.keys.errors import SealBrokenError
from projections import catalogue
from projections.schema import generation_table
from projections.sealing import open_column
from projections.views.profiles import PROFILES, PROFILES_VIEW, get_profiles
from projections.views.sign_ups import SIGN_UPS_VIEW
from tests.projections.world import Step, World, new_world
from tests.support.service import Databases
from tests.tampering.damage import damaged


@pytest.fixture
def world(databases: Databases, tmp_path: Path) -> Iterator[World]:
    """Three people whose views are up to date."""
    with new_world(databases, tmp_path / "root") as made:
        made.happen([Step("register", who) for who in range(3)])
        made.follow()
        yield made


def sealed_profiles(world: World) -> dict[UUID, bytes]:
    with world.sources.views.connect() as connection:
        rows = connection.execute(generation_table(PROFILES, 1).select())
        return {row.profile_id: bytes(row.profile) for row in rows}


def put(world: World, subject: UUID, sealed: bytes) -> None:
    table = generation_table(PROFILES, 1)
    with catalogue.write_transaction(world.sources.views).begin() as connection:
        connection.execute(table.update().where(table.c.profile_id == subject).values(profile=sealed))


def test_a_damaged_column_does_not_open(world: World):
    subject, sealed = next(iter(sealed_profiles(world).items()))
    cipher = world.keys.ciphers([subject])[subject]
    assert open_column(PROFILES_VIEW, "profile", subject, sealed, cipher)
    for wrong in damaged(sealed):
        with pytest.raises(SealBrokenError):
            open_column(PROFILES_VIEW, "profile", subject, wrong, cipher)


def test_a_column_opens_nowhere_else(world: World):
    """Not as another column, in another view, for another person, nor with another person's key."""
    (one, sealed), (other, _), _ = sealed_profiles(world).items()
    ciphers = world.keys.ciphers([one, other])
    for view, column, subject, cipher in (
        (PROFILES_VIEW, "other", one, ciphers[one]),
        (SIGN_UPS_VIEW, "profile", one, ciphers[one]),
        (PROFILES_VIEW, "profile", other, ciphers[one]),
        (PROFILES_VIEW, "profile", one, ciphers[other]),
        (PROFILES_VIEW, "profile", other, ciphers[other]),
    ):
        with pytest.raises(SealBrokenError):
            open_column(view, column, subject, sealed, cipher)


def test_a_profile_put_in_the_row_of_another_is_not_read(world: World):
    (one, of_one), (other, of_other), (third, _) = sealed_profiles(world).items()
    put(world, one, of_other)
    put(world, other, of_one)
    for swapped in (one, other):
        with pytest.raises(SealBrokenError):
            get_profiles(world.reader(), world.keys, [swapped])
    assert set(get_profiles(world.reader(), world.keys, [third]).profiles) == {third}


def test_a_cut_profile_is_not_read_in_part(world: World):
    subject, sealed = next(iter(sealed_profiles(world).items()))
    for length in (0, 1, len(sealed) // 2, len(sealed) - 1):
        put(world, subject, sealed[:length])
        with pytest.raises(SealBrokenError):
            get_profiles(world.reader(), world.keys, [subject])

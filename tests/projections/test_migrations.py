"""Databases of an earlier version, brought to this one."""

from __future__ import annotations

import shutil
from pathlib import Path

from profile_service.database import migrate, open_engine
from projections.catalogue import next_number
from projections.schema import MIGRATIONS
from projections.views.consents import CONSENTS_VIEW
from projections.views.profiles import PROFILES_VIEW
from projections.views.sign_ups import SIGN_UPS_VIEW
from tests.support.service import Databases


def test_numbers_that_an_earlier_version_gave_are_not_given_again(
    databases: Databases, tmp_path: Path
) -> None:
    """Nor the one of a rebuild that was given up, of which no generation is left."""
    before = tmp_path / "before"
    shutil.copytree(MIGRATIONS, before, ignore=shutil.ignore_patterns("000[4-9]*", "__pycache__"))
    engine = open_engine(databases.views)
    migrate(engine, before)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO generations VALUES"
            " ('profiles', 4, 'live', 7, 'log', 'profiles', 'layout', 'print', 1),"
            " ('consents', 2, 'live', 7, 'log', 'consents', 'layout', 'print', 1)"
        )
        connection.exec_driver_sql(
            "INSERT INTO rebuilds VALUES ('profiles', 6, 'print', 'swap', 0, '', 'CANCELLED', '',"
            " 'REBUILD_PHASE_SLICES', 0, 0, 0, 0, 0, 7, 0, 0, 0, '', '', 1, 1, -1, '')"
        )
    migrate(engine, MIGRATIONS)
    with engine.begin() as connection:
        views = (PROFILES_VIEW, PROFILES_VIEW, CONSENTS_VIEW, SIGN_UPS_VIEW)
        assert [next_number(connection, view) for view in views] == [7, 8, 3, 1]
    engine.dispose()

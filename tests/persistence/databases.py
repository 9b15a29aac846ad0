"""Test cases of the library, which know no parametrised fixtures, on a fresh database of each kind."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from unittest import TestCase

import pytest

from profile_service.log.persistence.datastore import OriginatorIDType, SQLDatastore


class DatabaseCase(TestCase):
    """`url` is that of an empty database; recorders of `create` are closed at the end."""

    url: str

    def create(self, recorder_class: type[Any], ids: OriginatorIDType = "uuid") -> Any:
        datastore = SQLDatastore(self.url, originator_id_type=ids)
        self.addCleanup(datastore.close)
        recorder = recorder_class(datastore)
        recorder.create_table()
        return recorder


class InEnvironment(DatabaseCase):
    """The library's suites configure applications by the environment of the process."""

    @pytest.fixture(autouse=True)
    def _environment(self, _database: None, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in [name for name in os.environ if name.endswith("PERSISTENCE_MODULE")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("PERSISTENCE_MODULE", "profile_service.log")
        monkeypatch.setenv("EVENTS_URL", self.url)


class OnSQLite(DatabaseCase):
    @pytest.fixture(autouse=True)
    def _database(self, tmp_path: Path) -> None:
        self.url = f"sqlite:///{tmp_path}/library.sqlite"


class OnPostgres(DatabaseCase):
    @pytest.fixture(autouse=True)
    def _database(self, postgres_url: str) -> None:
        self.url = postgres_url

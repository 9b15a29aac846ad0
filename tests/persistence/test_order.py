"""No event is lost or late: a reader that follows concurrent writers sees every position once, in order."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from profile_service.log.persistence.datastore import SQLDatastore
from profile_service.log.persistence.recorders import SQLApplicationRecorder
from tests.persistence.writers import follow, plant_defect


@pytest.fixture
def recorder(database_url):
    datastore = SQLDatastore(database_url)
    recorder = SQLApplicationRecorder(datastore)
    recorder.create_table()
    yield recorder
    datastore.close()


def counted(recorder: SQLApplicationRecorder) -> tuple[int, int]:
    number = recorder.events.c.notification_id
    with recorder.datastore.reading() as connection:
        count, last = connection.execute(select(func.count(), func.max(number))).one()
    return count, last


def test_thirty_two_writers_in_four_processes(recorder, database_url):
    assert follow(database_url, [(8, 15, False)] * 4) == list(range(1, 481))
    assert counted(recorder) == (480, 480)


def test_beside_a_writer_that_sleeps_between_taking_its_position_and_committing(recorder, database_url):
    assert follow(database_url, [(1, 8, True), (4, 10, False), (4, 10, False)]) == list(range(1, 89))
    assert counted(recorder) == (88, 88)


def test_the_same_check_finds_a_recorder_without_the_order_lock(postgres_url):
    datastore = SQLDatastore(postgres_url)
    recorder = SQLApplicationRecorder(datastore)
    recorder.create_table()
    plant_defect(recorder)
    seen = follow(postgres_url, [(1, 8, True), (1, 100, False), (1, 100, False)])
    assert counted(recorder)[0] == 208
    assert seen != list(range(1, 209))
    datastore.close()

"""The library's own way to a view: a stock application, and a `ProjectionRunner` on its PostgreSQL module.

    python -m benchmarks.peers.projecting postgresql+psycopg://…EVENTS postgresql+psycopg://…VIEW 2000

lets so many people live and prints how many events a second the runner makes rows of. Unlike ours, its
events and rows are in clear, so it has nothing to seal or to open.
"""

from __future__ import annotations

import sys
import time
from typing import Any
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.dispatch import singledispatchmethod
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.sql import SQL

from benchmarks.bodies import registration
from benchmarks.peers.stock import settings

EVENTS = 5
PATIENCE = 600.0


class Profile(Aggregate):
    """A person whose life is the same five events as in `benchmarks.lives`."""

    @event("Registered")
    def __init__(
        self,
        *,
        email: str,
        given_name: str,
        family_name: str,
        born: str,
        gender: int,
        post_code: str,
        language: str,
        policy: str,
    ) -> None:
        self.email = email
        self.given_name = given_name

    @event("Completed")
    def complete(self, phone: str, address: str, interests: list[str]) -> None:
        self.address = address

    @event("Consented")
    def consent(self, purpose: str, policy: str) -> None:
        self.consented = purpose

    @event("Corrected")
    def correct(self, given_name: str) -> None:
        self.given_name = given_name

    @event("Moved")
    def move(self, address: str) -> None:
        self.address = address


class Profiles(Application[UUID]):
    def live(self, number: int) -> None:
        given = registration(number, "lives")
        born = given.date_of_birth
        profile = Profile(
            email=given.email,
            given_name=given.given_name,
            family_name=given.family_name,
            born=f"{born.year:04}-{born.month:02}-{born.day:02}",
            gender=given.gender,
            post_code=given.post_code,
            language=given.language,
            policy=given.policy_version,
        )
        profile.complete(
            f"+3247{number:07}", f"Street {number % 977} {1 + number % 199}", ["culture", "sports"]
        )
        profile.consent("newsletter", "2026-01")
        profile.correct(f"Given {number}")
        profile.move(f"Street {(number + 1) % 977} {1 + (number + 1) % 199}")
        self.save(profile)


class ProfileTable(PostgresTrackingRecorder):
    """The profiles as rows; each change in one transaction with the position it came from."""

    COLUMNS = (
        "email", "given_name", "family_name", "born", "gender", "post_code", "language", "phone", "address",
        "interests",
    )  # fmt: skip

    def __init__(self, datastore: PostgresDatastore, **kwargs: Any) -> None:
        super().__init__(datastore, **kwargs)
        columns = ", ".join(f"{name} {'int' if name == 'gender' else 'text'}" for name in self.COLUMNS)
        self.sql_create_statements.append(
            SQL(f"CREATE TABLE IF NOT EXISTS profiles (id uuid PRIMARY KEY, version int8, {columns})")
        )

    def add(self, profile_id: UUID, values: dict[str, Any], tracking: Tracking) -> None:
        names = ", ".join(values)
        marks = ", ".join(f"%({name})s" for name in values)
        statement = f"INSERT INTO profiles (id, version, {names}) VALUES (%(id)s, 1, {marks})"
        self._run(statement, {"id": profile_id, **values}, tracking)

    def change(self, profile_id: UUID, version: int, values: dict[str, Any], tracking: Tracking) -> None:
        changes = ", ".join(f"{name} = %({name})s" for name in ("version", *values))
        statement = f"UPDATE profiles SET {changes} WHERE id = %(id)s"
        self._run(statement, {"id": profile_id, "version": version, **values}, tracking)

    def count(self) -> int:
        with self.datastore.get_connection() as connection, connection.cursor() as cursor:
            found: Any = cursor.execute("SELECT count(*) AS count FROM profiles").fetchone()
            return int(found["count"])

    def _run(self, statement: str, values: dict[str, Any], tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(statement, values, prepare=True)


class ProfileView(Projection[ProfileTable]):
    name = "view"

    @singledispatchmethod
    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        self.view.insert_tracking(tracking)

    @process_event.register
    def _(self, happened: Profile.Registered, tracking: Tracking) -> None:
        names = ProfileTable.COLUMNS[:7]
        values = {name: getattr(happened, name) for name in names}
        self.view.add(happened.originator_id, values, tracking)

    @process_event.register
    def _(self, happened: Profile.Completed, tracking: Tracking) -> None:
        values = {
            "phone": happened.phone,
            "address": happened.address,
            "interests": ",".join(happened.interests),
        }
        self.view.change(happened.originator_id, happened.originator_version, values, tracking)

    @process_event.register
    def _(self, happened: Profile.Corrected, tracking: Tracking) -> None:
        values = {"given_name": happened.given_name}
        self.view.change(happened.originator_id, happened.originator_version, values, tracking)

    @process_event.register
    def _(self, happened: Profile.Moved, tracking: Tracking) -> None:
        values = {"address": happened.address}
        self.view.change(happened.originator_id, happened.originator_version, values, tracking)


def live(events: str, people: int) -> None:
    """Let so many people live in an empty database."""
    with Profiles(env=settings(events)) as application:
        for number in range(people):
            application.live(number)


def projected_per_second(events: str, view: str, people: int) -> float:
    """Events a second that a runner makes rows of, from the first to the last, into an empty database."""
    elsewhere = {f"VIEW_{name}": value for name, value in settings(view).items()}
    began = time.perf_counter()
    with ProjectionRunner(
        application_class=Profiles,
        projection_class=ProfileView,
        view_class=ProfileTable,
        env={**settings(events), **elsewhere},
    ) as runner:
        runner.wait(people * EVENTS, timeout=PATIENCE)
        seconds = time.perf_counter() - began
        if runner.view.count() != people:
            raise ValueError("somebody has no row")
    return people * EVENTS / seconds


if __name__ == "__main__":
    live(sys.argv[1], int(sys.argv[3]))
    print(f"{projected_per_second(sys.argv[1], sys.argv[2], int(sys.argv[3])):.0f} events/s")

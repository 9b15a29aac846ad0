"""No value of a person is in any file, log line or refusal of the real service, in any encoding."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import psutil  # type: ignore[import-untyped]  # carries no types
import psycopg
import pytest

from profile_service.v1.audience_service_pb2 import AudienceSelection, SelectAudienceRequest
from profile_service.v1.audit_service_pb2 import ReplayEventsRequest
from profile_service.v1.disclosure_service_pb2 import ListDisclosuresRequest
from profile_service.v1.operations_service_pb2 import CloseEpochRequest, RebuildProjectionRequest
from profile_service.v1.profile_pb2 import CHANNEL_WEB, LEGAL_BASIS_LEGAL_OBLIGATION, Profile
from profile_service.v1.profile_service_pb2 import (
    ImportItem,
    ImportProfilesRequest,
    RegisterProfileRequest,
    StartEmailVerificationRequest,
    VerifyEmailRequest,
)
from profile_service.v1.statistics_service_pb2 import GetLivingCountsRequest
from tests.support import people, recipients
from tests.support.canaries import Found, scan, scan_bytes
from tests.support.other_sources import address_of, notice, supplement, with_sources
from tests.support.postgres import PostgresServer, start_postgres
from tests.support.service import Databases, Service, Stubs, running_service

pytestmark = [pytest.mark.service, pytest.mark.slow]

SECONDS = 20.0


@dataclass
class Place:
    """A service, where all its files are, and what its operator and its database write beside them."""

    service: Service
    directories: list[Path]
    flush: Callable[[], None]
    dump: Callable[[], None]
    # By what their findings have in their path: how to leak a text there.
    plants: dict[str, Callable[[str], None]]


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """The service, saying all it ever says, with its temporary files in its directory."""
    (tmp_path / "temporary").mkdir()
    environment = {"APROFILE_LOG_LEVEL": "debug", "TMPDIR": str(tmp_path / "temporary")}
    options = {"environment": environment | with_sources(tmp_path)}
    if request.param == "sqlite":
        with running_service(tmp_path, Databases.sqlite(tmp_path), **options) as service:
            yield Place(
                service,
                [tmp_path],
                flush=lambda: None,
                dump=lambda: dump_sqlite(tmp_path),
                plants={
                    "planted.sqlite": lambda text: plant_in_sqlite(tmp_path, text),
                    "server.log": lambda text: plant_in_log(service, text),
                },
            )
        return
    # Its log gets every statement with every parameter.
    server = start_postgres(log_statement="all", log_parameter_max_length_on_error="-1")
    databases = Databases(*(server.new_database() for _ in range(3)))
    with running_service(tmp_path, databases, **options) as service:
        yield Place(
            service,
            [tmp_path, server.directory],
            flush=lambda: flush_postgresql(server, databases),
            dump=lambda: dump_postgresql(server, databases, tmp_path),
            plants={
                "/base/": lambda text: plant_in_postgresql(server.server.get_uri(), text),
                "/pg_wal/": lambda text: plant_in_wal(server.server.get_uri(), text),
                "server.log": lambda text: plant_in_log(service, text),
            },
        )
    server.stop()
    shutil.rmtree(server.directory, ignore_errors=True)


def dump_sqlite(directory: Path) -> None:
    """As text, where the database holds it in pages."""
    for file in sorted((directory / "data").glob("*.sqlite")):
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as connection:
            (directory / f"{file.stem}.sql").write_text("\n".join(connection.iterdump()))


def flush_postgresql(server: PostgresServer, databases: Databases) -> None:
    """Sample the columns for the planner, too: `pg_statistic` keeps the values."""
    for url in (databases.events, databases.keys, databases.views):
        execute(url.replace("+psycopg", ""), "VACUUM ANALYZE")
    execute(server.server.get_uri(), "CHECKPOINT")


def dump_postgresql(server: PostgresServer, databases: Databases, directory: Path) -> None:
    """As text, and compressed."""
    for name in ("events", "keys", "views"):
        url = getattr(databases, name).replace("+psycopg", "")
        server.dump(url, directory / f"{name}.sql", "plain")
        server.dump(url, directory / f"{name}.dump", "directory")


def plant_in_sqlite(directory: Path, text: str) -> None:
    connection = sqlite3.connect(directory / "data" / "planted.sqlite", isolation_level=None)
    connection.execute("PRAGMA secure_delete = 0")  # some builds have it on
    for statement in ("CREATE TABLE planted (value text)", f"INSERT INTO planted VALUES ('{text}')"):
        connection.execute(statement)
    connection.execute("DELETE FROM planted")
    connection.close()


def plant_in_log(service: Service, text: str) -> None:
    """A command that is refused, and says what it was given."""
    assert service.spawn(text).wait(SECONDS) != 0


def execute(uri: str, *statements: str) -> None:
    with psycopg.connect(uri, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def halves(text: str) -> str:
    """Built by the server, so that its log has the two halves only."""
    return f"'{text[:5]}' || '{text[5:]}'"


def plant_in_postgresql(uri: str, text: str) -> None:
    execute(
        uri,
        "CREATE TABLE planted (value text)",
        f"INSERT INTO planted SELECT {halves(text)}",
        "DELETE FROM planted",
        "CHECKPOINT",
    )


def plant_in_wal(uri: str, text: str) -> None:
    execute(uri, f"SELECT pg_logical_emit_message(true, 'planted', {halves(text)})")


@dataclass
class Story:
    """What people did, what must not be found afterwards, and what the refusals said."""

    stubs: Stubs
    mark: str = field(default_factory=lambda: people.new_person().mark)
    canaries: list[str] = field(default_factory=list)
    refusals: list[bytes] = field(default_factory=list)
    count: int = 0

    def person(self) -> people.Person:
        """Somebody new, in whose every text is the mark of the story."""
        self.count += 1
        return people.Person(f"{self.mark}{self.count}")

    def refused(self, call: Callable[..., Any], request: Any) -> None:
        with pytest.raises(grpc.RpcError) as error:
            call(request, timeout=SECONDS)
        metadata: Any = error.value.trailing_metadata() or ()
        trailing = [value for _, value in metadata]
        raw = [value if isinstance(value, bytes) else value.encode() for value in trailing]
        self.refusals += [str(error.value.details()).encode(), *raw]


def live(story: Story) -> None:
    """Two lives from registration on; one ends in an erasure."""
    stubs = story.stubs
    now = int(time.time())
    opened = stubs.campaigns.OpenCampaign(people.campaign(opens=now - 60, closes=now + 3600), timeout=SECONDS)
    for leaves in (False, True):
        person = story.person()
        profile_id = stubs.profiles.RegisterProfile(people.register(person), timeout=SECONDS).profile_id
        verification = StartEmailVerificationRequest(
            request_id=people.new_id(), profile_id=profile_id, channel=CHANNEL_WEB
        )
        token = stubs.profiles.StartEmailVerification(verification, timeout=SECONDS).token
        story.canaries += [person.phone, token]
        verified = VerifyEmailRequest(request_id=people.new_id(), token=token, channel=CHANNEL_WEB)
        stubs.profiles.VerifyEmail(verified, timeout=SECONDS)
        completion = people.update(profile_id, person.completion, *people.COMPLETED)
        stubs.profiles.UpdateProfile(completion, timeout=SECONDS)
        # A post code is too short for the mark, and long enough for its beginning.
        removed = people.update(profile_id, Profile(post_code=story.mark[:12]), "post_code")
        stubs.profiles.UpdateProfile(removed, timeout=SECONDS)
        moved = people.update(profile_id, Profile(email=f"new.{person.email}"), "email")
        stubs.profiles.UpdateProfile(moved, timeout=SECONDS)
        stubs.consents.SetConsent(people.consent(profile_id), timeout=SECONDS)
        wish = people.sign_up(profile_id, opened.campaign_id, f"A tree for {person.mark}")
        position = stubs.campaigns.SignUp(wish, timeout=SECONDS).position
        read = stubs.profiles.GetProfile(people.get(profile_id, position.value), timeout=SECONDS).profile
        assert person.mark in read.family_name
        assert person.mark.lower() in read.interests.topics[0]
        disclose(story, profile_id, person)
        supply(story, person)
        if leaves:
            stubs.rights.EraseProfile(people.erase(profile_id), timeout=SECONDS)


def disclose(story: Story, profile_id: str, person: people.Person) -> None:
    """An authority that can't be told afterwards gets a name, by an order that names the person."""
    disclosures = story.stubs.disclosures
    registration = recipients.registration(recipients.authority("family_name"))
    recipient_id = disclosures.RegisterRecipient(registration, timeout=SECONDS).recipient_id
    order = recipients.disclosure(
        profile_id,
        recipient_id,
        "family_name",
        legal_basis=LEGAL_BASIS_LEGAL_OBLIGATION,
        legal_reference=f"order/{person.mark}",
    )
    disclosed = disclosures.DiscloseProfile(order, timeout=SECONDS)
    assert person.mark in disclosed.profile.family_name
    for wrong in (f"order {person.mark}", f"{person.mark}{'0' * 64}"):
        refused = recipients.disclosure(profile_id, recipient_id, "family_name", legal_reference=wrong)
        story.refused(disclosures.DiscloseProfile, refused)
    unknown = recipients.disclosure(profile_id, recipient_id, f"field_{person.mark}")
    story.refused(disclosures.DiscloseProfile, unknown)
    listing = ListDisclosuresRequest(
        profile_id=profile_id, reason=people.REASON, at_least_position=disclosed.position
    )
    (listed,) = disclosures.ListDisclosures(listing, timeout=SECONDS).disclosures
    assert person.mark in listed.legal_reference
    renamed = people.update(
        profile_id, Profile(family_name=person.registration.family_name + "s"), "family_name"
    )
    story.stubs.profiles.UpdateProfile(renamed, timeout=SECONDS)


def supply(story: Story, person: people.Person) -> None:
    """Somebody else gives an address of somebody who told none, by an agreement that names the person."""
    profiles, other = story.stubs.profiles, story.person()
    profile_id = profiles.RegisterProfile(people.register(other), timeout=SECONDS).profile_id
    wanted = supplement(profile_id, address_of(person), collection_reference=f"agreement {person.mark}")
    supplied = profiles.SupplementProfile(wanted, timeout=SECONDS)
    profiles.RecordNotice(notice(profile_id, supplied.supplement_id), timeout=SECONDS)
    read = profiles.GetProfile(people.get(profile_id, supplied.position.value), timeout=SECONDS).profile
    assert person.mark in read.address.street
    for wrong in (f"two\n{person.mark}", person.mark * 20):
        refused = supplement(profile_id, address_of(other), collection_reference=wrong)
        story.refused(profiles.SupplementProfile, refused)
    story.refused(profiles.SupplementProfile, supplement(profile_id, Profile(phone=other.mark)))
    unknown = supplement(profile_id, address_of(other), source=f"register-{person.mark.lower()}")
    story.refused(profiles.SupplementProfile, unknown)


def provoke(story: Story) -> None:
    """Every refusal that had a personal value in its hand."""
    stubs, profiles = story.stubs, story.stubs.profiles
    person = story.person()
    registered = people.register(person)
    profile_id = profiles.RegisterProfile(registered, timeout=SECONDS).profile_id
    other = story.person()

    taken = people.register(other)
    taken.registration.email = person.email
    story.refused(profiles.RegisterProfile, taken)
    reused = people.register(other, request_id=registered.request_id)
    story.refused(profiles.RegisterProfile, reused)
    for wrong in (
        {"email": f"no at {other.mark}"},
        {"post_code": f"!{other.mark}"},
        {"given_name": other.mark * 20},
    ):
        bad = people.register(other)
        for name, value in wrong.items():
            setattr(bad.registration, name, value)
        story.refused(profiles.RegisterProfile, bad)
    unknown = RegisterProfileRequest.FromString(
        people.register(other).SerializeToString()
        + b"\xfa\x3e"
        + bytes([len(other.mark)])
        + other.mark.encode()
    )
    story.refused(profiles.RegisterProfile, unknown)
    story.refused(profiles.FindProfile, people.find(other.email))
    stale = people.update(profile_id, Profile(given_name=other.mark), "given_name")
    stale.etag = other.mark
    story.refused(profiles.UpdateProfile, stale)
    story.refused(profiles.UpdateProfile, people.update(profile_id, Profile(phone=other.mark), "phone"))
    story.refused(profiles.UpdateProfile, people.update(profile_id, Profile(), f"field_{other.mark}"))
    story.refused(
        profiles.VerifyEmail,
        VerifyEmailRequest(request_id=people.new_id(), token=f"{other.mark}-token", channel=CHANNEL_WEB),
    )
    story.refused(stubs.campaigns.SignUp, people.sign_up(profile_id, people.new_id(), other.mark))
    story.refused(profiles.GetProfile, people.get(other.mark))
    bring_in(story)


def bring_in(story: Story) -> None:
    """An import of one person twice, and of one who can't be."""
    good, bad = story.person(), story.person()
    wrong = bad.registration
    wrong.email = f"no at {bad.mark}"
    items = [good.registration, good.registration, wrong]
    request = ImportProfilesRequest(
        import_id=people.new_id(),
        items=[ImportItem(index=index, registration=item) for index, item in enumerate(items)],
    )
    answers = list(story.stubs.profiles.ImportProfiles(iter([request]), timeout=SECONDS))
    story.refusals += [answer.SerializeToString() for answer in answers]
    outcomes = [status.WhichOneof("outcome") for answer in answers for status in answer.statuses]
    assert sorted(outcomes) == ["profile_id", "refused", "refused"]


def look_again(place: Place, story: Story) -> None:
    """Everything is opened once more: replayed with its personal halves, selected, counted, and rebuilt by a
    process of its own."""
    stays = people.Person(f"{story.mark}1")
    topics = stays.completion.interests.topics
    selection = AudienceSelection(post_codes=[story.mark[:12]], topics=topics)
    wanted = SelectAudienceRequest(purpose="newsletter", selection=selection, reason=people.REASON)
    wanted.contact_mask.paths.append("email")
    (page,) = story.stubs.audience.SelectAudience(wanted, timeout=SECONDS)
    assert [member.contact.email for member in page.members] == [f"new.{stays.email}"]
    story.stubs.statistics.GetLivingCounts(GetLivingCountsRequest(reason=people.REASON), timeout=SECONDS)
    replayed = ReplayEventsRequest(include_personal=True, reason=people.REASON)
    answers = list(story.stubs.audit.ReplayEvents(replayed, timeout=SECONDS))
    assert any(story.canaries[0].encode() in event.fact for answer in answers for event in answer.events)
    for name in ("profiles", "audience"):
        wanted_anew = RebuildProjectionRequest(name=name, workers=1)
        rebuilding = story.stubs.operations.RebuildProjection(wanted_anew, timeout=60)
        assert place.service.process is not None
        server = psutil.Process(place.service.process.pid)
        assert sum(bool(server.children()) for _ in rebuilding), "a worker"


def found(place: Place, canaries: list[str]) -> list[Found]:
    place.flush()
    return scan(place.directories, canaries)


def close(place: Place, story: Story) -> None:
    """The keys above the erased ones are exchanged, and the root key of before is destroyed."""
    (root,) = root_files(place)
    key = root.read_bytes()
    assert holding(place, key) == [root], "the root key is in its file only"
    assert list(story.stubs.operations.CloseEpoch(CloseEpochRequest(), timeout=60))
    assert holding(place, key) == []
    assert len(root_files(place)) == 1


def root_files(place: Place) -> list[Path]:
    return list((place.service.directory / "root-keys").glob("*.key"))


def holding(place: Place, pattern: bytes) -> list[Path]:
    files = [path for directory in place.directories for path in directory.rglob("*") if path.is_file()]
    return [path for path in files if pattern in path.read_bytes()]


@pytest.mark.timeout(300)
def test_no_value_of_a_person_is_found_anywhere_and_a_planted_one_is(place: Place):
    with place.service.stubs() as stubs:
        story = Story(stubs)
        story.canaries.append(story.mark[:12])  # whatever has all of the mark has its beginning
        live(story)
        provoke(story)
        look_again(place, story)
    assert scan_bytes("refusals", b"\n".join(story.refusals), story.canaries) == []
    assert found(place, story.canaries) == [], "while it runs"
    birth_date = people.new_person().registration.date_of_birth.SerializeToString()
    assert holding(place, birth_date) == []

    with place.service.stubs() as stubs:
        close(place, Story(stubs))
    place.dump()
    assert found(place, story.canaries) == [], "after the epoch closed, and in dumps"

    place.service.kill()
    place.service.start()
    assert place.service.stop() == 0
    assert found(place, story.canaries) == [], "after it was killed, started and stopped"

    planted = {where: people.new_person().mark for where in place.plants}
    for where, mark in planted.items():
        place.plants[where](mark)
    leaked = found(place, list(planted.values()))
    for where, mark in planted.items():
        there = [one for one in leaked if one.canary == mark and where in one.place]
        assert {one.encoding for one in there} == {"utf-8"}, where

"""Reading by position, stream, slice, person, type and time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from profile_service.log import bulk
from profile_service.log import reader as reader_module
from profile_service.log.append import Append, NewFact
from profile_service.log.facts import StoredFact
from profile_service.log.reader import Filter, LogReader, OwnStream, RequestOutcome, Standing, microseconds
from profile_service.log.streams import (
    KINDS,
    PERSONAL_KINDS,
    SLICES,
    one_slice,
    span_of,
    span_ranges,
    streams_of,
)
from tests.log.logs import an_append, new_log, open_store, stored_facts

PEOPLE = [uuid4() for _ in range(40)]
CAMPAIGNS = [uuid4() for _ in range(5)]


class History:
    """A log with facts of every kind of stream, at times that repeat."""

    def __init__(self, engine: Engine) -> None:
        self.now = 0
        store = open_store(engine, lambda: self.now)
        for turn in range(4):
            self.now += 10
            batch = []
            for kind in KINDS:
                subjects = PEOPLE if kind in PERSONAL_KINDS else CAMPAIGNS
                for subject in subjects:
                    person = subject if kind in PERSONAL_KINDS else None
                    fact = NewFact(f"{kind}/{subject}", turn + 1, person, f"type {turn}", b"r")
                    batch.append(Append(uuid4().bytes * 2, b"d", subject, person, (fact,)))
            store.append(batch)
        store.append([an_append(profile_id=PEOPLE[0], version=5, closes=True)])
        self.facts = stored_facts(engine)
        self.reader = LogReader(engine)


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def history(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('log')}/log.sqlite"
    else:
        url = request.getfixturevalue("postgres_server").new_database()
    with new_log(url) as engine:
        yield History(engine)


filters = st.builds(
    Filter,
    profile_ids=st.lists(st.sampled_from([*PEOPLE[:5], UUID(int=1)]), max_size=3),
    types=st.lists(st.sampled_from(["type 0", "type 1", "type 3", "none"]), max_size=2),
    start_time=st.none() | st.integers(0, 50),
    end_time=st.none() | st.integers(0, 50),
)


def wanted(fact: StoredFact, only: Filter) -> bool:
    return (
        (not only.profile_ids or fact.profile_id in only.profile_ids)
        and (not only.types or fact.type in only.types)
        and (only.start_time is None or fact.time >= only.start_time)
        and (only.end_time is None or fact.time < only.end_time)
    )


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    only=filters, after=st.integers(0, 600), upto=st.none() | st.integers(0, 600), limit=st.integers(1, 99)
)
def test_filters_choose_what_they_say_and_nothing_else(
    history: History, only: Filter, after: int, upto: int | None, limit: int
):
    expected = [
        fact
        for fact in history.facts
        if fact.position > after and (upto is None or fact.position <= upto) and wanted(fact, only)
    ]
    assert history.reader.facts_after(after, limit, upto=upto, only=only) == expected[:limit]


def test_slices_partition_the_log_in_order_and_a_person_is_in_one(
    history: History, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(reader_module, "SPAN_PAGE", 7)
    upto = len(history.facts) - 3
    seen: list[StoredFact] = []
    for number in range(SLICES):
        pages = list(history.reader.span_facts(span_of(one_slice(number)), upto))
        assert all(0 < len(page) <= 7 for page in pages)
        facts = [fact for page in pages for fact in page]
        assert [fact.position for fact in facts] == sorted(fact.position for fact in facts)
        assert all(UUID(fact.stream.partition("/")[2]).bytes[0] == number for fact in facts)
        seen += facts
    assert sorted(seen, key=lambda fact: fact.position) == history.facts[:upto]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("statement", "goes_by_streams"),
    [(bulk.SPAN, True), (bulk.SPAN.replace("+position", "position"), False)],
    ids=["as it is", "planted: nothing keeps SQLite from the positions"],
)
def test_a_slice_is_read_by_its_streams_and_not_through_the_whole_log(
    database_url: str, statement: str, goes_by_streams: bool
):
    """On SQLite each of 256 slices would read all positions; PostgreSQL chooses by what the table holds."""
    bounds = tuple(bound for bounds in span_ranges(span_of(one_slice(7))) for bound in bounds)
    with new_log(database_url) as engine, engine.connect() as connection:
        plan = connection.exec_driver_sql(
            f"EXPLAIN QUERY PLAN {statement.format('?')}", (*bounds, 0, 100, 10)
        ).all()
    searches = [step.detail for step in plan if "facts" in step.detail]
    assert all("(stream>?" in search for search in searches) is goes_by_streams


@pytest.mark.parametrize("time", range(0, 51, 5))
def test_position_before_is_the_longest_prefix_earlier_than_a_time(history: History, time: int):
    expected = sum(fact.time < time for fact in history.facts)
    assert history.reader.position_before(time) == expected


def test_streams_are_read_from_their_first_fact_on(history: History):
    name = f"consents/{PEOPLE[1]}"
    expected = [fact for fact in history.facts if fact.stream == name]
    assert history.reader.stream(name) == expected
    assert history.reader.stream(name, after_version=2) == expected[2:]
    assert history.reader.stream_version(name) == 4
    assert history.reader.stream_version("consents/none") == 0
    names = {*streams_of(PEOPLE[1]), "profile/none"}
    found = history.reader.streams(names)
    assert found == {stream: [f for f in history.facts if f.stream == stream] for stream in names}


def test_the_last_fact_of_a_type_is_found_in_each_stream(history: History):
    streams = [f"consents/{PEOPLE[1]}", f"profile/{PEOPLE[0]}", "profile/none"]
    for types in (["type 0"], ["type 1", "type 3"], ["type 2", "none", "type 0"], ["none"]):
        expected = {
            fact.stream: fact for fact in history.facts if fact.stream in streams and fact.type in types
        }
        found = history.reader.last_facts(streams, types)
        assert {fact.stream: fact for fact in found} == expected
        assert len(found) == len(expected)


def test_single_facts_and_the_head(history: History):
    assert history.reader.head() == len(history.facts)
    assert history.reader.fact_at(3) == history.facts[2]
    assert history.reader.fact_at(len(history.facts) + 1) is None


def test_what_the_log_knows_of_people(history: History):
    stranger = uuid4()
    assert history.reader.standing([PEOPLE[0], PEOPLE[1], stranger]) == {
        PEOPLE[0]: Standing.ERASED,
        PEOPLE[1]: Standing.REGISTERED,
        stranger: Standing.UNKNOWN,
    }
    assert history.reader.own_stream(PEOPLE[0]) == OwnStream(5, len(history.facts))
    assert history.reader.own_stream(PEOPLE[1]) == OwnStream(4, None)
    assert history.reader.own_stream(stranger) == OwnStream(0, None)
    assert history.reader.closed_at(PEOPLE[0]) == len(history.facts)
    assert history.reader.closed_at(PEOPLE[1]) is None
    assert history.reader.closed_after(0) == [(PEOPLE[0], len(history.facts))]
    assert history.reader.closed_after(len(history.facts)) == []


def test_erased_people_are_paged_in_the_order_of_their_erasure(engine: Engine):
    store = open_store(engine)
    closings = [an_append(closes=True) for _ in range(7)]
    store.append(closings)
    reader = LogReader(engine)
    found: list[tuple[UUID, int]] = []
    while page := reader.closed_after(found[-1][1] if found else 0, limit=3):
        found += page
    assert found == [(request.subject, number) for number, request in enumerate(closings, start=1)]


def test_what_became_of_requests(engine: Engine):
    request = an_append(count=2)
    open_store(engine).append([request])
    assert LogReader(engine).requests([request.request_key, b"unknown"]) == {
        request.request_key: RequestOutcome(b"digest", request.subject, 2, 2)
    }


def test_an_empty_log_is_readable(engine: Engine):
    reader = LogReader(engine)
    assert (reader.head(), reader.facts_after(0, 10), reader.position_before(10**18)) == (0, [], 0)
    assert list(reader.span_facts(span_of(one_slice(0)), 100)) == []
    assert str(UUID(reader.log_id)) == reader.log_id
    assert LogReader(engine).log_id == reader.log_id


def test_times_are_microseconds_since_1970():
    assert microseconds(datetime(1970, 1, 1, 0, 0, 1, 5, tzinfo=UTC)) == 1_000_005

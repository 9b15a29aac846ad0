"""ImportProfiles: a status for each item, one answer a durable batch, and a resend that resumes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import grpc
import pytest

from profile_service.v1.error_reason_pb2 import ErrorReason
from profile_service.v1.profile_service_pb2 import (
    ImportItem,
    ImportItemStatus,
    ImportProfilesRequest,
    ImportProfilesResponse,
    Registration,
)
from tests.api import calls
from tests.api.calls import SECONDS
from tests.support import people
from tests.support.service import Stubs

pytestmark = pytest.mark.service

BATCH = 500


def registrations(count: int) -> list[Registration]:
    return [people.new_person().registration for _ in range(count)]


def batches(import_id: str, wanted: list[Registration]) -> list[ImportProfilesRequest]:
    items = [ImportItem(index=index, registration=one) for index, one in enumerate(wanted)]
    return [
        ImportProfilesRequest(import_id=import_id, items=items[start : start + BATCH])
        for start in range(0, len(items), BATCH)
    ]


def run(stubs: Stubs, requests: list[ImportProfilesRequest]) -> list[ImportProfilesResponse]:
    return list(stubs.profiles.ImportProfiles(iter(requests), timeout=SECONDS))


def statuses(answers: list[ImportProfilesResponse]) -> list[ImportItemStatus]:
    return [status for answer in answers for status in answer.statuses]


def reason(status: ImportItemStatus) -> str:
    return ErrorReason.Name(status.refused).removeprefix("ERROR_REASON_")


def test_twelve_hundred_people_come_in_three_batches_and_a_resend_gives_the_same_ids(stubs: Stubs):
    wanted = registrations(1200)
    requests = batches(people.new_id(), wanted)
    answers = run(stubs, requests)
    assert [len(answer.statuses) for answer in answers] == [500, 500, 200]
    found = statuses(answers)
    assert [status.index for status in found] == list(range(1200))
    assert len({status.profile_id for status in found}) == 1200
    positions = [answer.position.value for answer in answers]
    assert positions == sorted(positions)
    last = calls.profile_of(stubs, found[-1].profile_id, positions[-1])
    assert (last.email, last.etag) == (wanted[-1].email, "1")

    before = calls.standing(stubs)
    assert statuses(run(stubs, requests)) == found
    assert calls.standing(stubs) == before


def test_an_import_that_broke_off_goes_on_where_it_was(stubs: Stubs):
    """The first batch twice, then the rest: nobody twice, nobody missing."""
    requests = batches(people.new_id(), registrations(700))
    first = statuses(run(stubs, requests[:1]))
    found = statuses(run(stubs, requests))
    assert found[:BATCH] == first
    assert len({status.profile_id for status in found}) == 700


def test_bad_items_are_refused_one_by_one(stubs: Stubs):
    good, malformed, impossible, nobody, late, twice = registrations(6)
    malformed.email = "no address"
    impossible.date_of_birth.day, impossible.date_of_birth.month = 31, 2
    impossible.post_code = "!"
    late.date_of_birth.year = 2990
    twice.email = good.email.upper()
    taken = people.new_person()
    owner = calls.register(stubs, taken).profile_id
    nobody.Clear()
    (request,) = batches(
        people.new_id(), [good, malformed, impossible, nobody, late, twice, taken.registration]
    )
    found = statuses(run(stubs, [request]))
    assert found[0].profile_id
    assert [reason(status) for status in found[1:]] == [
        "INVALID_REQUEST",
        "INVALID_REQUEST",
        "INVALID_REQUEST",
        "INVALID_REQUEST",
        "DUPLICATE_IN_IMPORT",
        "EMAIL_TAKEN",
    ]
    assert [field.rpartition(".")[2] for field in found[1].fields] == ["email"]
    # All that is wrong with the form comes at once; what it means is looked at after.
    assert "post_code" in {field.rpartition(".")[2] for field in found[2].fields}
    assert {"email", "given_name", "date_of_birth"} <= {f.rpartition(".")[2] for f in found[3].fields}
    assert [field.rpartition(".")[2] for field in found[4].fields] == ["date_of_birth"]
    assert not any(status.fields for status in found[5:])
    assert stubs.profiles.FindProfile(people.find(taken.email), timeout=SECONDS).profile_id == owner


def test_the_paths_of_wrong_fields_begin_at_the_item(stubs: Stubs):
    """Whichever rule they break, of the proto file or of the domain."""
    by_form, by_meaning = registrations(2)
    by_form.post_code = "!"
    by_meaning.date_of_birth.day, by_meaning.date_of_birth.month = 31, 2
    found = statuses(run(stubs, batches(people.new_id(), [by_form, by_meaning])))
    assert list(found[0].fields) == ["items[0].registration.post_code"]
    assert list(found[1].fields) == ["items[1].registration.date_of_birth"]


def test_a_corrected_item_of_a_resend_is_registered_and_the_others_stay(stubs: Stubs):
    import_id = people.new_id()
    wanted = registrations(3)
    right = wanted[1].email
    wanted[1].email = "no address"
    first = statuses(run(stubs, batches(import_id, wanted)))
    wanted[1].email = right
    second = statuses(run(stubs, batches(import_id, wanted)))
    assert [first[0], first[2]] == [second[0], second[2]]
    assert second[1].profile_id


def test_an_item_that_says_something_else_the_second_time_is_refused(stubs: Stubs):
    import_id = people.new_id()
    wanted = registrations(2)
    first = statuses(run(stubs, batches(import_id, wanted)))
    wanted[1].given_name = "Another"
    second = statuses(run(stubs, batches(import_id, wanted)))
    assert second[0] == first[0]
    assert reason(second[1]) == "REQUEST_ID_REUSED"
    assert calls.profile_of(stubs, first[1].profile_id).given_name != "Another"


def test_an_index_that_comes_twice_in_one_import_is_one_item(stubs: Stubs):
    registration = people.new_person().registration
    item = ImportItem(index=7, registration=registration)
    request = ImportProfilesRequest(import_id=people.new_id(), items=[item, item])
    one, other = statuses(run(stubs, [request]))
    assert one == other
    assert one.profile_id


def test_an_import_id_that_changes_midway_ends_the_import(stubs: Stubs):
    """What came before is durable; what came after is not begun."""
    first, second = (batches(people.new_id(), registrations(1))[0] for _ in range(2))
    answers, error = read_to_the_end(stubs, iter([first, second]))
    assert (error.reason, error.fields) == ("INVALID_REQUEST", ["import_id"])
    assert len(answers) <= 1
    registered = first.items[0].registration.email
    assert stubs.profiles.FindProfile(people.find(registered), timeout=SECONDS).profile_id
    other = people.find(second.items[0].registration.email)
    assert calls.refused(stubs.profiles.FindProfile, other).reason == "PROFILE_NOT_FOUND"


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"import_id": "x"}, ["import_id"]),
        ({"items": []}, ["items"]),
        ({"items": [ImportItem(index=-1)]}, ["items[0].index"]),
        ({"items": [ImportItem(index=index) for index in range(501)]}, ["items"]),
    ],
)
def test_a_malformed_batch_is_refused_whole(stubs: Stubs, values: dict[str, Any], fields: list[str]):
    request = ImportProfilesRequest(**{"import_id": people.new_id(), "items": [ImportItem()], **values})
    _, error = read_to_the_end(stubs, iter([request]))
    assert (error.reason, error.fields) == ("INVALID_REQUEST", fields)


def test_an_import_without_messages_is_an_import_of_nobody(stubs: Stubs):
    assert run(stubs, []) == []


def read_to_the_end(
    stubs: Stubs, requests: Iterator[ImportProfilesRequest]
) -> tuple[list[ImportProfilesResponse], calls.Refused]:
    """The answers, and the refusal that the stream ended with."""
    answers: list[ImportProfilesResponse] = []
    stream = stubs.profiles.ImportProfiles(requests, timeout=SECONDS)
    with pytest.raises(grpc.RpcError) as caught:
        answers.extend(iter(stream))
    return answers, calls.refusal_of(caught.value)

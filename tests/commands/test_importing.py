"""Importing: a status an item, resumed by sending again, refused one by one."""

from __future__ import annotations

from uuid import UUID

import pytest

from profile_service.domain.email import canonical_address
from profile_service.domain.errors import InvalidRequestError
from profile_service.v1 import error_reason_pb2 as reasons
from profile_service.v1.profile_service_pb2 import ImportItem, ImportItemStatus, ImportProfilesRequest
from tests.commands.checks import expect_all_well, living
from tests.commands.service import CALLER, Commands
from tests.support import people


def items(*persons: people.Person, first: int = 0) -> list[ImportItem]:
    return [
        ImportItem(index=index, registration=person.registration)
        for index, person in enumerate(persons, start=first)
    ]


def crowd(number: int) -> list[people.Person]:
    return [people.new_person() for _ in range(number)]


def refusals(statuses: list[ImportItemStatus]) -> list[int]:
    return [status.refused for status in statuses]


async def test_given_people_when_imported_then_each_has_a_profile_and_a_status_in_order(commands: Commands):
    persons = crowd(120)
    batches = [items(*persons[start : start + 40], first=start) for start in range(0, 120, 40)]
    done = await commands.import_all(people.new_id(), *batches)
    assert [len(imported.statuses) for imported in done] == [40, 40, 40]
    statuses = [status for imported in done for status in imported.statuses]
    assert [status.index for status in statuses] == list(range(120))
    owners = living(commands)
    for person, status in zip(persons, statuses, strict=True):
        assert owners[UUID(status.profile_id)] == canonical_address(person.email)
    assert max(imported.position for imported in done) == commands.reader.head()
    expect_all_well(commands)


async def test_sent_again_it_resumes(commands: Commands):
    import_id, persons = people.new_id(), crowd(30)
    (first,) = await commands.import_all(import_id, items(*persons[:20]))
    head = commands.reader.head()
    (again,) = await commands.import_all(import_id, items(*persons[:20]))
    assert again.statuses == first.statuses
    assert (again.position, commands.reader.head()) == (head, head)
    (whole,) = await commands.import_all(import_id, items(*persons))
    assert whole.statuses[:20] == first.statuses
    assert commands.reader.head() == head + 10
    expect_all_well(commands)


async def test_bad_items_are_refused_alone(commands: Commands):
    taken, _ = await commands.new_person()
    persons = crowd(3)
    batch = items(persons[0], taken, persons[1], persons[0], persons[2], persons[1])
    batch[4].registration.email = "no address"
    batch[4].registration.language = "?"
    (done,) = await commands.import_all(people.new_id(), batch)
    assert refusals(done.statuses) == [
        0,
        reasons.ERROR_REASON_EMAIL_TAKEN,
        0,
        reasons.ERROR_REASON_DUPLICATE_IN_IMPORT,
        reasons.ERROR_REASON_INVALID_REQUEST,
        reasons.ERROR_REASON_DUPLICATE_IN_IMPORT,
    ]
    assert done.statuses[4].fields
    expect_all_well(commands)


async def test_duplicates_are_found_across_messages(commands: Commands):
    (person,) = crowd(1)
    done = await commands.import_all(people.new_id(), items(person), items(person, first=1))
    found = sorted(refusals([status for imported in done for status in imported.statuses]))
    assert found == [0, reasons.ERROR_REASON_DUPLICATE_IN_IMPORT]
    expect_all_well(commands)


async def test_an_index_used_twice_is_told_of_each_item(commands: Commands):
    one, other = crowd(2)
    batch = [*items(one), *items(other), *items(one)]
    (done,) = await commands.import_all(people.new_id(), batch)
    accepted = [bool(status.profile_id) for status in done.statuses]
    assert accepted == [True, False, True]
    assert done.statuses[0].profile_id == done.statuses[2].profile_id
    assert done.statuses[1].refused == reasons.ERROR_REASON_REQUEST_ID_REUSED
    expect_all_well(commands)


async def test_an_item_sent_again_with_other_values_is_refused(commands: Commands):
    import_id, (one, other) = people.new_id(), crowd(2)
    await commands.import_all(import_id, items(one))
    (done,) = await commands.import_all(import_id, items(other))
    assert refusals(done.statuses) == [reasons.ERROR_REASON_REQUEST_ID_REUSED]
    expect_all_well(commands)


async def test_an_erased_person_is_not_imported_again(commands: Commands):
    import_id, (person,) = people.new_id(), crowd(1)
    (done,) = await commands.import_all(import_id, items(person))
    await commands.erase(people.erase(done.statuses[0].profile_id))
    (again,) = await commands.import_all(import_id, items(person))
    assert refusals(again.statuses) == [reasons.ERROR_REASON_PROFILE_ERASED]
    expect_all_well(commands)


async def test_messages_of_two_imports_in_one_call_are_refused(commands: Commands):
    async def sent():
        for _ in range(2):
            yield ImportProfilesRequest(import_id=people.new_id(), items=items(*crowd(1)))

    with pytest.raises(InvalidRequestError):
        [done async for done in commands.importer.run(sent(), CALLER, "ImportProfiles")]
    expect_all_well(commands)

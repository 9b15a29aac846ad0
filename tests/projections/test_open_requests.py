"""The view of open requests: what waits, until when, and nothing of whoever is gone."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

from google.type.date_pb2 import Date

from profile_service.domain.values import date_message
from profile_service.log.streams import RIGHTS, stream_name
from profile_service.v1.events_pb2 import (
    ProfileErased,
    RightsRequestExtended,
    RightsRequestFulfilled,
    RightsRequestOpened,
    RightsRequestRefused,
)
from profile_service.v1.rights_pb2 import RIGHT_ACCESS
from projections.testing import given
from projections.views.open_requests import OPEN_REQUESTS_VIEW, PAGE, OpenRequestRow, overdue
from tests.projections.world import World

AN, BO = uuid4(), uuid4()
ONE, TWO = uuid4(), uuid4()
CAME, DUE, LATER = date(2026, 3, 2), date(2026, 4, 2), date(2026, 6, 2)


def opened(request_id: UUID, due: date = DUE) -> RightsRequestOpened:
    return RightsRequestOpened(
        rights_request_id=request_id.bytes,
        right=RIGHT_ACCESS,
        receive_date=date_message(CAME),
        due_date=date_message(due),
    )


def test_what_was_answered_waits_no_more():
    refused = RightsRequestRefused(rights_request_id=ONE.bytes)
    fulfilled = RightsRequestFulfilled(rights_request_id=ONE.bytes)
    given((AN, opened(ONE)), (AN, opened(TWO)), (AN, refused), (BO, opened(ONE)), (BO, fulfilled)).view(
        OPEN_REQUESTS_VIEW
    ).shows(OpenRequestRow(AN, TWO, RIGHT_ACCESS, CAME, DUE, 2))


def test_an_extension_moves_the_last_day():
    extended = RightsRequestExtended(rights_request_id=ONE.bytes, due_date=Date(year=2026, month=6, day=2))
    given((AN, opened(ONE)), (AN, extended)).view(OPEN_REQUESTS_VIEW).shows(
        OpenRequestRow(AN, ONE, RIGHT_ACCESS, CAME, LATER, 1)
    )


def test_nothing_waits_for_who_is_erased():
    given((AN, opened(ONE)), (AN, ProfileErased())).view(OPEN_REQUESTS_VIEW).shows()


def test_pages_of_what_is_overdue_leave_nothing_out(world: World):
    person = world.new_person("someone")
    stream = stream_name(RIGHTS, person.profile_id)
    days = [CAME + nth % 3 * timedelta(days=1) for nth in range(PAGE + 7)]
    world.append(stream, person.profile_id, *(opened(uuid4(), day) for day in days))
    world.follow([OPEN_REQUESTS_VIEW])
    wanted = sum(day < CAME + timedelta(days=1) for day in days)
    found, after = list[UUID](), 0
    while True:
        page = overdue(world.reader(), CAME + timedelta(days=1), after, 100)
        found += [row.rights_request_id for row in page.rows]
        if page.last is None:
            break
        after = page.last
    assert len(found) == len(set(found)) == wanted
    assert overdue(world.reader(), CAME, 0, 100).rows == []

"""The view of what people were not told of yet: until when, and nothing of whoever is gone."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

from profile_service.domain.values import date_message
from profile_service.log.streams import PROFILE, stream_name
from profile_service.v1.events_pb2 import ProfileErased, ProfileSupplemented, SourceNoticeGiven
from projections.testing import given
from projections.views.notices_due import NOTICES_DUE_VIEW, NoticeDueRow, before, notices_due
from tests.projections.world import World

AN, BO = uuid4(), uuid4()
ONE, TWO = uuid4(), uuid4()
CAME, DUE = date(2026, 3, 2), date(2026, 4, 2)


def supplemented(supplement_id: UUID, due: date = DUE) -> ProfileSupplemented:
    return ProfileSupplemented(
        supplement_id=supplement_id.bytes,
        source="register",
        receive_date=date_message(CAME),
        notice_due_date=date_message(due),
        phone="+3231234567",
    )


def told(supplement_id: UUID) -> SourceNoticeGiven:
    return SourceNoticeGiven(supplement_id=supplement_id.bytes)


def test_who_was_told_waits_no_more():
    given((AN, supplemented(ONE)), (AN, supplemented(TWO)), (AN, told(ONE)), (BO, told(TWO))).view(
        NOTICES_DUE_VIEW
    ).shows(NoticeDueRow(AN, TWO, "register", CAME, DUE, before(DUE) + 2))


def test_nobody_is_told_who_is_erased():
    given((AN, supplemented(ONE)), (AN, ProfileErased())).view(NOTICES_DUE_VIEW).shows()


def test_the_oldest_last_day_is_first_and_no_page_leaves_anything_out(world: World):
    person = world.new_person("someone")
    days = [DUE - nth % 3 * timedelta(days=1) for nth in range(25)]
    ids = [uuid4() for _ in days]
    stream = stream_name(PROFILE, person.profile_id)
    world.append(stream, person.profile_id, *map(supplemented, ids, days))
    world.follow([NOTICES_DUE_VIEW])

    def listed(until: date | None = None) -> list[UUID]:
        found, after = list[UUID](), 0
        while True:
            page = notices_due(world.reader(), after, 10, until)
            found += [row.supplement_id for row in page.rows]
            if page.last is None:
                return found
            after = page.last

    in_order = [one for _, one in sorted(zip(days, ids, strict=True), key=lambda pair: pair[0])]
    assert listed() == in_order
    assert listed(DUE) == [one for one in in_order if days[ids.index(one)] < DUE]
    assert listed(min(days)) == []

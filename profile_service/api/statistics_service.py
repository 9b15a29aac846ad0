"""StatisticsService: translate, delegate, translate back."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import date

from profile_service.api.freshness import Freshness
from profile_service.api.living_counts import LivingCounter
from profile_service.api.pipeline import Call
from profile_service.api.translate import PositionMaker
from profile_service.domain.ages import COUNTED_BANDS
from profile_service.domain.errors import InvalidRequestError, Violation
from profile_service.domain.small_cells import THRESHOLD, Cell
from profile_service.domain.values import date_message, full_date
from profile_service.v1.profile_pb2 import AgeBand
from profile_service.v1.statistics_service_pb2 import (
    CELL_STATE_COUNTED,
    CELL_STATE_SMALL,
    CELL_STATE_WITHHELD,
    CellCount,
    ConsentCounts,
    DailyCounts,
    GetDailyCountsRequest,
    GetDailyCountsResponse,
    GetLivingCountsRequest,
    GetLivingCountsResponse,
    PostCodeCounts,
    SignUpCounts,
)
from projections.calendar import Days
from projections.reading import ViewReader
from projections.views.consents_per_day import CONSENTS_PER_DAY_VIEW, consents_per_day
from projections.views.erasures_per_day import ERASURES_PER_DAY_VIEW, erasures_per_day
from projections.views.registrations_per_day import REGISTRATIONS_PER_DAY_VIEW, registrations_per_day
from projections.views.sign_ups_per_day import SIGN_UPS_PER_DAY_VIEW, sign_ups_per_day

LONGEST = 366
PER_DAY = (
    REGISTRATIONS_PER_DAY_VIEW,
    CONSENTS_PER_DAY_VIEW,
    SIGN_UPS_PER_DAY_VIEW,
    ERASURES_PER_DAY_VIEW,
)


class StatisticsServicer:
    """See `statistics_service.proto`."""

    def __init__(
        self, *, reader: ViewReader, freshness: Freshness, counter: LivingCounter, position: PositionMaker
    ) -> None:
        self._reader = reader
        self._freshness = freshness
        self._counter = counter
        self._position = position

    async def GetDailyCounts(self, request: GetDailyCountsRequest, call: Call) -> GetDailyCountsResponse:
        days = _days(request)
        await self._freshness.reach(request.at_least_position, call.deadline, *PER_DAY)
        # The position first: then it is nowhere ahead of what is counted.
        position = await asyncio.to_thread(self._reader.position, PER_DAY)
        counts = await asyncio.to_thread(_daily_counts, self._reader, days)
        return GetDailyCountsResponse(days=counts, position=self._position(position))

    async def GetLivingCounts(self, request: GetLivingCountsRequest, call: Call) -> GetLivingCountsResponse:
        counts = await self._counter.count(request.at_least_position, call.deadline)
        return GetLivingCountsResponse(
            age_bands=[AgeBand(from_age=band.first, to_age=band.last) for band in COUNTED_BANDS],
            post_codes=[
                PostCodeCounts(post_code=post_code, cells=map(_cell, cells))
                for post_code, cells in counts.rows.items()
            ],
            date=date_message(counts.day),
            position=self._position(counts.position),
        )


def _days(request: GetDailyCountsRequest) -> Days:
    first, last = full_date(request.start_date), full_date(request.end_date)
    given = {"start_date": first, "end_date": last}
    violations = [Violation(name, "is not a full, real date") for name, day in given.items() if day is None]
    if first and last and last < first:
        violations.append(Violation("end_date", "is before start_date"))
    if first and last and (last - first).days >= LONGEST:
        violations.append(Violation("end_date", f"is {LONGEST} days or more after start_date"))
    if violations or not (first and last):
        raise InvalidRequestError(violations)
    return Days(first, last)


def _daily_counts(reader: ViewReader, days: Days) -> list[DailyCounts]:
    counted: dict[date, DailyCounts] = defaultdict(DailyCounts)
    for registered in registrations_per_day(reader, days):
        counted[registered.day].registrations = registered.registrations
    for erased in erasures_per_day(reader, days):
        counted[erased.day].erasures = erased.erasures
    for row in consents_per_day(reader, days):
        decided = ConsentCounts(
            purpose=row.purpose, given=row.given, withdrawn=row.withdrawn, objected=row.objected
        )
        counted[row.day].consents.append(decided)
    for day, campaign_id, signed_up, withdrawn in sign_ups_per_day(reader, days):
        counted[day].sign_ups.append(
            SignUpCounts(campaign_id=str(campaign_id), signed_up=signed_up, withdrawn=withdrawn)
        )
    for day, counts in counted.items():
        counts.date.CopyFrom(date_message(day))
    return [counts for _, counts in sorted(counted.items())]


def _cell(cell: Cell) -> CellCount:
    if cell.count is not None:
        return CellCount(state=CELL_STATE_COUNTED, count=cell.count)
    if cell.is_small:
        return CellCount(state=CELL_STATE_SMALL, upper_bound=THRESHOLD - 1)
    return CellCount(state=CELL_STATE_WITHHELD)

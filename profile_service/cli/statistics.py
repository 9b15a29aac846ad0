"""`aprofile statistics`: what happened on each day, and how many people live where."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Annotated

import typer

from profile_service.cli.moments import day, day_text
from profile_service.cli.options import Timeout, with_settings
from profile_service.cli.output import Format, print_json, print_table, to_plain
from profile_service.cli.reason import LegalBasis, OnBehalfOf, Purpose, read_reason
from profile_service.client import connect
from profile_service.domain.values import date_message
from profile_service.settings import Settings
from profile_service.v1 import statistics_service_pb2 as statistics
from profile_service.v1.statistics_service_pb2_grpc import StatisticsServiceStub
from projections.calendar import BRUSSELS

app = typer.Typer(no_args_is_help=True, help="Numbers about everybody and nobody.")

A_MONTH = timedelta(days=30)


def _day(text: str) -> date:
    found = day(text)
    if found.year < 1970:
        raise typer.BadParameter("must be after 1970: no log begins earlier")
    return found


@app.command()
@with_settings("Client")
def days(
    settings: Settings,
    *,
    first: Annotated[
        date | None,
        typer.Option("--from", parser=_day, metavar="DAY", help="Default: 30 days before the last."),
    ] = None,
    last: Annotated[
        date | None,
        typer.Option("--until", parser=_day, metavar="DAY", help="Itself included. Default: today."),
    ] = None,
    timeout: Timeout = 10.0,
    form: Format = "table",
) -> None:
    """Show registrations, erasures, consents and sign-ups of each day. No erasure changes them."""
    end = last or datetime.now(BRUSSELS).date()
    request = statistics.GetDailyCountsRequest(
        start_date=date_message(first or end - A_MONTH), end_date=date_message(end)
    )
    with connect(settings) as channel:
        answer = StatisticsServiceStub(channel).GetDailyCounts(request, timeout=timeout)
    if form == "json":
        for counts in answer.days:
            print_json({**to_plain(counts), "date": day_text(counts.date)})
        return
    print_table(("day", "what", "of", "#number"), [row for counts in answer.days for row in _rows(counts)])


def _rows(counts: statistics.DailyCounts) -> Iterator[tuple[str, str, str, int]]:
    numbers = [
        ("registrations", "", counts.registrations),
        ("erasures", "", counts.erasures),
        *(("consents given", one.purpose, one.given) for one in counts.consents),
        *(("consents withdrawn", one.purpose, one.withdrawn) for one in counts.consents),
        *(("objections", one.purpose, one.objected) for one in counts.consents),
        *(("sign-ups", one.campaign_id, one.signed_up) for one in counts.sign_ups),
        *(("sign-ups withdrawn", one.campaign_id, one.withdrawn) for one in counts.sign_ups),
    ]
    yield from ((day_text(counts.date), what, of, number) for what, of, number in numbers if number)


@app.command()
@with_settings("Client")
def living(
    settings: Settings,
    *,
    purpose: Purpose,
    legal_basis: LegalBasis,
    on_behalf_of: OnBehalfOf,
    timeout: Timeout = 600.0,
    form: Format = "table",
) -> None:
    """Show how many living people there are by post code and age; small numbers as <5.

    Everybody's post code and date of birth are opened for it, so it needs a reason.
    """
    reason = read_reason(purpose, legal_basis, on_behalf_of)
    with connect(settings) as channel:
        answer = StatisticsServiceStub(channel).GetLivingCounts(
            statistics.GetLivingCountsRequest(reason=reason), timeout=timeout
        )
    if form == "json":
        print_json({**to_plain(answer), "date": day_text(answer.date)})
        return
    bands = [
        f"#{band.from_age}-{band.to_age if band.HasField('to_age') else ''}" for band in answer.age_bands
    ]
    rows = [(row.post_code or "elsewhere", *map(_cell, row.cells)) for row in answer.post_codes]
    print_table(("post code", *bands), rows, title=f"Living people on {day_text(answer.date)}")


def _cell(cell: statistics.CellCount) -> str:
    if cell.state == statistics.CELL_STATE_COUNTED:
        return f"{cell.count:,}"
    return f"<{cell.upper_bound + 1}" if cell.state == statistics.CELL_STATE_SMALL else "hidden"

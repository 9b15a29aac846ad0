"""`aprofile rights`: what people asked for by right and have to be told, and whose last day is over."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import typer

from profile_service.cli.moments import day, day_text
from profile_service.cli.options import Timeout, with_settings
from profile_service.cli.output import Format, print_json, print_table, to_plain
from profile_service.cli.reason import LegalBasis, OnBehalfOf, Purpose, read_reason
from profile_service.client import connect
from profile_service.domain.values import date_message
from profile_service.settings import Settings
from profile_service.v1 import rights_pb2
from profile_service.v1 import rights_service_pb2 as rights
from profile_service.v1.profile_service_pb2_grpc import ProfileServiceStub
from profile_service.v1.rights_service_pb2_grpc import RightsServiceStub
from profile_service.v1.supplement_pb2 import ListNoticeDueRequest, NoticeDue

app = typer.Typer(no_args_is_help=True, help="Requests by right, and what people have to be told.")

# A page of what is overdue.
PAGE = 500


@app.command("list")
@with_settings("Client")
def list_requests(
    settings: Settings,
    *,
    profile_id: Annotated[UUID, typer.Argument(help="The id of the profile.", show_default=False)],
    purpose: Purpose,
    legal_basis: LegalBasis,
    on_behalf_of: OnBehalfOf,
    timeout: Timeout = 10.0,
    form: Format = "table",
) -> None:
    """List every request of a person, oldest first; also of the erased."""
    reason = read_reason(purpose, legal_basis, on_behalf_of)
    request = rights.ListRequestsRequest(profile_id=str(profile_id), reason=reason)
    with connect(settings) as channel:
        answer = RightsServiceStub(channel).ListRequests(request, timeout=timeout)
    if form == "json":
        for one in answer.requests:
            dates = {"receive_date": day_text(one.receive_date), "due_date": day_text(one.due_date)}
            print_json({**to_plain(one), **dates})
        return
    head = ("id", "right", "state", "came", "due", "held")
    print_table(head, [_row(one) for one in answer.requests])


@app.command()
@with_settings("Client")
def overdue(
    settings: Settings,
    *,
    at: Annotated[
        date | None,
        typer.Option("--at", parser=day, metavar="DAY", help="Due before this day. Default: today."),
    ] = None,
    purpose: Purpose,
    legal_basis: LegalBasis,
    on_behalf_of: OnBehalfOf,
    timeout: Timeout = 10.0,
    form: Format = "table",
) -> None:
    """List open requests whose last day is over."""
    reason = read_reason(purpose, legal_basis, on_behalf_of)
    request = rights.ListOverdueRequest(reason=reason, page_size=PAGE)
    if at is not None:
        request.at.CopyFrom(date_message(at))
    found: list[rights.OverdueRequest] = []
    with connect(settings) as channel:
        while True:
            page = RightsServiceStub(channel).ListOverdue(request, timeout=timeout)
            found += page.requests
            request.page_token = page.next_page_token
            if not request.page_token:
                break
    if form == "json":
        for one in found:
            dates = {"receive_date": day_text(one.receive_date), "due_date": day_text(one.due_date)}
            print_json({**to_plain(one), **dates})
        return
    print_table(("profile", "id", "right", "due"), [_overdue(one) for one in found])


@app.command("notices-due")
@with_settings("Client")
def notices_due(
    settings: Settings,
    *,
    at: Annotated[
        date | None,
        typer.Option("--at", parser=day, metavar="DAY", help="Late is what was due before. Default: today."),
    ] = None,
    overdue_only: Annotated[bool, typer.Option("--overdue", help="Only what is late.")] = False,
    purpose: Purpose,
    legal_basis: LegalBasis,
    on_behalf_of: OnBehalfOf,
    timeout: Timeout = 10.0,
    form: Format = "table",
) -> None:
    """List who was not told yet of values from another source, the oldest last day first."""
    reason = read_reason(purpose, legal_basis, on_behalf_of)
    request = ListNoticeDueRequest(reason=reason, page_size=PAGE, overdue_only=overdue_only)
    if at is not None:
        request.at.CopyFrom(date_message(at))
    found: list[NoticeDue] = []
    with connect(settings) as channel:
        while True:
            page = ProfileServiceStub(channel).ListNoticeDue(request, timeout=timeout)
            found += page.notices
            request.page_token = page.next_page_token
            if not request.page_token:
                break
    if form == "json":
        for one in found:
            dates = {"receive_date": day_text(one.receive_date), "due_date": day_text(one.due_date)}
            print_json({**to_plain(one), **dates, "overdue": one.overdue})
        return
    print_table(("profile", "id", "source", "due", "late"), [_notice(one) for one in found])


def _row(one: rights.RightsRequest) -> tuple[str, ...]:
    state = rights_pb2.RightsRequestState.Name(one.state).removeprefix("RIGHTS_REQUEST_STATE_").lower()
    days = (day_text(one.receive_date), day_text(one.due_date))
    return (one.rights_request_id, _right(one.right), state, *days, "yes" if one.held else "")


def _overdue(one: rights.OverdueRequest) -> tuple[str, ...]:
    return (one.profile_id, one.rights_request_id, _right(one.right), day_text(one.due_date))


def _notice(one: NoticeDue) -> tuple[str, ...]:
    late = "yes" if one.overdue else ""
    return (one.profile_id, one.supplement_id, one.source, day_text(one.due_date), late)


def _right(number: int) -> str:
    return rights_pb2.Right.Name(number).removeprefix("RIGHT_").lower()

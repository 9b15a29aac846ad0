"""`aprofile profile`: look at one profile, erase one person. Exports are in `personal_documents`."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID, uuid4

import typer

from profile_service.cli.moments import Point, point
from profile_service.cli.options import Timeout, with_settings
from profile_service.cli.output import Format, print_json, print_table, time_text, to_plain
from profile_service.cli.reason import LegalBasis, OnBehalfOf, Purpose, enum_option, read_reason
from profile_service.client import connect
from profile_service.settings import Settings
from profile_service.v1 import (
    consent_service_pb2,
    consent_service_pb2_grpc,
    events_pb2,
    profile_pb2,
    profile_service_pb2,
    profile_service_pb2_grpc,
    rights_pb2,
    rights_service_pb2,
    rights_service_pb2_grpc,
)

app = typer.Typer(no_args_is_help=True, help="Look at one profile, export it, or erase one person.")

ProfileId = Annotated[UUID, typer.Argument(help="The id of the profile.", show_default=False)]


@app.command()
@with_settings("Client")
def show(
    settings: Settings,
    *,
    profile_id: ProfileId,
    purpose: Purpose,
    legal_basis: LegalBasis,
    on_behalf_of: OnBehalfOf,
    at: Annotated[
        Point | None,
        typer.Option(
            "--at",
            parser=point,
            metavar="POSITION|TIME",
            help="The profile as it was then, without its consents. A number is a position.",
        ),
    ] = None,
    timeout: Timeout = 10.0,
    form: Format = "table",
) -> None:
    """Show a profile and its consents. Reading personal data needs a reason."""
    reason = read_reason(purpose, legal_basis, on_behalf_of)
    with connect(settings) as channel:
        profiles = profile_service_pb2_grpc.ProfileServiceStub(channel)
        if at is not None:
            then = profiles.GetProfileAsOf(_as_of(profile_id, reason, at), timeout=timeout)
            _print_as_of(then, form)
            return
        profile = profiles.GetProfile(
            profile_service_pb2.GetProfileRequest(profile_id=str(profile_id), reason=reason), timeout=timeout
        )
        consents = consent_service_pb2_grpc.ConsentServiceStub(channel).ListConsents(
            consent_service_pb2.ListConsentsRequest(
                profile_id=str(profile_id), reason=reason, at_least_position=profile.position
            ),
            timeout=timeout,
        )
    if form == "json":
        print_json({**to_plain(profile.profile), "consents": [to_plain(one) for one in consents.consents]})
        return
    print_table(("field", "value"), _flat(to_plain(profile.profile)))
    if consents.consents:
        print_table(("purpose", "decision", "policy", "since"), [_consent(one) for one in consents.consents])


def _as_of(
    profile_id: UUID, reason: profile_pb2.ReadReason, at: Point
) -> profile_service_pb2.GetProfileAsOfRequest:
    request = profile_service_pb2.GetProfileAsOfRequest(profile_id=str(profile_id), reason=reason)
    if at.time is not None:
        request.time.FromDatetime(at.time)
    else:
        request.position.CopyFrom(profile_pb2.Position(value=at.position))
    return request


def _print_as_of(then: profile_service_pb2.GetProfileAsOfResponse, form: str) -> None:
    values = to_plain(then.profile)
    if form == "json":
        print_json({**values, "as_of_position": then.position.value})
        return
    print_table(("field", "value"), _flat(values), title=f"as of position {then.position.value}")


def _flat(values: dict[str, object], prefix: str = "") -> list[tuple[str, object]]:
    rows: list[tuple[str, object]] = []
    for name, value in values.items():
        if isinstance(value, dict):
            rows += _flat(value, f"{prefix}{name}.")
        else:
            text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            rows.append((f"{prefix}{name}", text))
    return rows


def _consent(consent: consent_service_pb2.Consent) -> tuple[str, ...]:
    decision = consent_service_pb2.ConsentDecision.Name(consent.decision)
    return (
        consent.purpose or "every other one",
        decision.removeprefix("CONSENT_DECISION_").lower(),
        consent.policy_version,
        time_text(consent.time),
    )


@app.command()
@with_settings("Client")
def erase(
    settings: Settings,
    *,
    profile_id: ProfileId,
    legal_basis: LegalBasis,
    requested_by: Annotated[
        int,
        enum_option(events_pb2.ErasureRequester, "ERASURE_REQUESTER", "--requested-by", "Who asked for it."),
    ],
    erasure_reason: Annotated[
        int,
        enum_option(events_pb2.ErasureReason, "ERASURE_REASON", "--reason", "Why (GDPR Art. 17(1), a to f)."),
    ],
    channel_used: Annotated[
        int | None,
        enum_option(profile_pb2.Channel, "CHANNEL", "--channel", "Through what it was asked.", "desk"),
    ] = None,
    request_id: Annotated[
        UUID | None, typer.Option("--request-id", help="To repeat an earlier call. Default: a new one.")
    ] = None,
    never_contact_again: Annotated[
        bool, typer.Option("--never-contact-again", help="Suppress the address for whoever has it later.")
    ] = False,
    identified_by: Annotated[
        int | None,
        enum_option(
            rights_pb2.IdentificationMethod,
            "IDENTIFICATION_METHOD",
            "--identified-by",
            "How the person or the guardian proved who they are; with --assurance.",
        ),
    ] = None,
    assurance: Annotated[
        int | None,
        enum_option(rights_pb2.AssuranceLevel, "ASSURANCE_LEVEL", "--assurance", "How sure that is."),
    ] = None,
    rights_request_id: Annotated[
        UUID | None,
        typer.Option("--rights-request-id", help="The open request that this fulfils. Default: a new one."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    timeout: Timeout = 30.0,
    form: Format = "table",
) -> None:
    """Destroy the key of a person. This is final: nobody can open their data again."""
    if not yes:
        typer.confirm(f"Erase {profile_id} for ever?", abort=True)
    request = rights_service_pb2.EraseProfileRequest(
        request_id=str(request_id or uuid4()),
        profile_id=str(profile_id),
        legal_basis=legal_basis,  # type: ignore[arg-type]  # a number of the enum, as the next three
        requested_by=requested_by,  # type: ignore[arg-type]
        erasure_reason=erasure_reason,  # type: ignore[arg-type]
        channel=channel_used or profile_pb2.CHANNEL_DESK,  # type: ignore[arg-type]
        never_contact_again=never_contact_again,
        rights_request_id=str(rights_request_id or ""),
    )
    if identified_by or assurance:
        request.identification.method = identified_by or 0  # type: ignore[assignment]  # as above
        request.identification.level = assurance or 0  # type: ignore[assignment]
    typer.echo(f"Request id {request.request_id}", err=True)
    with connect(settings) as channel:
        answer = rights_service_pb2_grpc.RightsServiceStub(channel).EraseProfile(request, timeout=timeout)
    finality = rights_service_pb2.ErasureFinality.Name(answer.finality).removeprefix("ERASURE_FINALITY_")
    result = {
        "erased_live": answer.erased_live,
        "finality": finality,
        "final_by": time_text(answer.final_by) or None,
        "position": answer.position.value,
        "contact_suppressed": answer.contact_suppressed,
    }
    if form == "json":
        print_json(result)
    else:
        print_table(
            ("what", "value"),
            [(name, "not promised" if value is None else value) for name, value in result.items()],
        )

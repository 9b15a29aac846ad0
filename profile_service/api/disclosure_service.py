"""DisclosureService: translate, delegate, translate back."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from profile_service.api.disclosure_reads import DisclosureReads
from profile_service.api.paging import PageTokens, page_size
from profile_service.api.pipeline import Call
from profile_service.api.request_reading import check
from profile_service.api.translate import PositionMaker, timestamp, write_request
from profile_service.api.view_reads import ViewReads
from profile_service.commands.recipients import RecipientDesk
from profile_service.domain.disclosures import Wanted
from profile_service.domain.errors import InvalidRequestError, ReadReasonRequiredError, Violation
from profile_service.endpoints import parse_address
from profile_service.v1.disclosure_service_pb2 import (
    DiscloseProfileRequest,
    DiscloseProfileResponse,
    Disclosure,
    EndRecipientRequest,
    EndRecipientResponse,
    GetRecipientRequest,
    GetRecipientResponse,
    ListDisclosuresRequest,
    ListDisclosuresResponse,
    ListObligationsRequest,
    ListObligationsResponse,
    ListRecipientsRequest,
    ListRecipientsResponse,
    Obligation,
    RegisterRecipientRequest,
    RegisterRecipientResponse,
    UpdateRecipientRequest,
    UpdateRecipientResponse,
)
from profile_service.v1.profile_pb2 import Channel, LegalBasis
from profile_service.v1.recipient_pb2 import Recipient
from projections.notices import Attempts
from projections.views.disclosures import DisclosureRow
from projections.views.obligations import Narrowed, ObligationRow

PAGE = 100
_SERVICE = Channel.CHANNEL_SERVICE


class DisclosureServicer:
    """See `disclosure_service.proto`."""

    def __init__(
        self,
        *,
        desk: RecipientDesk,
        reads: DisclosureReads,
        views: ViewReads,
        tokens: PageTokens,
        position: PositionMaker,
    ) -> None:
        self._desk = desk
        self._reads = reads
        self._views = views
        self._tokens = tokens
        self._position = position

    async def RegisterRecipient(
        self, request: RegisterRecipientRequest, call: Call
    ) -> RegisterRecipientResponse:
        _check_callback(request.recipient)
        appended = await self._desk.register(write_request(request, call, _SERVICE), request.recipient)
        return RegisterRecipientResponse(
            recipient_id=str(appended.subject), position=self._position(appended.position)
        )

    async def UpdateRecipient(self, request: UpdateRecipientRequest, call: Call) -> UpdateRecipientResponse:
        appended = await self._desk.update(
            write_request(request, call, _SERVICE),
            UUID(request.recipient_id),
            request.recipient,
            request.update_mask.paths,
            _check_recipient,
        )
        return UpdateRecipientResponse(position=self._position(appended.position))

    async def EndRecipient(self, request: EndRecipientRequest, call: Call) -> EndRecipientResponse:
        appended = await self._desk.end(write_request(request, call, _SERVICE), UUID(request.recipient_id))
        return EndRecipientResponse(position=self._position(appended.position))

    async def GetRecipient(self, request: GetRecipientRequest, call: Call) -> GetRecipientResponse:
        position, recipient = await self._reads.recipient(
            UUID(request.recipient_id), request.at_least_position, call.deadline
        )
        return GetRecipientResponse(recipient=recipient, position=self._position(position))

    async def ListRecipients(self, request: ListRecipientsRequest, call: Call) -> ListRecipientsResponse:
        if request.profile_id and not request.HasField("reason"):
            raise ReadReasonRequiredError([Violation("reason", "is needed for who had data of a person")])
        found = await self._reads.recipients(
            _id(request.profile_id),
            self._tokens.read(request),
            page_size(request.page_size, PAGE),
            request.at_least_position,
            call.deadline,
        )
        response = ListRecipientsResponse(
            recipients=found.recipients, position=self._position(found.position)
        )
        if found.last is not None:
            response.next_page_token = self._tokens.write(request, found.last)
        return response

    async def DiscloseProfile(self, request: DiscloseProfileRequest, call: Call) -> DiscloseProfileResponse:
        profile_id, reason = UUID(request.profile_id), request.reason
        consented = False
        if reason.legal_basis == LegalBasis.LEGAL_BASIS_CONSENT:
            checked = await self._views.check_consents(reason.purpose, [profile_id], call.deadline)
            consented = profile_id in checked.given
        wanted = Wanted(
            tuple(request.fields.paths),
            reason.purpose,
            reason.legal_basis,
            request.legal_reference,
            call.caller,
        )
        appended, profile = await self._desk.disclose(
            write_request(request, call, _SERVICE),
            profile_id,
            UUID(request.recipient_id),
            wanted,
            consented=consented,
        )
        return DiscloseProfileResponse(profile=profile, position=self._position(appended.position))

    async def ListDisclosures(self, request: ListDisclosuresRequest, call: Call) -> ListDisclosuresResponse:
        limit = page_size(request.page_size, PAGE)
        found = await self._reads.disclosures(
            UUID(request.profile_id),
            self._tokens.read(request),
            limit,
            request.at_least_position,
            call.deadline,
        )
        response = ListDisclosuresResponse(position=self._position(found.position))
        response.disclosures.extend(self._disclosure(*one) for one in found.disclosures)
        if len(found.disclosures) == limit:
            response.next_page_token = self._tokens.write(request, found.disclosures[-1][0].position)
        return response

    async def ListObligations(self, request: ListObligationsRequest, call: Call) -> ListObligationsResponse:
        limit = page_size(request.page_size, PAGE)
        narrowed = Narrowed(_id(request.profile_id), _id(request.recipient_id), request.state or None)
        found, attempts = await self._reads.obligations(
            narrowed, self._tokens.read(request), limit, request.at_least_position, call.deadline
        )
        response = ListObligationsResponse(position=self._position(found.position))
        response.obligations.extend(
            self._obligation(row, attempts.get(row.obligation_id, Attempts())) for row in found.rows
        )
        if len(found.rows) == limit:
            response.next_page_token = self._tokens.write(request, found.rows[-1].position)
        return response

    def _disclosure(self, row: DisclosureRow, legal_reference: str) -> Disclosure:
        return Disclosure(
            recipient_id=str(row.recipient_id),
            fields=row.fields.split(","),
            purpose=row.purpose,
            legal_basis=LegalBasis.Name(row.legal_basis),
            legal_reference=legal_reference,
            time=timestamp(row.time),
            position=self._position(row.position),
        )

    def _obligation(self, row: ObligationRow, attempts: Attempts) -> Obligation:
        return Obligation(
            obligation_id=str(row.obligation_id),
            recipient_id=str(row.recipient_id),
            profile_id=str(row.profile_id),
            kind=row.kind,  # type: ignore[arg-type]  # stored by its number
            fields=row.fields.split(","),
            state=row.state,  # type: ignore[arg-type]  # the same
            open_time=timestamp(row.open_time),
            acknowledge_time=timestamp(row.acknowledge_time) if row.acknowledge_time else None,
            attempts=row.attempts or attempts.failures,
            cause_position=self._position(row.cause),
        )


_check = partial(check, within="recipient")


def _check_recipient(recipient: Recipient) -> None:
    """Raises `InvalidRequestError` with paths below "recipient"."""
    _check(recipient)
    _check_callback(recipient)


def _check_callback(recipient: Recipient) -> None:
    try:
        parse_address(recipient.callback)
    except ValueError as error:
        raise InvalidRequestError([Violation("recipient.callback", str(error))]) from None


def _id(text: str) -> UUID | None:
    return UUID(text) if text else None

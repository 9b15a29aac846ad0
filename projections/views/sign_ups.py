"""Campaigns, and who signed up for them. The answers are sealed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from profile_service.keys.store import KeyStore
from profile_service.log.facts import Fact
from profile_service.v1.campaign_pb2 import Campaign, CampaignState
from profile_service.v1.events_pb2 import (
    CampaignClosed,
    CampaignOpened,
    ProfileErased,
    SignedUp,
    SignUpWithdrawn,
)
from projections.opening import is_erased
from projections.reading import ViewReader
from projections.rows import Rows
from projections.sealing import open_column
from projections.view import CountTable, RowTable, View


class SignUpRow(NamedTuple):
    """`answers` is the fact with only its answers; None when the key is destroyed."""

    profile_id: UUID
    campaign_id: UUID
    time: int
    position: int
    answers: SignedUp | None


class CampaignRow(NamedTuple):
    """`campaign` is a serialized `Campaign`, as it was opened; `state` the number of its enum."""

    campaign_id: UUID
    state: int
    position: int
    campaign: bytes


class SignUpCountRow(NamedTuple):
    """Living sign-ups of a campaign."""

    campaign_id: UUID
    sign_ups: int


SIGN_UPS = RowTable("sign_ups", SignUpRow, key=2, indexes=(("campaign_id", "position"),))
CAMPAIGNS = RowTable("campaigns", CampaignRow, indexes=(("position",),))
SIGN_UP_COUNTS = CountTable("sign_up_counts", SignUpCountRow)


def _opened(rows: Rows, fact: Fact) -> None:
    assert isinstance(fact.message, CampaignOpened)
    campaign = fact.message.campaign.SerializeToString(deterministic=True)
    state = CampaignState.CAMPAIGN_STATE_OPEN
    rows.put(CAMPAIGNS, CampaignRow(rows.subject, state, fact.position, campaign))


def _closed(rows: Rows, _fact: Fact) -> None:
    row = rows.get(CAMPAIGNS)
    if row is None:
        raise LookupError("a campaign was closed before it was opened")
    rows.put(CAMPAIGNS, row._replace(state=CampaignState.CAMPAIGN_STATE_CLOSED))


def _signed_up(rows: Rows, fact: Fact) -> None:
    assert isinstance(fact.message, SignedUp)
    campaign_id = UUID(bytes=fact.message.campaign_id)
    answers = None if is_erased(fact) else SignedUp(answers=fact.message.answers)
    if rows.get(SIGN_UPS, campaign_id) is None:
        rows.add(SIGN_UP_COUNTS, (campaign_id,), 1)
    rows.put(SIGN_UPS, SignUpRow(rows.subject, campaign_id, fact.time, fact.position, answers))


def _withdrawn(rows: Rows, fact: Fact) -> None:
    assert isinstance(fact.message, SignUpWithdrawn)
    campaign_id = UUID(bytes=fact.message.campaign_id)
    if rows.get(SIGN_UPS, campaign_id) is not None:
        rows.remove(SIGN_UPS, campaign_id)
        rows.add(SIGN_UP_COUNTS, (campaign_id,), -1)


def _erased(rows: Rows, _fact: Fact) -> None:
    for row in rows.all(SIGN_UPS):
        rows.add(SIGN_UP_COUNTS, (row.campaign_id,), -1)
    rows.clear()


SIGN_UPS_VIEW = View(
    name="sign_ups",
    tables=(SIGN_UPS, CAMPAIGNS, SIGN_UP_COUNTS),
    apply={
        CampaignOpened: _opened,
        CampaignClosed: _closed,
        SignedUp: _signed_up,
        SignUpWithdrawn: _withdrawn,
        ProfileErased: _erased,
    },
    reads=frozenset({CampaignClosed, SignedUp, SignUpWithdrawn, ProfileErased}),
    source=Path(__file__),
)


@dataclass(frozen=True, slots=True)
class CampaignsFound:
    """Campaigns with their output-only fields set; each beside the position it was opened at."""

    position: int
    campaigns: list[tuple[int, Campaign]]


@dataclass(frozen=True, slots=True)
class SignUp:
    """One living sign-up; `time` in microseconds since 1970 UTC, `position` is where it happened."""

    profile_id: UUID
    position: int
    time: int
    answers: SignedUp


@dataclass(frozen=True, slots=True)
class SignUpsFound:
    """A page. `last` is where the next one begins after; None if there is none."""

    position: int
    sign_ups: list[SignUp]
    last: int | None


def campaign(reader: ViewReader, campaign_id: UUID) -> tuple[int, Campaign | None]:
    """Return the view's position and a campaign. Blocks."""
    found = reader.rows_of_subjects(SIGN_UPS_VIEW, CAMPAIGNS, [campaign_id])
    made = _campaigns(reader, [CampaignRow(*row) for row in found.rows])
    return found.position, made[0][1] if made else None


def campaigns(
    reader: ViewReader, after: int, limit: int, state: CampaignState | None = None
) -> CampaignsFound:
    """Return at most `limit` campaigns opened after a position, oldest first. Blocks."""
    only = {} if state is None else {"state": int(state)}
    found = reader.page(SIGN_UPS_VIEW, CAMPAIGNS, only, after, limit)
    return CampaignsFound(found.position, _campaigns(reader, [CampaignRow(*row) for row in found.rows]))


def _campaigns(reader: ViewReader, rows: list[CampaignRow]) -> list[tuple[int, Campaign]]:
    counts = reader.counts(SIGN_UPS_VIEW, SIGN_UP_COUNTS, [row.campaign_id for row in rows])
    made = []
    for row in rows:
        message = Campaign.FromString(row.campaign)
        message.campaign_id = str(row.campaign_id)
        message.state = row.state  # type: ignore[assignment]  # stored by its number
        message.sign_up_count = counts.get(row.campaign_id, 0)
        made.append((row.position, message))
    return made


def sign_ups(reader: ViewReader, keys: KeyStore, campaign_id: UUID, after: int, limit: int) -> SignUpsFound:
    """Return living sign-ups of a campaign after a position, oldest first. Blocks.

    A page may hold fewer than `limit` although more follow: whose key is destroyed, or
    whose facts are parked, is left out. Raises `KeysUnavailableError`.
    """
    found = reader.page(SIGN_UPS_VIEW, SIGN_UPS, {"campaign_id": campaign_id}, after, limit)
    ciphers = keys.ciphers([row[0] for row in found.rows])
    made = []
    for profile_id, _, time, position, sealed in found.rows:
        cipher = ciphers.get(profile_id)
        plaintext = open_column(SIGN_UPS_VIEW, "answers", profile_id, sealed, cipher)
        if plaintext is not None and profile_id not in found.parked:
            made.append(SignUp(profile_id, position, time, SignedUp.FromString(plaintext)))
    last = found.rows[-1][3] if len(found.rows) == limit else None
    return SignUpsFound(found.position, made, last)

"""What the calls about versions of the privacy policy are made of; `bootstrap` makes the rest."""

from __future__ import annotations

import structlog

from profile_service.api.freshness import Freshness
from profile_service.api.paging import PageTokens
from profile_service.api.policy_reads import PolicyReads
from profile_service.api.policy_service import PolicyServicer
from profile_service.api.restricted_reads import RestrictedReads
from profile_service.api.translate import PositionMaker
from profile_service.clock import now
from profile_service.commands.policies import PolicyDesk, PublishedPolicies
from profile_service.commands.writing import Writer
from profile_service.log.reader import LogReader
from projections.reading import ViewReader

log = structlog.get_logger()


def published_policies(reader: LogReader) -> PublishedPolicies:
    """What was published, as far as the log has it now. Blocks."""
    published = PublishedPolicies(reader)
    if not published.read().published:
        log.warning("nobody can register or consent before a privacy policy is published")
    return published


def policy_servicer(
    published: PublishedPolicies,
    writer: Writer,
    reader: ViewReader,
    freshness: Freshness,
    restricted: RestrictedReads,
    tokens: PageTokens,
    position: PositionMaker,
) -> PolicyServicer:
    """PolicyService, with its lists of people."""
    return PolicyServicer(
        desk=PolicyDesk(writer, published),
        reads=PolicyReads(reader, freshness, published, restricted),
        tokens=tokens,
        now=now,
        position=position,
    )

"""What the calls about other sources are made of; `bootstrap` makes the rest."""

from __future__ import annotations

from profile_service.api.paging import PageTokens
from profile_service.api.policy import Policy
from profile_service.api.restricted_reads import RestrictedReads
from profile_service.api.supplement_calls import SupplementCalls
from profile_service.api.translate import PositionMaker
from profile_service.api.view_reads import ViewReads
from profile_service.clock import now, today
from profile_service.commands.policies import PublishedPolicies
from profile_service.commands.supplements import Supplementer
from profile_service.commands.writing import Writer
from profile_service.log.reader import LogReader


def supplement_calls(
    writer: Writer,
    log: LogReader,
    published: PublishedPolicies,
    policy: Policy,
    views: ViewReads,
    tokens: PageTokens,
    restricted: RestrictedReads,
    position: PositionMaker,
) -> SupplementCalls:
    """The part of ProfileService that is about other sources than the person."""
    return SupplementCalls(
        supplementer=Supplementer(writer, log, published, policy.sources, policy.limits, today, now),
        views=views,
        tokens=tokens,
        restricted=restricted,
        today=today,
        position=position,
    )

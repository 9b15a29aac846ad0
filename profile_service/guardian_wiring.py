"""What the calls about guardians are made of; `bootstrap` makes the rest."""

from __future__ import annotations

from profile_service.api.freshness import Freshness
from profile_service.api.guardian_reads import GuardianReads
from profile_service.api.guardian_service import GuardianServicer
from profile_service.api.restricted_reads import RestrictedReads
from profile_service.api.translate import PositionMaker
from profile_service.clock import today
from profile_service.commands.guardians import GuardianDesk
from profile_service.stores import Stores
from projections.reading import ViewReader


def guardian_servicer(
    stores: Stores,
    desk: GuardianDesk,
    freshness: Freshness,
    restricted: RestrictedReads,
    position: PositionMaker,
) -> GuardianServicer:
    """GuardianService, with its list of people."""
    reads = GuardianReads(ViewReader(stores.views), stores.keys, freshness, restricted, desk.limits)
    return GuardianServicer(desk=desk, reads=reads, today=today, position=position)

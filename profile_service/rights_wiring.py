"""What the calls about the rights of a person are made of; `bootstrap` makes the rest."""

from __future__ import annotations

from profile_service.api.objection_calls import ObjectionCalls
from profile_service.api.paging import PageTokens
from profile_service.api.request_calls import RequestCalls
from profile_service.api.restriction_calls import RestrictionCalls
from profile_service.api.rights_service import RightsServicer
from profile_service.api.translate import PositionMaker
from profile_service.api.view_reads import ViewReads
from profile_service.clock import today
from profile_service.commands.certifying import Certifier
from profile_service.commands.erasure import Eraser
from profile_service.commands.restricting import Restricter
from profile_service.commands.rights import RightsDesk
from profile_service.commands.suppression import Suppressor
from profile_service.commands.writing import Writer
from profile_service.domain.rights import Assurance
from profile_service.stores import Stores


def rights_servicer(
    stores: Stores,
    writer: Writer,
    *,
    eraser: Eraser,
    certifier: Certifier,
    suppressor: Suppressor,
    objections: ObjectionCalls,
    assurance: Assurance,
    views: ViewReads,
    tokens: PageTokens,
    position: PositionMaker,
) -> RightsServicer:
    """RightsService, with requests, holds, objections and restrictions."""
    desk = RightsDesk(writer, stores.reader, stores.keys, assurance, today)
    return RightsServicer(
        eraser=eraser,
        certifier=certifier,
        suppressor=suppressor,
        objections=objections,
        requests=RequestCalls(desk=desk, views=views, tokens=tokens, today=today, position=position),
        restrictions=RestrictionCalls(
            restricter=Restricter(writer, assurance, today), desk=desk, position=position
        ),
        position=position,
    )

"""What the calls about the rights of people are made of; `bootstrap` makes the rest."""

from __future__ import annotations

from profile_service.api.exporting import Exporter
from profile_service.api.objection_calls import ObjectionCalls
from profile_service.api.paging import PageTokens
from profile_service.api.policy import Policy
from profile_service.api.rectification_calls import RectificationCalls
from profile_service.api.request_calls import RequestCalls
from profile_service.api.restriction_calls import RestrictionCalls
from profile_service.api.rights_service import RightsServicer
from profile_service.api.translate import PositionMaker
from profile_service.api.view_reads import ViewReads
from profile_service.certificates.signing import Signer
from profile_service.clock import now, today
from profile_service.commands.certifying import Certifier
from profile_service.commands.erasure import Eraser
from profile_service.commands.objections import Objector
from profile_service.commands.obligations import Obligations
from profile_service.commands.profiles import ProfileEditor
from profile_service.commands.restricting import Restricter
from profile_service.commands.rights import RightsDesk
from profile_service.commands.suppression import Suppressor
from profile_service.commands.unsubscribe_tokens import UnsubscribeTokens
from profile_service.commands.writing import Writer
from profile_service.stores import Stores


def rights_servicer(
    stores: Stores,
    *,
    eraser: Eraser,
    suppressor: Suppressor,
    editor: ProfileEditor,
    writer: Writer,
    views: ViewReads,
    tokens: PageTokens,
    signer: Signer,
    obligations: Obligations,
    policy: Policy,
    unsubscribe_url: str | None,
    position: PositionMaker,
) -> RightsServicer:
    """RightsService; unsubscribe links begin with `unsubscribe_url`."""
    unsubscribing = UnsubscribeTokens(lambda: stores.keys.service_cipher)
    objector = Objector(stores.keys, stores.reader, writer, unsubscribing)
    desk = RightsDesk(writer, stores.reader, stores.keys, policy.assurance, today)
    return RightsServicer(
        eraser=eraser,
        exporter=Exporter(stores.reader, stores.keys, now, position),
        certifier=Certifier(stores.keys, stores.reader, signer, now, obligations),
        suppressor=suppressor,
        requests=RequestCalls(desk=desk, views=views, tokens=tokens, today=today, position=position),
        objections=ObjectionCalls(objector=objector, url=unsubscribe_url, position=position),
        rectifications=RectificationCalls(editor=editor, position=position),
        restrictions=RestrictionCalls(
            restricter=Restricter(writer, policy.assurance, today), desk=desk, position=position
        ),
        position=position,
    )

"""What the calls about consents and their proofs are made of; `bootstrap` makes the rest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from profile_service.api.consent_evidence import ConsentEvidence
from profile_service.api.consent_service import ConsentServicer
from profile_service.api.log_points import LogPoints
from profile_service.api.paging import PageTokens
from profile_service.api.policy import Policy
from profile_service.api.restricted_reads import RestrictedReads
from profile_service.api.translate import PositionMaker
from profile_service.api.view_reads import ViewReads
from profile_service.certificates.signing import Signer
from profile_service.commands.consent_proofs import ConsentProver
from profile_service.commands.consent_receipts import ReceiptIssuer
from profile_service.commands.consents import ConsentKeeper
from profile_service.commands.policies import PublishedPolicies
from profile_service.stores import Stores


def consent_servicer(
    stores: Stores,
    *,
    keeper: ConsentKeeper,
    views: ViewReads,
    published: PublishedPolicies,
    tokens: PageTokens,
    points: LogPoints,
    restricted: RestrictedReads,
    signer: Signer,
    policy: Policy,
    now: Callable[[], datetime],
    position: PositionMaker,
) -> ConsentServicer:
    """ConsentService, with its proofs."""
    prover = ConsentProver(stores.reader)
    issuer = ReceiptIssuer(stores.keys, stores.reader, prover, published, signer, now)
    evidence = ConsentEvidence(prover=prover, issuer=issuer, points=points, policy=policy, position=position)
    return ConsentServicer(
        keeper=keeper,
        views=views,
        published=published,
        tokens=tokens,
        evidence=evidence,
        restricted=restricted,
        now=now,
        position=position,
    )

"""What the calls about consents, their proofs and audiences are made of; `bootstrap` makes the rest."""

from __future__ import annotations

from profile_service.api.audience_reads import AudienceReads
from profile_service.api.audience_service import AudienceServicer
from profile_service.api.consent_evidence import ConsentEvidence
from profile_service.api.consent_service import ConsentServicer
from profile_service.api.freshness import Freshness
from profile_service.api.log_points import LogPoints
from profile_service.api.paging import PageTokens
from profile_service.api.policy import Policy
from profile_service.api.restricted_reads import RestrictedReads
from profile_service.api.translate import PositionMaker
from profile_service.api.view_reads import ViewReads
from profile_service.certificates.signing import Signer
from profile_service.clock import now, today
from profile_service.commands.consent_proofs import ConsentProver
from profile_service.commands.consent_receipts import ReceiptIssuer
from profile_service.commands.consents import ConsentKeeper
from profile_service.commands.guardians import GuardianDesk
from profile_service.commands.policies import PublishedPolicies
from profile_service.commands.suppression import Suppressor
from profile_service.commands.writing import Writer
from profile_service.stores import Stores
from projections.reading import ViewReader


def consent_servicer(
    stores: Stores,
    *,
    writer: Writer,
    suppressor: Suppressor,
    guardians: GuardianDesk,
    views: ViewReads,
    published: PublishedPolicies,
    tokens: PageTokens,
    points: LogPoints,
    restricted: RestrictedReads,
    signer: Signer,
    policy: Policy,
    position: PositionMaker,
) -> ConsentServicer:
    """ConsentService, with its proofs."""
    keeper = ConsentKeeper(writer, suppressor, published, guardians)
    prover = ConsentProver(stores.reader, stores.keys, policy.limits)
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


def audience_servicer(
    stores: Stores,
    freshness: Freshness,
    restricted: RestrictedReads,
    policy: Policy,
    position: PositionMaker,
) -> AudienceServicer:
    """AudienceService."""
    reads = AudienceReads(
        reader=ViewReader(stores.views),
        keys=stores.keys,
        freshness=freshness,
        restricted=restricted,
        now=now,
        limits=policy.limits,
    )
    return AudienceServicer(reads=reads, policy=policy, today=today, position=position)

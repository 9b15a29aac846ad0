"""How a person stands now, part by part: the domain folds each from the facts of one kind of stream."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from google.protobuf.message import Message

from profile_service.documents.plain import bytes_text, enum_name, plain
from profile_service.domain import consents, guardianship, informing, profile, rights, sign_ups
from profile_service.log.streams import (
    CONSENTS,
    DISCLOSURES,
    GUARDIANS,
    POLICIES_SHOWN,
    PROFILE,
    RIGHTS,
    SIGN_UPS,
    SKIPS,
)
from profile_service.v1.consent_service_pb2 import ConsentDecision
from profile_service.v1.events_pb2 import ErasureRequester
from profile_service.v1.guardian_pb2 import GuardianRelation
from profile_service.v1.rights_pb2 import AssuranceLevel, IdentificationMethod, Right, RightsRequestState


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the state. `shown` makes plain values of what was folded."""

    start: Any
    evolve: Callable[[Any, Message], Any]
    shown: Callable[[Any], dict[str, Any]]


def _profile(state: profile.ProfileState) -> dict[str, Any]:
    return {"profile": plain(state.profile) if isinstance(state, profile.Active) else {}}


def _consents(state: consents.Consents) -> dict[str, Any]:
    decided = [
        {
            "purpose": purpose,
            "decision": enum_name(ConsentDecision, one.decision),
            "policy_version": one.policy_version,
            "text_hash": bytes_text(one.text_hash),
            **({"by_guardian": True} if one.by_guardian else {}),
        }
        for purpose, one in sorted(state.decided.items())
    ]
    # An objection to every purpose has none; those that the person consented to since are not in it.
    objected = [
        {"purpose": purpose} if purpose else {"every_purpose": True}
        for purpose, holds in sorted(state.objections.items(), key=lambda one: one[0] or "")
        if holds
    ]
    return {"consents": decided, "contact_suppressed": state.suppressed, "objections": objected}


def _guardians(state: guardianship.Guardians) -> dict[str, Any]:
    linked = [
        {
            "guardian_id": bytes_text(guardian_id),
            "relation": enum_name(GuardianRelation, one.relation),
            "method": enum_name(IdentificationMethod, one.identification.method),
            "level": enum_name(AssuranceLevel, one.identification.level),
        }
        for guardian_id, one in state.linked.items()
    ]
    return {"guardians": linked}


def _sign_ups(state: sign_ups.SignUps) -> dict[str, Any]:
    standing = [
        {"campaign_id": bytes_text(campaign), "answers": [plain(answer) for answer in one.answers]}
        for campaign, one in sorted(state.by_campaign.items())
        if isinstance(one, sign_ups.Living)
    ]
    return {"sign_ups": standing}


def _rights(state: rights.Rights) -> dict[str, Any]:
    requests = [
        {
            "rights_request_id": bytes_text(request_id),
            "right": enum_name(Right, one.right),
            "requested_by": enum_name(ErasureRequester, one.requested_by),
            "receive_date": one.received.isoformat(),
            "due_date": one.due.isoformat(),
            "state": enum_name(RightsRequestState, one.state),
        }
        for request_id, one in sorted(state.requests.items())
    ]
    holds = [{"hold_id": bytes_text(hold_id)} for hold_id in sorted(state.held)]
    return {"rights_requests": requests, "legal_holds": holds}


def _shown(state: informing.Shown) -> dict[str, Any]:
    shown = [{"policy_version": version, "language": language} for version, language in sorted(state.seen)]
    return {"policies_shown": shown}


# By kind of stream.
PARTS: Mapping[str, Part] = MappingProxyType(
    {
        PROFILE: Part(profile.Unregistered(), profile.evolve, _profile),
        CONSENTS: Part(consents.Consents(), consents.evolve, _consents),
        GUARDIANS: Part(guardianship.Guardians(), guardianship.evolve, _guardians),
        SIGN_UPS: Part(sign_ups.SignUps(), sign_ups.evolve, _sign_ups),
        RIGHTS: Part(rights.Rights(), rights.evolve, _rights),
        POLICIES_SHOWN: Part(informing.Shown(), informing.evolve, _shown),
    }
)
# Kinds whose facts add up to nothing that is shown, and why.
WITHOUT_STATE: Mapping[str, str] = MappingProxyType(
    {
        SKIPS: "what views pass over says nothing of the person; each such fact is in the history",
        DISCLOSURES: "what left stays so; for whom is told with the recipients",
    }
)


def state_after(facts: Iterable[tuple[str, Message]]) -> dict[str, Any]:
    """Return every part of the state; `facts` are in order, each with the kind of its stream."""
    states = {kind: part.start for kind, part in PARTS.items()}
    for kind, fact in facts:
        if kind in PARTS:
            states[kind] = PARTS[kind].evolve(states[kind], fact)
    shown: dict[str, Any] = {}
    for kind, part in PARTS.items():
        shown |= part.shown(states[kind])
    return shown

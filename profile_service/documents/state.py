"""How a person stands now, part by part: the domain folds each from the facts of one kind of stream."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from google.protobuf.message import Message

from profile_service.documents.plain import bytes_text, enum_name, plain
from profile_service.domain import consents, profile, sign_ups
from profile_service.log.streams import CONSENTS, PROFILE, SIGN_UPS, SKIPS
from profile_service.v1.consent_service_pb2 import ConsentDecision


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
        }
        for purpose, one in sorted(state.decided.items())
    ]
    return {"consents": decided, "contact_suppressed": state.suppressed}


def _sign_ups(state: sign_ups.SignUps) -> dict[str, Any]:
    standing = [
        {"campaign_id": bytes_text(campaign), "answers": [plain(answer) for answer in one.answers]}
        for campaign, one in sorted(state.by_campaign.items())
        if isinstance(one, sign_ups.Living)
    ]
    return {"sign_ups": standing}


# By kind of stream.
PARTS: Mapping[str, Part] = MappingProxyType(
    {
        PROFILE: Part(profile.Unregistered(), profile.evolve, _profile),
        CONSENTS: Part(consents.Consents(), consents.evolve, _consents),
        SIGN_UPS: Part(sign_ups.SignUps(), sign_ups.evolve, _sign_ups),
    }
)
# Kinds whose facts add up to nothing that is shown, and why.
WITHOUT_STATE: Mapping[str, str] = MappingProxyType(
    {SKIPS: "what views pass over says nothing of the person; each such fact is in the history"}
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

"""The policy that generated citizens live under: the City's own where it has one, else one of theirs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import grpc.aio

from profile_service.client import error_reason
from profile_service.policy_file import read_policy
from profile_service.v1.policy_pb2 import Policy
from profile_service.v1.policy_service_pb2 import GetPolicyRequest, PublishPolicyRequest
from profile_service.v1.profile_pb2 import CHANNEL_SERVICE

# What is published where there is no policy at all; nobody's real one.
POLICY = Path(__file__).with_name("policy.toml")
UNPUBLISHED = "POLICY_VERSION_UNKNOWN"
NONE_IN_EFFECT = "NO_POLICY_IN_EFFECT"

# Makes a call of a stub with a request, again if need be.
Call = Callable[[Any, Any], Awaitable[Any]]


class Terms(NamedTuple):
    """A version of a policy, and the hash of what people are shown for each purpose that asks consent."""

    version: str
    texts: Mapping[str, bytes]


async def agree(policies: Any, call: Call, request_id: str) -> Terms:
    """Return the terms to live under; `policies` is a stub of `PolicyService`.

    Citizens that began under their own policy go on under it, so that the same seed sends the same
    requests again. Raises `AioRpcError`.
    """
    own = read_policy(POLICY)
    published = await _policy(policies, call, GetPolicyRequest(version=own.version), UNPUBLISHED)
    if published != own:
        in_effect = await _policy(policies, call, GetPolicyRequest(), NONE_IN_EFFECT)
        if in_effect is not None:
            return _terms(in_effect)
        publication = PublishPolicyRequest(request_id=request_id, policy=own, channel=CHANNEL_SERVICE)
        await call(policies.PublishPolicy, publication)
    return _terms(own)


async def _policy(policies: Any, call: Call, wanted: GetPolicyRequest, missing: str) -> Policy | None:
    try:
        policy: Policy = (await call(policies.GetPolicy, wanted)).policy
    except grpc.aio.AioRpcError as error:
        if error_reason(error) == missing:
            return None
        raise
    return policy


def _terms(policy: Policy) -> Terms:
    asking = (purpose for purpose in policy.purposes if purpose.asks_consent)
    return Terms(policy.version, {one.purpose: one.consent_texts[0].text_hash for one in asking})

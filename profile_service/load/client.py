"""Lives generated citizens against a running service, many at a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import grpc
import grpc.aio

from profile_service.client import error_reason
from profile_service.load.citizens import Kind, Population, Step, request_id
from profile_service.load.result import ErasedPerson, LoadResult
from profile_service.load.terms import Terms, agree
from profile_service.v1 import (
    campaign_service_pb2_grpc,
    consent_service_pb2_grpc,
    policy_service_pb2_grpc,
    profile_service_pb2_grpc,
    rights_service_pb2_grpc,
)

# The refusals of which the API says: try again, with the same request id. A connection
# that broke has no reason; there the outcome is unknown, and the same id makes it known.
TRY_AGAIN = frozenset(
    {"EMAIL_RESERVED", "CONCURRENT_CHANGE", "QUEUE_FULL", "KEYS_UNAVAILABLE", "UNAVAILABLE"}
)
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 2.0
SAMPLES = 20  # living people to remember


@dataclass(frozen=True)
class Plan:
    """How much load. `timeout` is the deadline of a call, `patience` how long one is tried again."""

    citizens: int
    seed: int
    concurrency: int
    timeout: float = 10.0
    patience: float = 60.0


@dataclass
class _Person:
    """What the service told about one citizen on the way."""

    profile_id: str = ""
    token: str = ""
    etag: str = ""
    email: str = ""


class Load:
    """One run of a plan over a channel."""

    def __init__(self, channel: grpc.aio.Channel, plan: Plan) -> None:
        self._plan = plan
        self._population = Population(plan.seed)
        self._calls = _calls(channel)
        self._policies = policy_service_pb2_grpc.PolicyServiceStub(channel)
        self._open_campaign = campaign_service_pb2_grpc.CampaignServiceStub(channel).OpenCampaign
        self._campaign_ids: list[str] = []
        self._terms = Terms("", {})
        self.result = LoadResult()
        self.finished = 0  # lives that ended, well or not

    async def run(self) -> LoadResult:
        """Agree on a policy, open the campaigns, then live every life. Raises `AioRpcError` if one of the
        first two is refused."""
        started = time.perf_counter()
        self._terms = await agree(self._policies, self._call, request_id(self._plan.seed, -2, 0))
        for request in self._population.campaigns():
            answer = await self._call(self._open_campaign, request)
            self._campaign_ids.append(answer.campaign_id)
        numbers = iter(range(self._plan.citizens))
        await asyncio.gather(*(self._work(numbers) for _ in range(self._plan.concurrency)))
        self.result.seconds = time.perf_counter() - started
        return self.result

    async def _work(self, numbers: Iterator[int]) -> None:
        # One iterator for all workers: each takes the next citizen when it is done with one.
        for number in numbers:
            await self._live(number)
            self.finished += 1

    async def _live(self, number: int) -> None:
        person = _Person()
        for step in self._population.life(number):
            if step.purpose and step.purpose not in self._terms.texts:
                continue  # the City asks nobody's consent for this
            self._fill_in(step, person)
            started = time.perf_counter()
            try:
                answer = await self._call(self._calls[step.kind], step.request)
            except grpc.aio.AioRpcError as error:
                self.result.refused(step.kind, error_reason(error) or error.code().name)
                return  # the rest of this life stands on what was refused
            self.result.done(step.kind, time.perf_counter() - started)
            _learn(step, answer, person)
            if step.kind is Kind.ERASE:
                self.result.erased.append(ErasedPerson(person.profile_id, person.email))
        self.result.lived += 1
        if step.kind is not Kind.ERASE and len(self.result.living) < SAMPLES:
            self.result.living.append(person.profile_id)

    def _fill_in(self, step: Step, person: _Person) -> None:
        request: Any = step.request
        match step.kind:
            case Kind.REGISTER:
                person.email = request.registration.email
                request.registration.policy_version = self._terms.version
                return
            case Kind.VERIFY_EMAIL:
                request.token = person.token
                return
            case Kind.GIVE_CONSENT | Kind.WITHDRAW_CONSENT:
                request.policy_version = self._terms.version
                request.text_hash = self._terms.texts[step.purpose]
            case Kind.SIGN_UP | Kind.WITHDRAW_SIGN_UP:
                request.campaign_id = self._campaign_ids[step.campaign]
            case Kind.CORRECT:
                request.etag = person.etag
        request.profile_id = person.profile_id

    async def _call(self, call: Any, request: Any) -> Any:
        """The answer. Raises `AioRpcError` for a refusal that trying again does not change."""
        give_up = time.monotonic() + self._plan.patience
        pause = FIRST_PAUSE
        while True:
            try:
                return await call(request, timeout=self._plan.timeout)
            except grpc.aio.AioRpcError as error:
                reason = error_reason(error)
                broke = not reason and error.code() is grpc.StatusCode.UNAVAILABLE
                if not (broke or reason in TRY_AGAIN) or time.monotonic() + pause > give_up:
                    raise
            self.result.tries_again += 1
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)


def _calls(channel: grpc.aio.Channel) -> dict[Kind, Any]:
    profiles = profile_service_pb2_grpc.ProfileServiceStub(channel)
    consents = consent_service_pb2_grpc.ConsentServiceStub(channel)
    campaigns = campaign_service_pb2_grpc.CampaignServiceStub(channel)
    rights = rights_service_pb2_grpc.RightsServiceStub(channel)
    return {
        Kind.REGISTER: profiles.RegisterProfile,
        Kind.START_VERIFICATION: profiles.StartEmailVerification,
        Kind.VERIFY_EMAIL: profiles.VerifyEmail,
        Kind.COMPLETE: profiles.UpdateProfile,
        Kind.CORRECT: profiles.UpdateProfile,
        Kind.CHANGE_EMAIL: profiles.UpdateProfile,
        Kind.GIVE_CONSENT: consents.SetConsent,
        Kind.WITHDRAW_CONSENT: consents.SetConsent,
        Kind.OBJECT: rights.ObjectToMarketing,
        Kind.SIGN_UP: campaigns.SignUp,
        Kind.WITHDRAW_SIGN_UP: campaigns.WithdrawSignUp,
        Kind.ERASE: rights.EraseProfile,
    }


def _learn(step: Step, answer: Any, person: _Person) -> None:
    match step.kind:
        case Kind.REGISTER:
            person.profile_id, person.etag = answer.profile_id, answer.etag
        case Kind.START_VERIFICATION:
            person.token = answer.token
        case Kind.VERIFY_EMAIL | Kind.COMPLETE | Kind.CORRECT:
            person.etag = answer.etag
        case Kind.CHANGE_EMAIL:
            person.etag = answer.etag
            person.email = step.request.profile.email  # type: ignore[attr-defined]  # of this kind

"""Changing a profile: values, the e-mail address, and its verification."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from google.protobuf.message import Message

from profile_service.commands.addresses import Addresses
from profile_service.commands.loading import Load, Loaded
from profile_service.commands.refusing import as_refusals
from profile_service.commands.requests import WriteRequest
from profile_service.commands.writing import ATTEMPTS, Writer, prepare, replay
from profile_service.domain import consents
from profile_service.domain import profile as domain
from profile_service.domain.email import canonical_address
from profile_service.domain.errors import (
    ConcurrentChangeError,
    ContactSuppressedError,
    ProfileErasedError,
    ProfileNotFoundError,
    TokenInvalidError,
)
from profile_service.domain.suppression import is_from_person, refuse_other_sources
from profile_service.domain.update import UpdateFact, update
from profile_service.keys.cipher import ProfileCipher
from profile_service.keys.reservations import Reservation
from profile_service.keys.store import KeyStore
from profile_service.log.append import Appended, VersionConflictError
from profile_service.log.facts import open_fact
from profile_service.log.reader import LogReader
from profile_service.log.streams import CONSENTS, PROFILE, stream_name
from profile_service.v1.events_pb2 import (
    EmailChanged,
    EmailVerificationStarted,
    EmailVerified,
    SuppressionReason,
)
from profile_service.v1.profile_service_pb2 import UpdateProfileRequest

# Labels of digests under the person's key.
VERIFICATION_ID = b"email-verification-id"
VERIFICATION_TOKEN = b"email-verification-token"
ID_BYTES = 16
TOKEN_BYTES = 16 + ID_BYTES + 32


@dataclass(frozen=True, slots=True)
class Started:
    """A verification that was started; `token` is shown to the caller and nowhere kept."""

    token: str
    expire_time: datetime
    position: int
    version: int


@dataclass(frozen=True, slots=True)
class ProfileEditor:
    """Changes profiles. `today` is the date in the City, `now` a point in time with UTC."""

    keys: KeyStore
    addresses: Addresses
    writer: Writer
    reader: LogReader
    today: Callable[[], date]
    now: Callable[[], datetime]

    async def update(
        self, request: WriteRequest, profile_id: UUID, wanted: UpdateProfileRequest, deadline: float
    ) -> Appended:
        """Change what the mask names; with a new address, reserve it, append, release the old one.

        Of somebody who is contacted no more, and into an address that is never to be contacted again,
        only what the person says is taken: else raises `ContactSuppressedError`. Raises the refusals
        of `domain.update`, of `Addresses.reserve` and of `Writer.execute`.
        """
        stream, choices = stream_name(PROFILE, profile_id), stream_name(CONSENTS, profile_id)
        for _ in range(ATTEMPTS):
            loaded = await self.writer.loader.load(Load(request.key, profile_id, (stream, choices)))
            if loaded.known is not None:
                return await self._replayed(request, loaded, profile_id)
            known = consents.fold(fact.message for fact in loaded.streams[choices])
            refuse_other_sources(request.channel, suppressed=known.suppressed)
            facts = self._decide_update(loaded, stream, wanted)
            decided: dict[str, Sequence[Message]] = {stream: facts}
            address = next((fact.email for fact in facts if isinstance(fact, EmailChanged)), None)
            if address is not None and await self._reserve(request, profile_id, address, deadline):
                decided[choices] = consents.suppress(known, SuppressionReason.SUPPRESSION_REASON_ADDRESS)
            with as_refusals():
                append = prepare(
                    request,
                    decided,
                    {name: loaded.version(name) for name in decided},
                    subject=profile_id,
                    profile_id=profile_id,
                    cipher=loaded.cipher,
                )
            try:
                appended = await self.writer.append(append)
            except VersionConflictError:
                continue
            if address is not None:
                await self.addresses.release_others(profile_id, request.key)
            return appended
        raise ConcurrentChangeError

    async def start_verification(self, request: WriteRequest, profile_id: UUID) -> Started:
        """Make a token for the current address; the same request again gives the same token."""
        stream = stream_name(PROFILE, profile_id)

        def decide(loaded: Loaded) -> dict[str, Sequence[EmailVerificationStarted]]:
            verification_id = loaded.cipher.digest(VERIFICATION_ID, request.key)[:ID_BYTES]
            return {stream: domain.start_verification(_state(loaded, stream), verification_id, self.now())}

        appended = await self.writer.execute(
            request, subject=profile_id, profile_id=profile_id, streams=(stream,), decide=decide
        )
        return await asyncio.to_thread(self._started, profile_id, appended)

    async def verify_email(self, request: WriteRequest, token: str) -> Appended:
        """Take a token back. Raises `TokenInvalidError`, `TokenExpiredError` and `TokenUsedError`."""
        profile_id, verification_id, proof = _parse(token)
        stream = stream_name(PROFILE, profile_id)

        def decide(loaded: Loaded) -> dict[str, Sequence[EmailVerified]]:
            if not hmac.compare_digest(proof, loaded.cipher.digest(VERIFICATION_TOKEN, verification_id)):
                raise TokenInvalidError
            return {stream: domain.verify_email(_state(loaded, stream), verification_id, self.now())}

        try:
            return await self.writer.execute(
                request, subject=profile_id, profile_id=profile_id, streams=(stream,), decide=decide
            )
        except ProfileNotFoundError:
            raise TokenInvalidError from None

    def _decide_update(self, loaded: Loaded, stream: str, wanted: UpdateProfileRequest) -> list[UpdateFact]:
        return update(
            _state(loaded, stream),
            wanted.profile,
            wanted.update_mask.paths,
            wanted.update_reason,
            today=self.today(),
            etag=wanted.etag,
        )

    async def _reserve(self, request: WriteRequest, profile_id: UUID, address: str, deadline: float) -> bool:
        """Return whether the address is never to be contacted again.

        If nothing comes of it, the reservation runs out by itself. Raises `ContactSuppressedError` if
        it is, and the change does not come from the person; then nothing is reserved.
        """
        canonical = canonical_address(address)

        def make() -> Reservation:
            tag = self.keys.address_tag(canonical)
            return Reservation(tag, request.key, profile_id, None, is_from_person(request.channel))

        try:
            _, result = await self.addresses.reserve(canonical, make, deadline)
        except ContactSuppressedError:
            await self.addresses.give_up(canonical, request.key)
            raise
        return result.suppressed

    async def _replayed(self, request: WriteRequest, loaded: Loaded, profile_id: UUID) -> Appended:
        assert loaded.known is not None
        with as_refusals():
            appended = replay(request, loaded.known, loaded.cipher)
        # The first try may have ended before it released the old address.
        await self.addresses.release_others(profile_id, request.key)
        return appended

    def _started(self, profile_id: UUID, appended: Appended) -> Started:
        stored = self.reader.fact_at(appended.position)
        cipher = self.keys.ciphers([profile_id]).get(profile_id)
        assert stored is not None, "what was appended is there"
        if cipher is None:
            raise ProfileErasedError
        with as_refusals():
            fact = open_fact(stored, cipher).message
            assert isinstance(fact, EmailVerificationStarted)
            token = _token(profile_id, fact.verification_id, cipher)
        expires = fact.expire_time.ToDatetime(tzinfo=UTC)
        return Started(token, expires, appended.position, appended.version)


def _state(loaded: Loaded, stream: str) -> domain.ProfileState:
    return domain.fold(fact.message for fact in loaded.streams[stream])


def _token(profile_id: UUID, verification_id: bytes, cipher: ProfileCipher) -> str:
    proof = cipher.digest(VERIFICATION_TOKEN, verification_id)
    return base64.urlsafe_b64encode(profile_id.bytes + verification_id + proof).rstrip(b"=").decode()


def _parse(token: str) -> tuple[UUID, bytes, bytes]:
    try:
        raw = base64.b64decode(token.encode() + b"=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise TokenInvalidError from None
    if len(raw) != TOKEN_BYTES:
        raise TokenInvalidError
    return UUID(bytes=raw[:16]), raw[16 : 16 + ID_BYTES], raw[16 + ID_BYTES :]

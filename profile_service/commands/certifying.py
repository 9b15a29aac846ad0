"""Certificates of erasures: what log and keys say of one, signed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from profile_service.certificates.certificate import ErasureCertificate, Finality
from profile_service.certificates.signing import Signer
from profile_service.commands.destroying import Destroyer
from profile_service.commands.finality import finality
from profile_service.commands.obligations import Obligations
from profile_service.domain.errors import (
    ProfileNotErasedError,
    ProfileNotFoundError,
    ServiceUnavailableError,
)
from profile_service.keys.store import KeyStore
from profile_service.log.reader import LogReader, Standing
from profile_service.v1.rights_service_pb2 import ErasureFinality


@dataclass(frozen=True, slots=True)
class Certifier:
    """Signs certificates. `now` is a point in time with UTC."""

    keys: KeyStore
    reader: LogReader
    signer: Signer
    now: Callable[[], datetime]
    obligations: Obligations

    def certify(self, profile_id: UUID) -> str:
        """Return the signed certificate of an erasure as it stands now. Blocks.

        Raises `ProfileNotFoundError`, `ProfileNotErasedError`, and `ServiceUnavailableError` while the
        key of an erased person is still to be destroyed.
        """
        position = self.reader.closed_at(profile_id)
        if position is None:
            known = self.reader.standing([profile_id])[profile_id] is not Standing.UNKNOWN
            raise ProfileNotErasedError if known else ProfileNotFoundError
        erased = self.reader.fact_at(position)
        assert erased is not None, "the log has no gap"
        erasure = self.keys.erasure_of(profile_id)
        if erasure is None:
            raise ServiceUnavailableError
        now = self.now()
        reached = ErasureFinality.Name(finality(erasure, now)).removeprefix("ERASURE_FINALITY_")
        certificate = ErasureCertificate(
            profile_id=profile_id,
            log_id=self.reader.log_id,
            erased_position=position,
            erased_at=datetime.fromtimestamp(erased.time / 1e6, UTC),
            destroyed_at=erasure.destroyed_at,
            epoch=erasure.epoch,
            finality=Finality(reached),
            final_by=erasure.final_by,
            final_at=erasure.final_at,
            closed_position=erasure.closed_position,
            contact_suppressed=Destroyer(self.keys, self.reader).never_contact_again(profile_id),
            issued_at=now,
            open_obligations=tuple(
                one.obligation_id for one in self.obligations.owed_after_erasure(profile_id)
            ),
        )
        return self.signer.sign(certificate)

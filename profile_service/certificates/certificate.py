"""What a certificate of erasure says, as JSON. Nothing in it is personal: the profile id leads to nobody."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

# The version of the fields below.
VERSION = 1

# What goes with an erasure: the profile key, and the tags that led from an address to the person.
DESTROYED = ("profile-key", "address-tags")


class Finality(StrEnum):
    """How far an erasure reaches; the names of `ErasureFinality`, explained in `rights_service.proto`."""

    LIVE_ONLY = "LIVE_ONLY"
    EPOCH_CLOSE_PENDING = "EPOCH_CLOSE_PENDING"
    EPOCH_CLOSED = "EPOCH_CLOSED"
    FINAL = "FINAL"


class CertificateError(Exception):
    """This is no certificate that the key signed; the text says why."""


@dataclass(frozen=True, slots=True)
class ErasureCertificate:
    """One erasure. Positions are of the log `log_id`; times are UTC.

    `epoch` is the one whose close makes it final. `final_by`: once it is closed, when its root key was
    destroyed; before, until when that is promised, if it is. `final_at`: from when no copy of the root
    key is left in its provider, if the provider can tell. `closed_position`: of `KeyEpochClosed`.
    """

    TYPE: ClassVar[str] = "aprofile-erasure+jws"
    NAME: ClassVar[str] = "certificate of erasure"

    profile_id: UUID
    log_id: str
    erased_position: int
    erased_at: datetime
    destroyed_at: datetime
    epoch: int
    finality: Finality
    final_by: datetime | None
    final_at: datetime | None
    closed_position: int | None
    contact_suppressed: bool
    issued_at: datetime

    def claims(self) -> dict[str, Any]:
        """What is said, with fields that do not apply left out."""
        claims: dict[str, Any] = {
            "version": VERSION,
            "profile_id": str(self.profile_id),
            "destroyed": list(DESTROYED),
            "destroyed_at": _text(self.destroyed_at),
            "epoch": self.epoch,
            "finality": self.finality.value,
            "final_by": _text(self.final_by),
            "final_at": _text(self.final_at),
            "log_id": self.log_id,
            "profile_erased": {"position": self.erased_position, "time": _text(self.erased_at)},
            "key_epoch_closed": self.closed_position and {"position": self.closed_position},
            "contact_suppressed": self.contact_suppressed,
            "issued_at": _text(self.issued_at),
        }
        return {name: value for name, value in claims.items() if value is not None}

    def to_json(self) -> bytes:
        """What is signed."""
        return json.dumps(self.claims(), separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, payload: bytes) -> ErasureCertificate:
        """Read what `to_json` wrote. Raises `CertificateError`."""
        try:
            claims = json.loads(payload)
            certificate = _read(claims)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise CertificateError("what was signed is no certificate of erasure") from None
        # So nothing is signed that is not understood: neither another field nor another form.
        if certificate.to_json() != payload:
            raise CertificateError("what was signed says more than a certificate of this version can")
        return certificate


def _read(claims: dict[str, Any]) -> ErasureCertificate:
    closed = claims.get("key_epoch_closed")
    return ErasureCertificate(
        profile_id=UUID(claims["profile_id"]),
        log_id=claims["log_id"],
        erased_position=int(claims["profile_erased"]["position"]),
        erased_at=_required(claims["profile_erased"]["time"]),
        destroyed_at=_required(claims["destroyed_at"]),
        epoch=int(claims["epoch"]),
        finality=Finality(claims["finality"]),
        final_by=_time(claims.get("final_by")),
        final_at=_time(claims.get("final_at")),
        closed_position=None if closed is None else int(closed["position"]),
        contact_suppressed=bool(claims["contact_suppressed"]),
        issued_at=_required(claims["issued_at"]),
    )


def _text(time: datetime | None) -> str | None:
    if time is None:
        return None
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _required(text: str) -> datetime:
    return datetime.fromisoformat(text)

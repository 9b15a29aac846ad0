"""What a consent receipt says, as JSON-LD after ISO/IEC TS 27560:2023.

In terms of the W3C Data Privacy Vocabulary. It names nobody: `subject` is an id for receipts alone, the
same in all of one person, and without the key of that person nobody can tell whose it is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from profile_service.certificates.certificate import CertificateError

# The versions of the form below: without and with what the policy said.
VERSION, VERSION_WITH_TERMS = "1", "2"
# Of a data subject who is not of age.
GUARDIAN = "dpv:GuardianOfDataSubject"

CONTEXT = {
    "dpv": "https://w3id.org/dpv#",
    "dct": "http://purl.org/dc/terms/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "dct:issued": {"@type": "xsd:dateTime"},
    "dct:date": {"@type": "xsd:dateTime"},
    "dpv:isIndicatedAtTime": {"@type": "xsd:dateTime"},
    "dpv:isIndicatedBy": {"@type": "@id"},
    "dpv:hasLegalBasis": {"@type": "@id"},
}


class ConsentStatus(StrEnum):
    """Where a consent stands: classes of the vocabulary."""

    GIVEN = "dpv:ConsentGiven"
    # By the person, before any was given.
    REFUSED = "dpv:ConsentRefused"
    # By the person, after one was given.
    WITHDRAWN = "dpv:ConsentWithdrawn"
    # Not by the person.
    REVOKED = "dpv:ConsentRevoked"
    # A guardian gave it, and the person is of majority since.
    EXPIRED = "dpv:ConsentExpired"


class Office(NamedTuple):
    """Who is responsible, or to be written to; never a person."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What the version of the policy said that the person was shown.

    Data is kept for `months` after `kept_from`: the name in `RetentionStart`, in lower case.
    """

    controller: Office
    data_protection: Office
    kept_from: str
    months: int

    def members(self) -> dict[str, Any]:
        """Return what a process has of them."""
        return {
            "dpv:hasDataController": _office("dpv:DataController", self.controller),
            "dpv:hasDataProtectionOfficer": _office("dpv:DataProtectionOfficer", self.data_protection),
            "dpv:hasStorageCondition": {
                "@type": "dpv:StorageDuration",
                "dct:description": self.kept_from,
                "dpv:hasDuration": f"P{self.months}M",
            },
        }


@dataclass(frozen=True, slots=True)
class ConsentReceipt:
    """One decision on one purpose, as it stood `at` a time. Positions are of the log `log_id`; times are UTC.

    `decision` is the name in `ConsentDecision`, in lower case; `method` that in `Channel`. The text that was
    shown: its `policy_version` and the SHA-256 of it, or neither. `terms`: None if that version was
    never published, or does not have the purpose. `by_guardian`: a guardian gave it.
    """

    TYPE: ClassVar[str] = "aprofile-consent-receipt+jws"
    NAME: ClassVar[str] = "consent receipt"

    receipt_id: UUID
    issued_at: datetime
    at: datetime
    subject: UUID
    purpose: str
    status: ConsentStatus
    decision: str
    decided_at: datetime
    method: str
    log_id: str
    position: int
    policy_version: str | None
    text_hash: bytes | None
    by_guardian: bool = False
    terms: Terms | None = None

    def document(self) -> dict[str, Any]:
        """What is said; a notice only if one was shown."""
        record: dict[str, Any] = {
            "@type": "dpv:ConsentRecord",
            "dct:identifier": f"{self.log_id}/{self.position}",
            "dpv:hasDataSubject": {"@id": self.subject.urn, "@type": "dpv:DataSubject"},
            "dpv:hasProcess": {
                "@type": "dpv:Process",
                "dpv:hasPurpose": {"@type": "dpv:Purpose", "dct:identifier": self.purpose},
                "dpv:hasLegalBasis": "dpv:Consent",
                **({} if self.terms is None else self.terms.members()),
            },
            "dpv:hasConsentStatus": {
                "@type": self.status.value,
                "dct:description": self.decision,
                "dpv:isIndicatedAtTime": _text(self.decided_at),
                "dpv:hasIndicationMethod": self.method,
            },
        }
        if self.status is not ConsentStatus.REVOKED:
            by = GUARDIAN if self.by_guardian else "dpv:DataSubject"
            record["dpv:hasConsentStatus"]["dpv:isIndicatedBy"] = by
        if self.policy_version is not None and self.text_hash is not None:
            record["dpv:hasNotice"] = {
                "@type": "dpv:ConsentNotice",
                "dct:hasVersion": self.policy_version,
                "dct:identifier": f"sha256:{self.text_hash.hex()}",
            }
        return {
            "@context": CONTEXT,
            "@id": self.receipt_id.urn,
            "@type": "dpv:ConsentReceipt",
            "dct:hasVersion": VERSION if self.terms is None else VERSION_WITH_TERMS,
            "dct:issued": _text(self.issued_at),
            "dct:date": _text(self.at),
            "dpv:hasRecordOfActivity": record,
        }

    def to_json(self) -> bytes:
        """What is signed."""
        return json.dumps(self.document(), separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, payload: bytes) -> ConsentReceipt:
        """Read what `to_json` wrote. Raises `CertificateError`."""
        try:
            receipt = _read(json.loads(payload))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise CertificateError("what was signed is no consent receipt") from None
        # So nothing is signed that is not understood: neither another member nor another form.
        if receipt.to_json() != payload:
            raise CertificateError("what was signed says more than a receipt of this version can")
        return receipt


def _read(document: dict[str, Any]) -> ConsentReceipt:
    record = document["dpv:hasRecordOfActivity"]
    status = record["dpv:hasConsentStatus"]
    notice = record.get("dpv:hasNotice")
    process = record["dpv:hasProcess"]
    log_id, _, position = record["dct:identifier"].rpartition("/")
    return ConsentReceipt(
        receipt_id=UUID(document["@id"]),
        issued_at=datetime.fromisoformat(document["dct:issued"]),
        at=datetime.fromisoformat(document["dct:date"]),
        subject=UUID(record["dpv:hasDataSubject"]["@id"]),
        purpose=process["dpv:hasPurpose"]["dct:identifier"],
        status=ConsentStatus(status["@type"]),
        decision=status["dct:description"],
        decided_at=datetime.fromisoformat(status["dpv:isIndicatedAtTime"]),
        method=status["dpv:hasIndicationMethod"],
        log_id=log_id,
        position=int(position),
        policy_version=None if notice is None else notice["dct:hasVersion"],
        text_hash=None if notice is None else bytes.fromhex(notice["dct:identifier"].removeprefix("sha256:")),
        terms=_read_terms(process) if document["dct:hasVersion"] == VERSION_WITH_TERMS else None,
        by_guardian=status.get("dpv:isIndicatedBy") == GUARDIAN,
    )


def _read_terms(process: dict[str, Any]) -> Terms:
    storage = process["dpv:hasStorageCondition"]
    return Terms(
        controller=_read_office(process["dpv:hasDataController"]),
        data_protection=_read_office(process["dpv:hasDataProtectionOfficer"]),
        kept_from=storage["dct:description"],
        months=int(storage["dpv:hasDuration"].removeprefix("P").removesuffix("M")),
    )


def _office(kind: str, office: Office) -> dict[str, str]:
    return {"@type": kind, "dpv:hasName": office.name, "dpv:hasContact": office.email}


def _read_office(member: dict[str, str]) -> Office:
    return Office(member["dpv:hasName"], member["dpv:hasContact"])


def _text(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

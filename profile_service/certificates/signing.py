"""Signing and checking what is certified: JSON Web Signatures (RFC 7515) with Ed25519 (RFC 8037, RFC 9864).

Checking needs what was signed and the public key alone: no service, no database, no network.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from profile_service.certificates.certificate import CertificateError, ErasureCertificate
from profile_service.certificates.receipt import ConsentReceipt

ALGORITHM = "Ed25519"
# Characters; a certificate has about 1,000, a receipt 2,000.
LONGEST = 8192


class CertificateKeyError(Exception):
    """This is no public key of certificates; the text says why."""


class Statement(Protocol):
    """What can be signed. Each kind has a type of its own, so that none is taken for another."""

    TYPE: ClassVar[str]
    NAME: ClassVar[str]

    def to_json(self) -> bytes: ...


class Signer:
    """Signs certificates and receipts with one private key."""

    def __init__(self, private_key: Ed25519PrivateKey) -> None:
        self._private: OKPKey = OKPKey(private_key, "")
        # Of the public half alone: the library makes text of whatever key it is asked to describe.
        self._public: OKPKey = OKPKey(private_key.public_key(), "")
        self._key_id = self._public.thumbprint()

    def sign(self, statement: Statement) -> str:
        """A JWS in compact form."""
        header = {"alg": ALGORITHM, "kid": self._key_id, "typ": statement.TYPE}
        return jws.serialize_compact(header, statement.to_json(), self._private, algorithms=[ALGORITHM])

    @property
    def public_key(self) -> str:
        """The public key as a JSON Web Key; `kid` is its RFC 7638 thumbprint."""
        described = self._public.as_dict(private=False)
        members = {name: described[name] for name in ("kty", "crv", "x")}
        return json.dumps({**members, "alg": ALGORITHM, "kid": self._key_id, "use": "sig"})


def verify(certificate: str, public_key: str) -> ErasureCertificate:
    """What a certificate says, if `public_key` (a JSON Web Key) signed it, every character of it.

    Raises `CertificateError` or `CertificateKeyError`.
    """
    return ErasureCertificate.from_json(_signed(certificate, public_key, ErasureCertificate))


def verify_receipt(receipt: str, public_key: str) -> ConsentReceipt:
    """What a consent receipt says; as `verify`."""
    return ConsentReceipt.from_json(_signed(receipt, public_key, ConsentReceipt))


def _signed(text: str, public_key: str, kind: type[Statement]) -> bytes:
    key = _read_key(public_key)
    if len(text) > LONGEST or not text.isascii():
        raise CertificateError(f"this is no {kind.NAME}")
    try:
        signed = jws.deserialize_compact(text, key, algorithms=[ALGORITHM])
        header: dict[str, Any] = signed.headers()
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        raise CertificateError(f"the signature is not of this key, or the {kind.NAME} was changed") from None
    if header != {"alg": ALGORITHM, "kid": key.thumbprint(), "typ": kind.TYPE}:
        raise CertificateError(f"what was signed is no {kind.NAME}")
    return signed.payload or b""


def _read_key(text: str) -> OKPKey:
    try:
        members = json.loads(text)
        key = OKPKey.import_key({name: members[name] for name in ("kty", "crv", "x")})
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        raise CertificateKeyError("this is no public JSON Web Key") from None
    if not isinstance(key.public_key, Ed25519PublicKey):
        raise CertificateKeyError("this is no key for Ed25519")
    return key

"""Signing and checking certificates: a JSON Web Signature (RFC 7515) with Ed25519 (RFC 8037, RFC 9864).

Checking needs the certificate and the public key alone: no service, no database, no network.
"""

from __future__ import annotations

import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from profile_service.certificates.certificate import CertificateError, ErasureCertificate

ALGORITHM = "Ed25519"
# No signature over something else, made with the same key, is taken for a certificate.
TYPE = "aprofile-erasure+jws"
# Characters; a certificate has about 1,000.
LONGEST = 8192


class CertificateKeyError(Exception):
    """This is no public key of certificates; the text says why."""


class Signer:
    """Signs certificates with one private key."""

    def __init__(self, private_key: Ed25519PrivateKey) -> None:
        self._private: OKPKey = OKPKey(private_key, "")
        # Of the public half alone: the library makes text of whatever key it is asked to describe.
        self._public: OKPKey = OKPKey(private_key.public_key(), "")
        self._key_id = self._public.thumbprint()

    def sign(self, certificate: ErasureCertificate) -> str:
        """A JWS in compact form."""
        header = {"alg": ALGORITHM, "kid": self._key_id, "typ": TYPE}
        return jws.serialize_compact(header, certificate.to_json(), self._private, algorithms=[ALGORITHM])

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
    key = _read_key(public_key)
    if len(certificate) > LONGEST or not certificate.isascii():
        raise CertificateError("this is no certificate of erasure")
    try:
        signed = jws.deserialize_compact(certificate, key, algorithms=[ALGORITHM])
        header: dict[str, Any] = signed.headers()
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        raise CertificateError("the signature is not of this key, or the certificate was changed") from None
    if header != {"alg": ALGORITHM, "kid": key.thumbprint(), "typ": TYPE}:
        raise CertificateError("what was signed is no certificate of erasure")
    return ErasureCertificate.from_json(signed.payload or b"")


def _read_key(text: str) -> OKPKey:
    try:
        members = json.loads(text)
        key = OKPKey.import_key({name: members[name] for name in ("kty", "crv", "x")})
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        raise CertificateKeyError("this is no public JSON Web Key") from None
    if not isinstance(key.public_key, Ed25519PublicKey):
        raise CertificateKeyError("this is no key for Ed25519")
    return key

"""Certificates made for a test: an authority, a server, and callers with any number of identities."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Issued:
    """A certificate and its key, as PEM."""

    certificate: bytes
    key: bytes

    def write(self, directory: Path, name: str) -> tuple[Path, Path]:
        """Write both files, the certificate last; return their paths."""
        paths = directory / f"{name}.pem", directory / f"{name}-key.pem"
        paths[1].write_bytes(self.key)
        paths[0].write_bytes(self.certificate)
        return paths

    @property
    def serial(self) -> int:
        return x509.load_pem_x509_certificate(self.certificate).serial_number


@dataclass
class Authority:
    """Signs certificates."""

    name: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def __post_init__(self) -> None:
        basics = x509.BasicConstraints(ca=True, path_length=None)
        made = _builder(self._subject, self._subject, self.key).add_extension(basics, critical=True)
        self.certificate = _pem(made.sign(self.key, hashes.SHA256()))

    @property
    def _subject(self) -> x509.Name:
        return _name(self.name)

    def server(self) -> Issued:
        """A certificate for the loopback address."""
        return self._issue("server", [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])

    def caller(self, *uris: str, dns: str = "", common_name: str = "caller") -> Issued:
        """A certificate of a caller with these URIs, and perhaps a DNS name."""
        names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(uri) for uri in uris]
        return self._issue(common_name, [*names, *([x509.DNSName(dns)] if dns else [])])

    def _issue(self, common_name: str, names: list[x509.GeneralName]) -> Issued:
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(_name(common_name), self._subject, key)
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        encoded = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return Issued(_pem(builder.sign(self.key, hashes.SHA256())), encoded)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)

"""Where things are, as settings name them: addresses to listen on or to call, TLS files, databases."""

from __future__ import annotations

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlsplit

from pydantic import AfterValidator
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError


class Address(NamedTuple):
    """A host and a port to listen on or to call."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class TlsFiles(NamedTuple):
    """Three PEM files of mutual TLS: our certificate, its key, and who may sign the other side's."""

    certificate: Path
    key: Path
    authority: Path


def parse_address(text: str) -> Address:
    """Read `host:port` or `[IPv6]:port`. Raises `ValueError`."""
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or port is None or parts.path or parts.query or parts.username:
        raise ValueError("must be host:port, such as 127.0.0.1:50051")
    return Address(host, port)


def _names_a_database(text: str) -> str:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ValueError("is not a SQLAlchemy URL") from None
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in ("sqlite", "postgresql+psycopg"):
        raise ValueError("must begin with sqlite:/// or postgresql+psycopg://")
    if not url.database or url.database == ":memory:":
        raise ValueError("must name a database")
    return url.render_as_string(hide_password=False)


# A database of one of the two kinds, as SQLAlchemy writes it.
DatabaseUrl = Annotated[str, AfterValidator(_names_a_database)]


def _begins_a_link(text: str) -> str:
    # RFC 8058 wants https; RFC 3986 says what an address may have. A token is put behind it as it is.
    if not re.fullmatch(r"https://[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]{1,400}[/=]", text):
        raise ValueError("must begin with https:// and end with / or =")
    return text


# The address that a token is put behind.
LinkStart = Annotated[str, AfterValidator(_begins_a_link)]


def tls_files(settings: object, *names: str) -> TlsFiles | None:
    """The three files that settings name, or None if they name none. Raises `ValueError`."""
    files = [getattr(settings, name) for name in names]
    if not any(files):
        return None
    missing = [name for name, file in zip(names, files, strict=True) if file is None]
    if missing:
        raise ValueError(f"{missing[0]}: is missing; {', '.join(names)} go together")
    return TlsFiles(*files)


def database_of(url: str) -> tuple[Any, ...]:
    """Return what tells one database from another: kind and place."""
    parsed: URL = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return ("sqlite", Path(str(parsed.database)).resolve())
    place = parsed.host or parsed.query.get("host")
    return ("postgresql", place, parsed.port or 5432, parsed.database)

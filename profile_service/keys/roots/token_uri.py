"""The address of a token: a PKCS#11 URI (RFC 7512) that names a token, a module and a file with the PIN."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from profile_service.keys.errors import RootUnavailableError

SCHEME = "pkcs11:"
EXAMPLE = "pkcs11:token=LABEL?module-path=/PATH/MODULE.so&pin-source=file:/PATH/PIN"

_TOKEN_ATTRIBUTES = ("token", "serial", "manufacturer", "model")
_PLACES = ("module-path", "pin-source")


@dataclass(frozen=True, slots=True)
class TokenAddress:
    """Which token, by the attributes it must have (RFC 7512 names), and how to use it."""

    attributes: dict[str, str]
    module: Path
    pin_file: Path


def parse_token_uri(uri: str) -> TokenAddress:
    """Raises `RootUnavailableError`, with what is wrong and never with a value of the URI."""
    path, _, query = uri.removeprefix(SCHEME).partition("?")
    attributes = _pairs(path, ";", _TOKEN_ATTRIBUTES)
    if not attributes:
        raise RootUnavailableError(f"root_keys: name a token, as in {EXAMPLE}")
    places = _pairs(query, "&", _PLACES)
    for name in _PLACES:
        if name not in places:
            raise RootUnavailableError(f"root_keys: {name} is missing, as in {EXAMPLE}")
    source = places["pin-source"]
    if not source.startswith("file:"):
        raise RootUnavailableError("root_keys: pin-source must be file:/PATH")
    pin_file = source.removeprefix("file:").removeprefix("//")
    return TokenAddress(attributes, Path(places["module-path"]), Path(pin_file))


def _pairs(text: str, separator: str, known: tuple[str, ...]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for part in filter(None, text.split(separator)):
        name, _, value = part.partition("=")
        if name == "pin-value":
            raise RootUnavailableError("root_keys: pin-value would show the PIN to others; use pin-source")
        if name not in known or name in pairs or not value:
            raise RootUnavailableError(f"root_keys: only {', '.join(known)}, each once, as in {EXAMPLE}")
        pairs[name] = unquote(value)
    return pairs

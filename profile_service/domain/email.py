"""When two e-mail addresses are the same address. Nothing is looked up: no DNS."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from profile_service.domain.errors import InvalidRequestError, Violation

# The version of the rule below, stored with whatever is derived from a canonical address.
# Unicode NFC; domain as IDNA A-labels in lower case; local part case-folded; dots and
# plus-tags stay distinct.
CANONICAL_RULE: Final = 1

MAX_BYTES: Final = 254  # RFC 5321, 4.5.3.1.3

_ATOM: Final = r"[a-z0-9_!#$%&'*+\-/=?^`{|}~]+"
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# What nearly every address looks like. It accepts only what the full check would accept
# unchanged: no "--" (a Punycode label, or a forbidden one).
_PLAIN: Final = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?!.*--)(?:{_LABEL}\.)+([a-z]{{2,63}})", re.ASCII)
_SPECIAL_TOP_LEVELS: Final = frozenset(name.rsplit(".", 1)[-1] for name in SPECIAL_USE_DOMAIN_NAMES)


def canonical_address(text: str, field: str = "email") -> str:
    """Return the form of an address that equal addresses share.

    Raises `InvalidRequestError` for `field` when `text` is no address that mail can be sent to.
    """
    if text.isascii() and len(text) <= MAX_BYTES:
        lower = text.lower()
        plain = _PLAIN.fullmatch(lower)
        if plain and plain[1] not in _SPECIAL_TOP_LEVELS:
            return lower
    return _checked_and_folded(text, field)


def same_address(one: str, other: str) -> bool:
    """Say whether two addresses are equal. What is no valid address is equal to the same text only."""
    if one == other:
        return True
    try:
        return canonical_address(one) == canonical_address(other)
    except InvalidRequestError:
        return False


def _checked_and_folded(text: str, field: str) -> str:
    try:
        address = validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        # The library's message may quote the address.
        raise InvalidRequestError([Violation(field, "is not a valid e-mail address")]) from None
    # Canonical caseless matching: Unicode 16, section 3.13, D145.
    folded = unicodedata.normalize("NFD", address.local_part).casefold()
    return f"{unicodedata.normalize('NFC', folded)}@{address.ascii_domain}"

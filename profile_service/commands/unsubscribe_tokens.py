"""Tokens of unsubscribe links: whose, and what for, sealed under the key of the service.

They are stored nowhere, bound to no log and never over: a link in an old message still works.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from profile_service.domain.errors import TokenInvalidError
from profile_service.keys.cipher import ProfileCipher
from profile_service.keys.errors import SealBrokenError

VERSION = b"\x01"
LABEL = b"unsubscribe"

# What a purpose is written in, by the rules of the proto files; as digits 1 to 39 it is a number, so that
# the longest one fits and every token has the same length.
CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789_.-"
BASE = len(CHARACTERS) + 1
PURPOSE_BYTES = 42  # of 63 characters
ID_BYTES = 16

# 87 bytes: version, nonce (12), id, purpose, tag (16).
FORM = re.compile(r"[A-Za-z0-9_-]{116}")


class Unsubscribing(NamedTuple):
    """What a token says. `purpose`: None for every one."""

    profile_id: UUID
    purpose: str | None


class UnsubscribeTokens:
    """Makes and reads them. Both raise `KeysUnavailableError` while the keys are not open."""

    def __init__(self, cipher: Callable[[], ProfileCipher]) -> None:
        self._cipher = cipher

    def make(self, profile_id: UUID, purpose: str | None) -> str:
        text = profile_id.bytes + _number(purpose or "").to_bytes(PURPOSE_BYTES, "big")
        sealed = self._cipher().seal_short(text, LABEL)
        return base64.urlsafe_b64encode(VERSION + sealed).decode()

    def read(self, token: str) -> Unsubscribing | None:
        """Return what it says; None if somebody made it up. Raises `TokenInvalidError` for another form."""
        if not FORM.fullmatch(token):
            raise TokenInvalidError
        raw = base64.urlsafe_b64decode(token)
        if raw[:1] != VERSION:
            raise TokenInvalidError
        try:
            text = self._cipher().open_short(raw[1:], LABEL)
        except SealBrokenError:
            return None
        purpose = _text(int.from_bytes(text[ID_BYTES:], "big"))
        return Unsubscribing(UUID(bytes=text[:ID_BYTES]), purpose or None)


def _number(purpose: str) -> int:
    number = 0
    for character in purpose:
        number = number * BASE + CHARACTERS.index(character) + 1
    return number


def _text(number: int) -> str:
    characters = []
    while number:
        number, digit = divmod(number, BASE)
        characters.append(CHARACTERS[digit - 1])
    return "".join(reversed(characters))

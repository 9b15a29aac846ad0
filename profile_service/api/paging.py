"""Page tokens (AIP-158): where the next page begins, bound to the log, the call and its filters."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable

from google.protobuf.message import Message

from profile_service.domain.errors import PageTokenInvalidError
from profile_service.keys.cipher import ProfileCipher

LABEL = b"page-token"
POSITION_BYTES = 8
PROOF_BYTES = 16


class PageTokens:
    """Makes and reads tokens under the service's key, which outlives restarts; not those of another log."""

    def __init__(self, cipher: Callable[[], ProfileCipher], log_id: str) -> None:
        self._cipher = cipher
        self._log_id = log_id.encode()

    def write(self, request: Message, after: int) -> str:
        """Return the token of the page after position `after`."""
        place = after.to_bytes(POSITION_BYTES, "big")
        return base64.urlsafe_b64encode(place + self._proof(request, place)).decode()

    def read(self, request: Message) -> int:
        """Return the position that `request.page_token` begins after; 0 for the first page.

        Raises `PageTokenInvalidError` for a token of another call, of other filters, or of another log.
        """
        token: str = request.page_token  # type: ignore[attr-defined]  # every paged request has one
        if not token:
            return 0
        try:
            raw = base64.urlsafe_b64decode(token)
        except (binascii.Error, ValueError):
            raise PageTokenInvalidError from None
        place, proof = raw[:POSITION_BYTES], raw[POSITION_BYTES:]
        if not hmac.compare_digest(proof, self._proof(request, place)):
            raise PageTokenInvalidError
        return int.from_bytes(place, "big")

    def _proof(self, request: Message, place: bytes) -> bytes:
        filters = type(request)()
        filters.CopyFrom(request)
        # What may differ from page to page: the size, and how fresh and for whom it is read.
        for name in ("page_token", "page_size", "at_least_position", "reason"):
            if name in filters.DESCRIPTOR.fields_by_name:
                filters.ClearField(name)
        kind = filters.DESCRIPTOR.full_name.encode()
        body = self._log_id + b"\0" + kind + b"\0" + filters.SerializeToString(deterministic=True) + place
        return self._cipher().digest(LABEL, body)[:PROOF_BYTES]


def page_size(asked: int, default: int) -> int:
    """Return how many entries a page has; 0 stands for the default."""
    return asked or default

"""Never to be contacted again: whose word counts, and whose is refused."""

from __future__ import annotations

from typing import Final

from profile_service.domain.errors import ContactSuppressedError
from profile_service.v1.profile_pb2 import Channel

# Through these something else than the person, or a clerk for them, speaks.
OTHER_SOURCES: Final = frozenset({Channel.CHANNEL_IMPORT, Channel.CHANNEL_SERVICE})


def is_from_person(channel: Channel) -> bool:
    """Whether what comes through this channel comes from the person."""
    return channel not in OTHER_SOURCES


def refuse_other_sources(channel: Channel, *, suppressed: bool) -> None:
    """Take what concerns somebody who is `suppressed` from the person only.

    Raises `ContactSuppressedError`.
    """
    if suppressed and not is_from_person(channel):
        raise ContactSuppressedError

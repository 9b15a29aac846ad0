"""Who was given data of a person, for exports (GDPR Art. 15(1)(c)) and previews of an erasure (Art. 19).

Read from the log itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple
from uuid import UUID

from profile_service.documents.export import Recipient
from profile_service.domain import recipients
from profile_service.keys.errors import SealBrokenError
from profile_service.log.facts import open_fact
from profile_service.log.reader import Filter, LogReader
from profile_service.log.streams import RECIPIENT, stream_name
from profile_service.v1.events_pb2 import DisclosureMade
from profile_service.v1.profile_pb2 import LegalBasis

# Facts in memory at once.
PAGE = 200


class _Disclosed(NamedTuple):
    recipient_id: UUID
    purpose: str
    legal_basis: LegalBasis


def recipients_of(log: LogReader, profile_id: UUID) -> list[Recipient]:
    """Return every recipient, once for each purpose and legal basis, in the order of the first disclosure.

    By the name it has now, also if it was ended since. Blocks.
    """
    disclosed = dict.fromkeys(_disclosures(log, profile_id))
    names = _names(log, [one.recipient_id for one in disclosed])
    return [Recipient(names[one.recipient_id], one.purpose, one.legal_basis) for one in disclosed]


def told_of_an_erasure(log: LogReader, profile_id: UUID) -> dict[UUID, str]:
    """Return the names of those who were given data, by id; the first disclosure first. Blocks."""
    return _names(log, [one.recipient_id for one in _disclosures(log, profile_id)])


def _names(log: LogReader, recipient_ids: Iterable[UUID]) -> dict[UUID, str]:
    streams = {one: stream_name(RECIPIENT, one) for one in recipient_ids}
    stored = log.streams(streams.values()) if streams else {}
    return {
        recipient_id: recipients.require(
            recipients.fold(open_fact(fact, None).message for fact in stored[stream])
        ).name
        for recipient_id, stream in streams.items()
    }


def _disclosures(log: LogReader, profile_id: UUID) -> Iterator[_Disclosed]:
    """Yield what every disclosure says in its open half; a damaged one stands in the history as such."""
    own, after = Filter(profile_ids=[profile_id], types=[DisclosureMade.DESCRIPTOR.full_name]), 0
    while page := log.facts_after(after, PAGE, only=own):
        after = page[-1].position
        for stored in page:
            try:
                made = open_fact(stored, None).message
            except SealBrokenError:
                continue
            if isinstance(made, DisclosureMade):
                yield _Disclosed(UUID(bytes=made.recipient_id), made.purpose, made.legal_basis)

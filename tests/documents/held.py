"""Made-up facts of one person as a dossier yields them, without a log; and reading documents of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

from google.protobuf.message import Message

from profile_service.documents.export import Export, Recipient, as_html, as_json
from profile_service.domain.kept_fields import ABOUT_PEOPLE
from profile_service.log.facts import Fact, StoredFact
from profile_service.log.streams import (
    CONSENTS,
    DISCLOSURES,
    POLICIES_SHOWN,
    PROFILE,
    RIGHTS,
    SIGN_UPS,
    SKIPS,
    stream_name,
)
from profile_service.v1.audit_service_pb2 import PERSONAL_HALF_INCLUDED
from profile_service.v1.events_pb2 import EventHeader
from profile_service.v1.profile_pb2 import CHANNEL_WEB, LEGAL_BASIS_CONSENT
from profile_service.v1.rights_service_pb2 import EXPORT_KIND_ACCESS, ExportKind
from tests.domain.golden import full

PERSON = UUID("3f1a0000-0000-4000-8000-000000000001")
RECIPIENT = Recipient("Printers & Sons <b>", "letters", LEGAL_BASIS_CONSENT)
KINDS = {
    "Consent": CONSENTS,
    "Contact": CONSENTS,
    "Marketing": CONSENTS,
    "SignedUp": SIGN_UPS,
    "SignUp": SIGN_UPS,
    "Rights": RIGHTS,
    "Requester": RIGHTS,
    "LegalHold": RIGHTS,
    "Disclosure": DISCLOSURES,
    "PolicyShown": POLICIES_SHOWN,
    "Projection": SKIPS,
}


def facts_of(*messages: Message) -> list[Fact]:
    """The messages as facts, each in its stream."""
    return [_fact(position, message) for position, message in enumerate(messages, 1)]


def _fact(position: int, message: Message) -> Fact:
    name = message.DESCRIPTOR.name
    kind = next((kind for begin, kind in KINDS.items() if name.startswith(begin)), PROFILE)
    header = EventHeader(
        stream=stream_name(kind, PERSON),
        version=position,
        type=message.DESCRIPTOR.full_name,
        profile_id=PERSON.bytes,
        actor="desk",
        channel=CHANNEL_WEB,
        request_id=bytes(range(16)),
        causation=1,
        schema=1,
    )
    time = 1_700_000_000_000_000 + position
    return Fact(position, time, header, PERSON, message, PERSONAL_HALF_INCLUDED)


def every_fact() -> list[Fact]:
    """One fact of each type that may be of a person, with every field set."""
    return facts_of(*(full(message) for message in ABOUT_PEOPLE if message is not EventHeader))


def export(
    facts: Sequence[Fact | StoredFact],
    kind: ExportKind = EXPORT_KIND_ACCESS,
    recipients: Sequence[Recipient] = (RECIPIENT,),
) -> Export:
    return Export(PERSON, kind, "log", len(facts), 1_800_000_000_000_000, lambda: iter(facts), recipients)


def document(made: Export) -> dict[str, Any]:
    found: dict[str, Any] = json.loads("".join(as_json(made)))
    return found


def page_of(made: Export, language: str = "en") -> Page:
    return Page("".join(as_html(made, language)))


class Page(HTMLParser):
    """The elements, attributes and text of a page."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.source = source
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.texts: list[str] = []
        self.feed(source)
        self.close()

    @property
    def text(self) -> str:
        return " ".join(self.texts)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append(data.strip())

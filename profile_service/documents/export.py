"""The export of one person, in pieces: as JSON, and as a page. See docs/exports.md for its schema.

No more than a page of facts is ever in memory, so the facts are gone through twice: once for how the person
stands now, once for the history. Nothing is written anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from google.protobuf.message import Message

from profile_service.documents.pages import page
from profile_service.documents.plain import EnumName, enum_name, field_value, plain, time_text
from profile_service.documents.state import state_after
from profile_service.documents.texts import texts_in
from profile_service.domain import registry
from profile_service.domain.kept_fields import (
    KeptField,
    OpenField,
    declared_purposes,
    is_provided,
    kept_fields,
    provided_by_person,
    provided_names,
)
from profile_service.log.facts import Fact, StoredFact
from profile_service.v1.annotations_pb2 import DataCategory, DataSource, OpenGround, Retention
from profile_service.v1.profile_pb2 import LegalBasis
from profile_service.v1.rights_service_pb2 import ExportKind

# A change of what JSON holds that a reader could stumble over is a new one.
SCHEMA: Final = "a-profile/export/1"
# What is kept of a person beside the log, none of it readable: identifiers of texts.
TECHNICAL_RECORDS: Final = ("encryption_key", "address_tag", "request_digests", "views")


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who was given data of the person (GDPR Art. 15(1)(c))."""

    name: str
    purpose: str
    legal_basis: LegalBasis


@dataclass(frozen=True, slots=True)
class Export:
    """What a document is made of. `facts` is called once for each time the facts are gone through.

    `time` is when the export was asked for, in microseconds since 1970 UTC.
    """

    profile_id: UUID
    kind: ExportKind
    log_id: str
    position: int
    time: int
    facts: Callable[[], Iterable[Fact | StoredFact]]
    recipients: Sequence[Recipient] = ()

    @property
    def is_portable(self) -> bool:
        return self.kind == ExportKind.EXPORT_KIND_PORTABILITY


def as_json(export: Export) -> Iterator[str]:
    """Yield the pieces of a JSON document."""
    yield _json(_without_history(export))[:-1] + ',"facts":['
    separator = "\n"
    for entry in _history(export):
        yield separator + _json(entry)
        separator = ",\n"
    yield "\n]}\n"


def as_html(export: Export, language: str) -> Iterator[str]:
    """Yield the pieces of a page that stands alone."""
    return page("export.html", texts_in(language), **_without_history(export), facts=_history(export))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _without_history(export: Export) -> dict[str, Any]:
    portable = provided_names() if export.is_portable else None
    state = state_after(_to_fold(export))
    return {
        "schema": SCHEMA,
        "kind": enum_name(ExportKind, export.kind),
        "profile_id": str(export.profile_id),
        "log_id": export.log_id,
        "position": export.position,
        "export_time": time_text(export.time),
        "state": state if portable is None else _only(portable, state),
        "purposes": [
            {"id": one.id, "legal_basis": enum_name(LegalBasis, one.legal_basis)}
            for one in declared_purposes().values()
        ],
        "fields": [
            _declared(field) for field in kept_fields() if portable is None or is_provided(field.declared)
        ],
        "recipients": [
            {"name": one.name, "purpose": one.purpose, "legal_basis": enum_name(LegalBasis, one.legal_basis)}
            for one in export.recipients
        ],
        "technical_records": list(TECHNICAL_RECORDS),
    }


def _to_fold(export: Export) -> Iterator[tuple[str, Message]]:
    """Yield what the state is folded from: for portability without what others said of the person."""
    for fact in export.facts():
        if isinstance(fact, StoredFact):
            continue
        message: Message | None = fact.message
        if export.is_portable and registry.has_personal_fields(fact.header.type):
            message = provided_by_person(fact.message)
        if message is not None:
            yield fact.header.stream.partition("/")[0], message


def _only(names: frozenset[str], state: dict[str, Any]) -> dict[str, Any]:
    """Return of each part of a state the values with these names; a part that has none is left out."""
    kept: dict[str, Any] = {}
    for part, value in state.items():
        if isinstance(value, dict):
            kept[part] = {name: one for name, one in value.items() if name in names}
        elif isinstance(value, list):
            kept[part] = [{name: one for name, one in item.items() if name in names} for item in value]
            kept[part] = [item for item in kept[part] if item]
    return {part: value for part, value in kept.items() if value}


def _declared(field: KeptField) -> dict[str, Any]:
    shown: dict[str, Any] = {"fact": field.fact, "field": field.name}
    if isinstance(field, OpenField):
        return shown | {"personal": False, "ground": enum_name(OpenGround, field.declared.ground)}
    return shown | {
        "personal": True,
        "category": enum_name(DataCategory, field.declared.category),
        "purposes": list(field.declared.purposes),
        "retention": enum_name(Retention, field.declared.retention),
        "source": enum_name(DataSource, field.declared.source),
    }


def _history(export: Export) -> Iterator[dict[str, Any]]:
    for fact in export.facts():
        entry = _damaged(fact) if isinstance(fact, StoredFact) else _entry(fact, export.is_portable)
        if entry:
            yield entry


def _entry(fact: Fact, portable: bool) -> dict[str, Any] | None:
    message = provided_by_person(fact.message) if portable else fact.message
    if message is None:
        return None
    entry: dict[str, Any] = _placed(fact.position, fact.time, fact.header.type)
    if not portable:
        entry["header"] = plain(fact.header)
    open_fields = registry.fact_type(fact.header.type).open
    entry["open"], entry["personal"] = {}, {}
    # Whatever is in the message is in the export: what is not declared open counts as personal.
    for field, value in message.ListFields():
        half = "open" if field.name in open_fields else "personal"
        entry[half][field.name] = field_value(field, value)
    return entry


def _damaged(stored: StoredFact) -> dict[str, Any]:
    return _placed(stored.position, stored.time, stored.type) | {"damaged": True}


def _placed(position: int, time: int, type_name: str) -> dict[str, Any]:
    return {"position": position, "time": time_text(time), "type": EnumName(type_name.rpartition(".")[2])}

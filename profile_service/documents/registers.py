"""The register of processing activities (GDPR Art. 30) and the notice (Art. 13), as tables.

They are made from the field registry alone, and no person is in them.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final

from profile_service.documents.pages import page
from profile_service.documents.texts import LANGUAGES, Texts, texts_in
from profile_service.domain.kept_fields import (
    OpenField,
    PersonalField,
    Purpose,
    declared_purposes,
    erased_fields,
    retained_fields,
)
from profile_service.domain.supplements import Sources
from profile_service.v1.annotations_pb2 import DataCategory, DataSource, OpenGround, Retention
from profile_service.v1.profile_pb2 import LegalBasis

# What a spreadsheet takes for the begin of a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")

Row = Mapping[str, str | list[str]]


@dataclass(frozen=True, slots=True)
class Responsible:
    """Who is answerable, as the City wants it said; "" refers to the published policy.

    `sources`: who else than the person may supply values; none refers to the policy file of the service.
    """

    controller: str = ""
    contact: str = ""
    sources: Sources = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Register:
    """A table in one language, and what is said once for all its rows. Names of columns are identifiers."""

    name: str
    texts: Texts
    statements: Mapping[str, str]
    rows: tuple[Row, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self.rows[0])

    def as_json(self) -> str:
        document = {
            "document": self.name,
            "language": self.texts.language,
            "statements": self.statements,
            "rows": self.rows,
        }
        return json.dumps(document, ensure_ascii=False, indent=2) + "\n"

    def as_csv(self) -> str:
        """Return a table whose every row is whole by itself: the statements are columns, too."""
        output = io.StringIO()
        writer = csv.writer(output, quoting=csv.QUOTE_ALL)
        writer.writerow(_cell(self.texts("registers", name)) for name in (*self.columns, *self.statements))
        for row in self.rows:
            writer.writerow(_cell(value) for value in (*row.values(), *self.statements.values()))
        return output.getvalue()

    def as_html(self) -> str:
        title = self.texts("registers", self.name)
        intro = self.texts("registers", f"{self.name}_intro")
        values: dict[str, Any] = {"statements": self.statements, "columns": self.columns, "rows": self.rows}
        return "".join(page("register.html", self.texts, title=title, intro=intro, **values))


def register_files(responsible: Responsible) -> Iterator[tuple[str, str]]:
    """Yield name and content of every file: both registers, in every language and form."""
    for language in LANGUAGES:
        texts = texts_in(language)
        for register in (processing_register(texts, responsible), notice(texts, responsible)):
            yield f"{register.name}.{language}.json", register.as_json()
            yield f"{register.name}.{language}.csv", register.as_csv()
            yield f"{register.name}.{language}.html", register.as_html()


def processing_register(texts: Texts, responsible: Responsible) -> Register:
    """Return the register of processing activities: one row a purpose."""
    said = _said(texts, "data_subjects", "recipients", "transfers", "security")
    rows = tuple(_activity(texts, purpose) for purpose in declared_purposes().values())
    return Register("register", texts, {**_responsible(texts, responsible), **said}, rows)


def notice(texts: Texts, responsible: Responsible) -> Register:
    """Return the table of what a person is told when giving data: one row a purpose and category."""
    said = _said(texts, "recipients", "transfers", "rights", "complaint", "automated_decisions")
    rows = tuple(
        _purpose(texts, purpose) | _personal(texts, fields)
        for purpose in declared_purposes().values()
        for fields in _by_category(_processed_for(purpose))
    )
    return Register("notice", texts, {**_responsible(texts, responsible), **said}, rows)


def _responsible(texts: Texts, responsible: Responsible) -> dict[str, str]:
    not_given = texts("registers", "not_given")
    return {
        "controller": responsible.controller or not_given,
        "contact": responsible.contact or not_given,
        "other_sources": _named(texts, responsible.sources) or texts("registers", "other_sources_text"),
    }


def _named(texts: Texts, sources: Sources) -> str:
    return "; ".join(
        f"{source.name} ({', '.join(texts('fields', name) for name in sorted(source.fields))})"
        for _, source in sorted(sources.items())
    )


def _said(texts: Texts, *names: str) -> dict[str, str]:
    return {name: texts("registers", f"{name}_text") for name in names}


def _purpose(texts: Texts, purpose: Purpose) -> dict[str, str | list[str]]:
    return {
        "purpose_id": purpose.id,
        "purpose": texts("purposes", purpose.id),
        "legal_basis": texts.value(LegalBasis.Name(purpose.legal_basis)),
    }


def _activity(texts: Texts, purpose: Purpose) -> Row:
    if purpose.is_evidence:
        return _purpose(texts, purpose) | _evidence(texts, retained_fields())
    return _purpose(texts, purpose) | _personal(texts, _processed_for(purpose))


def _processed_for(purpose: Purpose) -> list[PersonalField]:
    return [field for field in erased_fields() if purpose.id in field.declared.purposes]


def _by_category(fields: Iterable[PersonalField]) -> list[list[PersonalField]]:
    def category(field: PersonalField) -> int:
        return field.declared.category

    return [list(group) for _, group in groupby(sorted(fields, key=category), category)]


def _personal(texts: Texts, fields: Iterable[PersonalField]) -> dict[str, str | list[str]]:
    declared = [(field.name, field.declared) for field in fields]
    return {
        "categories": _each(texts, "categories", (DataCategory.Name(one.category) for _, one in declared)),
        "fields": _each(texts, "fields", (name for name, _ in declared)),
        "sources": _each(texts, "sources", (DataSource.Name(one.source) for _, one in declared)),
        "retention": _each(texts, "retentions", (Retention.Name(one.retention) for _, one in declared)),
    }


def _evidence(texts: Texts, fields: list[OpenField]) -> dict[str, str | list[str]]:
    """The same of fields that stay: their grounds take the place of categories."""
    grounds = [OpenGround.Name(field.declared.ground) for field in fields]
    return {
        "categories": _each(texts, "grounds", grounds),
        "fields": _each(texts, "fields", (field.name for field in fields)),
        "sources": [],
        "retention": [texts("registers", "evidence_retention")],
    }


def _each(texts: Texts, section: str, names: Iterable[str]) -> list[str]:
    """The text of each name, once."""
    return [texts(section, name) for name in dict.fromkeys(names)]


def _cell(value: str | list[str]) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = value if isinstance(value, str) else "; ".join(value)
    return f"'{text}" if text.startswith(_FORMULA) else text

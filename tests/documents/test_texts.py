"""Nothing that a document may say is missing in a language, and no language says more than the others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from profile_service.documents import state
from profile_service.documents.export import TECHNICAL_RECORDS
from profile_service.documents.texts import LANGUAGES, MissingTextError, Texts, texts_in
from profile_service.domain.kept_fields import ABOUT_PEOPLE, declared_purposes
from profile_service.v1.annotations_pb2 import DataCategory, DataSource, OpenGround, Retention
from profile_service.v1.consent_service_pb2 import ConsentDecision
from profile_service.v1.events_pb2 import MarketingObjected
from profile_service.v1.profile_pb2 import Profile
from profile_service.v1.rights_pb2 import RightsRequestState
from tests.documents import held

OURS = "profile_service.v1."


def descriptors() -> list[Any]:
    return [*(message.DESCRIPTOR for message in ABOUT_PEOPLE), Profile.DESCRIPTOR]


def fields_below(descriptor: Any) -> Iterator[Any]:
    """Every field of a message, and of those inside it that are ours."""
    for field in descriptor.fields:
        yield field
        if field.message_type and field.message_type.full_name.startswith(OURS):
            yield from fields_below(field.message_type)


def values_of(enum: Any) -> set[str]:
    return {name for name, number in enum.items() if number}


def state_names() -> set[str]:
    """The names of the parts of a state, and of what is in them; of each fact alone, for some undo others."""
    facts = [*held.every_fact(), *held.facts_of(MarketingObjected())]
    states = [state.state_after([(fact.header.stream.partition("/")[0], fact.message)]) for fact in facts]
    parts = [part for shown in states for part in shown.values() if isinstance(part, list)]
    return {name for shown in states for name in shown} | {
        name for part in parts for one in part for name in one
    }


def needed() -> dict[str, set[str]]:
    fields = [field for descriptor in descriptors() for field in fields_below(descriptor)]
    enums = {field.enum_type.full_name: field.enum_type for field in fields if field.enum_type}
    values = {value.name for enum in enums.values() for value in enum.values if value.number}
    return {
        "categories": values_of(DataCategory),
        "purposes": set(declared_purposes()),
        "retentions": values_of(Retention),
        "sources": values_of(DataSource),
        "grounds": values_of(OpenGround),
        "facts": {message.DESCRIPTOR.name for message in ABOUT_PEOPLE},
        "fields": {field.name for field in fields} | state_names(),
        "values": values | values_of(ConsentDecision) | values_of(RightsRequestState),
        "technical_records": set(TECHNICAL_RECORDS),
    }


def lacking(texts: Texts) -> set[tuple[str, str]]:
    """What is needed and not said, and what is said and not needed."""
    return {
        (section, name)
        for section, names in needed().items()
        for name in names ^ texts.sections[section].keys()
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_there_and_none_is_left_over(language: str):
    assert lacking(texts_in(language)) == set()


def test_the_languages_have_the_same_texts():
    dutch, english = (
        {(section, name) for section, texts in texts_in(language).sections.items() for name in texts}
        for language in LANGUAGES
    )
    assert dutch == english
    assert all(
        text.strip()
        for one in LANGUAGES
        for part in texts_in(one).sections.values()
        for text in part.values()
    )


@pytest.mark.parametrize(
    ("section", "name"),
    [
        ("categories", "DATA_CATEGORY_ANSWER"),
        ("purposes", "age-check"),
        ("retentions", "RETENTION_LIFE_OF_PROFILE"),
        ("fields", "phone"),
    ],
)
def test_a_text_that_is_missing_is_noticed_and_never_made_up(section: str, name: str):
    complete = texts_in("nl").sections
    texts = Texts(
        "nl", {**complete, section: {key: text for key, text in complete[section].items() if key != name}}
    )
    assert lacking(texts) == {(section, name)}
    with pytest.raises(MissingTextError, match=name):
        texts(section, name)


def test_there_is_no_document_in_another_language():
    with pytest.raises(ValueError, match="fr"):
        texts_in("fr")

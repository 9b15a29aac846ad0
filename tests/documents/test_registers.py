"""The registers say of every kept field what it is for, in every language and form."""

from __future__ import annotations

import csv
import io
import json

import pytest

from profile_service.documents.registers import (
    Register,
    Responsible,
    notice,
    processing_register,
    register_files,
)
from profile_service.documents.texts import LANGUAGES, texts_in
from profile_service.domain.kept_fields import declared_purposes, erased_fields, retained_fields
from profile_service.domain.supplements import Source
from tests.documents.held import Page

CITY = Responsible("The City, Town Square 1", "privacy@city.example")
NOBODY = Responsible()


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def said_of(register: Register, column: str) -> set[str]:
    return {text for row in register.rows for text in row[column]}


def test_the_register_has_a_row_for_each_purpose_and_names_every_kept_field(language: str):
    texts = texts_in(language)
    register = processing_register(texts, CITY)
    assert [row["purpose_id"] for row in register.rows] == list(declared_purposes())
    kept = {field.name for field in erased_fields()} | {field.name for field in retained_fields()}
    assert said_of(register, "fields") == {texts("fields", name) for name in kept}
    assert all(row["legal_basis"] and row["categories"] and row["retention"] for row in register.rows)


def test_the_notice_says_of_every_personal_field_what_it_is_for(language: str):
    texts = texts_in(language)
    told = {
        (row["purpose_id"], category, field)
        for row in notice(texts, CITY).rows
        for category in row["categories"]
        for field in row["fields"]
    }
    declared = {
        (purpose, field.declared.category, texts("fields", field.name))
        for field in erased_fields()
        for purpose in field.declared.purposes
    }
    assert len(told) == len(declared)
    assert {(purpose, field) for purpose, _, field in told} == {
        (purpose, field) for purpose, _, field in declared
    }


def test_every_form_says_the_same(language: str):
    register = processing_register(texts_in(language), CITY)
    parsed = json.loads(register.as_json())
    assert (parsed["document"], parsed["language"]) == ("register", language)
    assert parsed["statements"]["controller"] == CITY.controller
    head, *lines = csv.reader(io.StringIO(register.as_csv()))
    page = Page(register.as_html())
    assert len(lines) == len(parsed["rows"]) == page.tags.count("tr") - 1
    for line, row in zip(lines, parsed["rows"], strict=True):
        assert len(line) == len(head)
        for text in row.values():
            joined = text if isinstance(text, str) else "; ".join(text)
            assert joined in line
            assert not joined or joined in page.texts


def test_who_is_responsible_is_in_the_policy_if_it_is_not_given(language: str):
    texts = texts_in(language)
    statements = notice(texts, NOBODY).statements
    assert statements["controller"] == statements["contact"] == texts("registers", "not_given")


def test_the_registers_name_the_other_sources_of_the_policy(language: str):
    texts = texts_in(language)
    sources = {"register": Source("The register", frozenset({"phone", "address"}))}
    named = f"The register ({texts('fields', 'address')}, {texts('fields', 'phone')})"
    for register in (processing_register, notice):
        assert register(texts, Responsible(sources=sources)).statements["other_sources"] == named
        not_named = register(texts, NOBODY).statements["other_sources"]
        assert not_named == texts("registers", "other_sources_text")


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_is_a_formula(begin: str):
    formula = f'{begin}HYPERLINK("x")'
    register = processing_register(texts_in("en"), Responsible(formula, formula))
    for line in csv.reader(io.StringIO(register.as_csv())):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in line)
    assert f"'{formula}" in register.as_csv().replace('""', '"')


def test_a_controller_that_is_a_script_is_only_shown(language: str):
    page = Page(notice(texts_in(language), Responsible("<script>1</script>")).as_html())
    assert "script" not in page.tags
    assert "<script>1</script>" in page.texts


def test_the_same_declarations_give_the_same_files():
    files = dict(register_files(CITY))
    assert files == dict(register_files(CITY))
    assert sorted(files) == sorted(
        f"{name}.{language}.{form}"
        for name in ("register", "notice")
        for language in LANGUAGES
        for form in ("json", "csv", "html")
    )

"""When two e-mail addresses are the same address."""

from __future__ import annotations

import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.provisional import domains

from profile_service.domain import email
from profile_service.domain.email import canonical_address, same_address
from profile_service.domain.errors import InvalidRequestError
from tests.domain.strategies import TEXT

# Texts near the border between an address and none, so that both ways of checking are tried.
NEARLY = st.text(string.ascii_letters + string.digits + "@@..--+_'!\"<> \\éÉßİ", max_size=24)
ASCII_ADDRESSES = st.builds("{}@{}".format, st.text(string.ascii_letters + ".+-_'", min_size=1), domains())
LOCAL_PARTS = st.text(st.characters(categories=["L", "N", "M"]), min_size=1, max_size=8)
ADDRESSES = st.builds(
    "{}@{}".format, LOCAL_PARTS, st.sampled_from(["example.be", "Bücher.example", "例え.jp"])
)


def canonical_or_none(check, text: str) -> str | None:
    try:
        return check(text, "email")
    except InvalidRequestError:
        return None


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("Jan.Peeters@Example.BE", "jan.peeters@example.be"),
        ("jan+stad@example.be", "jan+stad@example.be"),
        ("zoë@example.be", "zoë@example.be"),
        ("ZOE\u0308@example.be", "zoë@example.be"),
        ("GROSS@example.be", "gross@example.be"),
        ("groß@example.be", "gross@example.be"),
        ("jan@Bücher.example", "jan@xn--bcher-kva.example"),
        ("jan@XN--BCHER-KVA.example", "jan@xn--bcher-kva.example"),
    ],
)
def test_the_canonical_form(text: str, canonical: str):
    assert canonical_address(text) == canonical


@pytest.mark.parametrize(
    "text",
    [
        "",
        "jan",
        "@example.be",
        "jan@",
        "jan@example",
        "jan@@example.be",
        "jan..peeters@example.be",
        ".jan@example.be",
        "jan@-example.be",
        "jan@exam--ple-.be",
        "jan@ab--cd.be",
        "jan@example.be ",
        "jan@example.be\n",
        "Jan <jan@example.be>",
        '"jan peeters"@example.be',
        "jan@[127.0.0.1]",
        "jan@example.localhost",
        "jan@example.123",
        "jan\u0000@example.be",
        "jan\u202e@example.be",
        "a" * 250 + "@example.be",
        "jan@" + "a" * 64 + ".be",
    ],
)
def test_what_is_no_address_is_refused(text: str):
    with pytest.raises(InvalidRequestError) as caught:
        canonical_address(text, "registration.email")
    assert [violation.field for violation in caught.value.violations] == ["registration.email"]


def test_a_refusal_does_not_repeat_the_address():
    with pytest.raises(InvalidRequestError) as caught:
        canonical_address("secret.name@@example.be")
    assert "secret" not in f"{caught.value!r} {caught.value.violations}"
    assert caught.value.__suppress_context__


def test_dots_and_tags_stay_distinct():
    assert not same_address("jan.peeters@example.be", "janpeeters@example.be")
    assert not same_address("jan@example.be", "jan+stad@example.be")


def test_addresses_that_differ_in_case_only_are_the_same():
    assert same_address("Jan@Example.be", "jan@example.BE")


def test_what_is_no_address_is_the_same_as_itself_only():
    assert same_address("nobody", "nobody")
    assert not same_address("nobody", "Nobody")


@given(st.one_of(ADDRESSES, ASCII_ADDRESSES))
def test_the_canonical_form_is_its_own(text: str):
    once = canonical_or_none(canonical_address, text)
    assume(once is not None and len(once.encode()) <= email.MAX_BYTES)
    assert canonical_address(once or "") == once


@given(st.one_of(NEARLY, ASCII_ADDRESSES, ADDRESSES, TEXT))
def test_the_short_cut_for_plain_addresses_agrees_with_the_full_check(text: str):
    full = canonical_or_none(email._checked_and_folded, text)
    assert canonical_or_none(canonical_address, text) == full

"""A token tells the service alone whose it is; one that somebody made up is nobody's, one cut off is none."""

from __future__ import annotations

import base64
import re
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profile_service.commands.unsubscribe_tokens import CHARACTERS, UnsubscribeTokens, Unsubscribing
from profile_service.domain.errors import TokenInvalidError
from profile_service.v1.objection_pb2 import CreateUnsubscribeLinkRequest
from tests.keys.test_cipher import a_cipher

CIPHER = a_cipher()
TOKENS = UnsubscribeTokens(lambda: CIPHER)
AN = uuid4()
PURPOSES = st.from_regex(r"[a-z][a-z0-9_.-]{0,62}", fullmatch=True)


@given(st.uuids(), st.none() | PURPOSES)
def test_what_was_made_is_read(profile_id: UUID, purpose: str | None):
    token = TOKENS.make(profile_id, purpose)
    assert re.fullmatch(r"[A-Za-z0-9_-]{116}", token)
    assert TOKENS.read(token) == Unsubscribing(profile_id, purpose)


def test_the_longest_purpose_of_every_character_fits():
    for character in CHARACTERS:
        purpose = "a" + character * 62
        assert TOKENS.read(TOKENS.make(AN, purpose)) == Unsubscribing(AN, purpose)


def test_every_character_that_a_purpose_may_have_is_known():
    field = CreateUnsubscribeLinkRequest.DESCRIPTOR.fields_by_name["purpose"]
    (pattern,) = re.findall(r"\^\[.*\$", str(field.GetOptions()))
    allowed = {
        chr(code) for code in range(128) if re.fullmatch(pattern.replace("\\\\", "\\"), "a" + chr(code))
    }
    assert allowed == set(CHARACTERS)


def test_nothing_of_it_can_be_read_and_two_of_one_person_have_nothing_in_common():
    first, second = (base64.urlsafe_b64decode(TOKENS.make(AN, "newsletter")) for _ in range(2))
    for token in (first, second):
        assert AN.bytes not in token
        assert b"newsletter" not in token
    assert first[:1] == second[:1]
    same = sum(one == other for one, other in zip(first[1:], second[1:], strict=True))
    assert same < 10  # of 86; by chance one in three


def test_a_change_of_any_bit_makes_it_nobodys():
    raw = base64.urlsafe_b64decode(TOKENS.make(AN, None))
    for bit in range(8, 8 * len(raw)):
        flipped = bytearray(raw)
        flipped[bit // 8] ^= 1 << bit % 8
        assert TOKENS.read(base64.urlsafe_b64encode(flipped).decode()) is None
    other = UnsubscribeTokens(a_cipher)
    assert other.read(TOKENS.make(AN, None)) is None


@pytest.mark.parametrize("length", [0, 1, 8, 115, 117, 120, 256])
def test_another_length_is_no_token(length: int):
    with pytest.raises(TokenInvalidError):
        TOKENS.read((TOKENS.make(AN, None) * 3)[:length])


@pytest.mark.parametrize("wrong", ["+", "/", "=", "\n", " ", "é", "\0"])
def test_another_alphabet_is_no_token(wrong: str):
    token = TOKENS.make(AN, None)
    for text in (token[:50] + wrong + token[51:], token[:-1] + wrong, token + wrong):
        with pytest.raises(TokenInvalidError):
            TOKENS.read(text)


def test_another_version_is_no_token():
    raw = base64.urlsafe_b64decode(TOKENS.make(AN, None))
    with pytest.raises(TokenInvalidError):
        TOKENS.read(base64.urlsafe_b64encode(b"\x02" + raw[1:]).decode())

"""A token is named by a PKCS#11 URI; what can't be used is refused without showing it."""

from __future__ import annotations

from pathlib import Path

import pytest

from profile_service.keys.errors import RootUnavailableError
from profile_service.keys.roots.token_uri import EXAMPLE, parse_token_uri

PLACES = "?module-path=/m.so&pin-source=file:/pin"


def test_a_uri_names_a_token_a_module_and_a_pin():
    address = parse_token_uri("pkcs11:token=Root%20keys;serial=00ff" + PLACES)
    assert address.attributes == {"token": "Root keys", "serial": "00ff"}
    assert address.module == Path("/m.so")
    assert address.pin_file == Path("/pin")


def test_the_example_of_the_refusals_can_be_used():
    assert parse_token_uri(EXAMPLE).attributes == {"token": "LABEL"}


@pytest.mark.parametrize("source", ["file:/pin", "file:///pin", "file:%2Fpin"])
def test_a_pin_is_in_a_file(source: str):
    assert parse_token_uri(f"pkcs11:token=a?module-path=/m.so&pin-source={source}").pin_file == Path("/pin")


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("pkcs11:" + PLACES, "name a token"),
        ("pkcs11:token=" + PLACES, "only token, serial"),
        ("pkcs11:token=a;object=key" + PLACES, "only token, serial"),
        ("pkcs11:token=a;token=b" + PLACES, "only token, serial"),
        ("pkcs11:token=a", "module-path is missing"),
        ("pkcs11:token=a?module-path=/m.so", "pin-source is missing"),
        ("pkcs11:token=a?module-path=/m.so&pin-source=|/bin/pin", "must be file"),
        ("pkcs11:token=a?module-path=/m.so&pin-value=geheim", "would show the PIN"),
        ("pkcs11:token=a?module-name=m&pin-source=file:/pin", "only module-path"),
    ],
)
def test_what_can_not_be_used_is_refused(uri: str, said: str):
    with pytest.raises(RootUnavailableError, match=said) as refusal:
        parse_token_uri(uri)
    assert "geheim" not in str(refusal.value)

"""A token that shows, copies or keeps its keys is refused; nothing of a key leaves it in clear."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pkcs11
import pytest
from pkcs11 import Attribute, KeyType, ObjectClass

from profile_service.keys.errors import (
    RootMissingError,
    RootRefusedError,
    RootUnavailableError,
    RootUnsafeError,
)
from profile_service.keys.material import random_key
from profile_service.keys.roots import open_root_provider, token_key
from profile_service.keys.roots.pkcs11 import Pkcs11RootProvider
from tests.roots.using_token import PLACE, ROOT_ID
from tests.support.memory import held
from tests.support.tokens import PIN, Token, new_token

HIDDEN = {Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False}


@contextmanager
def session(token: Token) -> Iterator[pkcs11.Session]:
    """Beside the provider, as another program of the token's owner."""
    with (
        pkcs11.lib(str(token.module)).get_token(token_label=token.label).open(rw=True, user_pin=PIN) as opened
    ):
        yield opened


def opened(token: Token) -> Pkcs11RootProvider:
    provider = open_root_provider(token.uri)
    assert isinstance(provider, Pkcs11RootProvider)
    return provider


def names(token: Token) -> list[str]:
    with session(token) as look:
        return sorted(key[Attribute.LABEL] for key in look.get_objects())


def test_starting_leaves_nothing_in_the_token(token: Token):
    opened(token)
    assert names(token) == []


def test_a_root_key_can_not_be_read_by_its_owner(token: Token):
    opened(token).create("epoch-1")
    with session(token) as look:
        (key,) = look.get_objects({Attribute.CLASS: ObjectClass.SECRET_KEY})
        assert key[Attribute.VALUE_LEN] == 32
        with pytest.raises(pkcs11.AttributeSensitive):
            _ = key[Attribute.VALUE]
        with pytest.raises(pkcs11.PKCS11Error):
            key[Attribute.EXTRACTABLE] = True


@pytest.mark.parametrize(
    "template",
    [{Attribute.EXTRACTABLE: True}, {Attribute.SENSITIVE: False}, {Attribute.DESTROYABLE: False}],
    ids=["extractable", "not sensitive", "not destroyable"],
)
def test_a_token_that_makes_less_protected_keys_is_refused_at_start(
    token: Token, template: dict[Attribute, Any], monkeypatch: pytest.MonkeyPatch
):
    """Such a token, planted: it makes of our wish what it likes."""
    monkeypatch.setattr(token_key, "_TEMPLATE", {**token_key._TEMPLATE, **template})
    with pytest.raises(RootUnsafeError):
        opened(token)


@pytest.mark.parametrize(
    ("name", "planted", "said"),
    [
        ("root_place", lambda *_: b"", "does not bind"),
        ("decrypt", lambda *_: random_key(), "does not open what it wrapped"),
    ],
)
def test_a_token_that_does_not_keep_what_it_is_given_is_refused_at_start(
    token: Token, name: str, planted: Any, said: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(f"profile_service.keys.roots.pkcs11.{name}", planted)
    with pytest.raises(RootUnsafeError, match=said):
        opened(token)
    assert names(token) == [], "the trial leaves no key there"


class Undying:
    """A key of a token that says it is destroyed, and keeps it."""

    def __init__(self, key: Any) -> None:
        self._key = key

    def destroy(self) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        return getattr(self._key, name)

    def __getitem__(self, name: Attribute) -> Any:
        return self._key[name]


def test_a_token_that_does_not_destroy_is_refused_at_start(token: Token, monkeypatch: pytest.MonkeyPatch):
    found = token_key.keys_named
    for module in ("pkcs11", "token_key"):
        monkeypatch.setattr(
            f"profile_service.keys.roots.{module}.keys_named",
            lambda look, root_id: [Undying(key) for key in found(look, root_id)],
        )
    with pytest.raises(RootUnsafeError, match="does not destroy"):
        opened(token)


@pytest.mark.parametrize(
    "template",
    [{**HIDDEN, Attribute.EXTRACTABLE: True}, {**HIDDEN, Attribute.SENSITIVE: False}],
    ids=["extractable", "not sensitive"],
)
def test_a_root_key_that_can_leave_the_token_is_refused(token: Token, template: dict[Attribute, bool]):
    provider = opened(token)
    with session(token) as other:
        other.generate_key(KeyType.AES, 256, label="epoch-1", store=True, template=template)
    with pytest.raises(RootUnsafeError, match="can leave"):
        provider.wrap("epoch-1", random_key(), b"")


def test_a_root_key_that_was_brought_into_the_token_is_refused(token: Token):
    """Whoever brought it may have kept a copy."""
    provider = opened(token)
    with session(token) as other:
        other.create_object(
            {
                Attribute.CLASS: ObjectClass.SECRET_KEY,
                Attribute.KEY_TYPE: KeyType.AES,
                Attribute.VALUE: bytes(32),
                Attribute.TOKEN: True,
                Attribute.LABEL: "epoch-1",
                **HIDDEN,
            }
        )
    with pytest.raises(RootUnsafeError):
        provider.wrap("epoch-1", random_key(), b"")


def test_two_keys_of_one_name_are_refused_and_both_destroyed(token: Token):
    provider = opened(token)
    provider.create("epoch-1")
    with session(token) as other:
        other.generate_key(KeyType.AES, 256, label="epoch-1", store=True, template=HIDDEN)
    with pytest.raises(RootRefusedError):
        provider.wrap("epoch-1", random_key(), b"")
    provider.destroy("epoch-1")
    assert names(token) == []


def test_the_token_itself_still_refuses_after_a_refusal(token: Token):
    """A refused opening ends its operation: the next one is not stopped by it."""
    provider = opened(token)
    provider.create("epoch-1")
    key = random_key()
    wrapped = provider.wrap("epoch-1", key, b"here")
    for _ in range(3):
        with pytest.raises(RootRefusedError):
            provider.unwrap("epoch-1", wrapped, b"there")
        assert provider.unwrap("epoch-1", wrapped, b"here") == key


def test_a_wrong_pin_is_refused_at_start(token: Token):
    token.pin_file.write_text("another")
    with pytest.raises(RootUnavailableError, match="PinIncorrect"):
        opened(token)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_pin_that_others_can_read_is_refused(token: Token, mode: int):
    token.pin_file.chmod(mode)
    with pytest.raises(RootUnsafeError):
        opened(token)


def test_a_pin_that_is_not_there_is_missing(token: Token):
    token.pin_file.unlink()
    with pytest.raises(RootMissingError):
        opened(token)


def test_a_token_that_is_not_there_is_refused(token: Token):
    with pytest.raises(RootUnavailableError, match="no tokens"):
        open_root_provider(token.uri.replace("token=", "token=other-"))


def test_a_module_that_is_not_there_is_refused(token: Token, tmp_path: Path):
    with pytest.raises(RootUnavailableError):
        open_root_provider(token.uri.replace(str(token.module), f"{tmp_path}/none.so"))


def test_another_token_of_the_same_name_is_not_taken_for_it(token: Token, token_directory: Path):
    """In it every root key would seem destroyed."""
    provider = opened(token)
    provider.create("epoch-1")
    another = new_token(token_directory)
    provider._address.attributes["token"] = another.label
    with pytest.raises(RootUnavailableError, match="another one"):
        provider.exists("epoch-1")


def test_a_device_forgets_at_once(token: Token):
    provider = opened(token)
    provider._is_hardware = True
    destroyed_at = datetime(2026, 1, 1, tzinfo=UTC)
    assert provider.destroy_final_at(destroyed_at) == destroyed_at


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_what_went_through_the_token_does_not_stay_in_memory(token: Token):
    """Neither in the buffers of the library, nor in the objects that it takes and gives."""
    provider = opened(token)
    provider.create(ROOT_ID)
    given = random_key()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.roots.using_token", token.uri],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    wrapped = bytes.fromhex(process.stdout.readline())
    secrets = {"own": bytes(provider.unwrap(ROOT_ID, wrapped, PLACE)), "given": bytes(given)}
    process.stdin.write(provider.wrap(ROOT_ID, given, PLACE).hex() + "\n")
    assert process.stdout.readline() == "holding\n"
    while_held = held(process.pid, secrets)
    process.stdin.write("\n")
    assert process.stdout.readline() == "dropped\n"
    afterwards = held(process.pid, secrets)
    process.communicate("\n")
    assert while_held == {"given"}, "a scan that does not find a key in use shows nothing"
    assert afterwards == set()

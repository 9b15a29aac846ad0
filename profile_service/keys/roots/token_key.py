"""A root key in a token: how it is made, what must be true of it, and AES-GCM with it."""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress
from typing import Any

import pkcs11
from pkcs11 import Attribute, GCMParams, KeyType, Mechanism, ObjectClass

from profile_service.keys.errors import (
    RootMissingError,
    RootRefusedError,
    RootUnsafeError,
)
from profile_service.keys.material import KEY_BYTES, NONCE_BYTES, zero
from profile_service.keys.roots.provider import checked_root_id

NEEDED_MECHANISMS = (Mechanism.AES_KEY_GEN, Mechanism.AES_GCM)

_TEMPLATE = {
    Attribute.PRIVATE: True,
    Attribute.SENSITIVE: True,
    Attribute.EXTRACTABLE: False,
    Attribute.MODIFIABLE: False,
    Attribute.ENCRYPT: True,
    Attribute.DECRYPT: True,
    Attribute.SIGN: False,
    Attribute.VERIFY: False,
    Attribute.WRAP: False,
    Attribute.UNWRAP: False,
    Attribute.DERIVE: False,
}
# What a token must say of a key. The last three: it was made there, and was never less protected.
_SAFE = {
    Attribute.SENSITIVE: True,
    Attribute.EXTRACTABLE: False,
    Attribute.LOCAL: True,
    Attribute.ALWAYS_SENSITIVE: True,
    Attribute.NEVER_EXTRACTABLE: True,
}
_TAG_BITS = 128
# python-pkcs11 leaves plaintext in its buffer. One so large is a mapping of its own, gone when it is
# freed: malloc keeps nothing above 32 MiB for reuse. Only its first page is ever touched.
_BUFFER_BYTES = 1 << 26


def keys_named(session: pkcs11.Session, root_id: str) -> list[Any]:
    """The secret keys of this name; a token does not keep names unique."""
    wanted = {Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.LABEL: checked_root_id(root_id)}
    return list(session.get_objects(wanted))


def labels(session: pkcs11.Session) -> list[str]:
    """The names of all secret keys in the token."""
    found = session.get_objects({Attribute.CLASS: ObjectClass.SECRET_KEY})
    return [str(_attribute(key, Attribute.LABEL)) for key in found]


def make_key(session: pkcs11.Session, root_id: str) -> None:
    """Make an AES-256 key in the token. Raises `RootUnsafeError` if the token makes it less protected."""
    key = session.generate_key(KeyType.AES, 8 * KEY_BYTES, label=root_id, store=True, template=_TEMPLATE)
    try:
        _refuse_unsafe(key, root_id)
    except RootUnsafeError:
        with suppress(pkcs11.PKCS11Error):
            key.destroy()
        raise


def only_key(session: pkcs11.Session, root_id: str) -> Any:
    """Raises `RootMissingError`, `RootRefusedError` (several) or `RootUnsafeError`."""
    found = keys_named(session, root_id)
    if not found:
        raise RootMissingError(f"the token has no key {root_id}")
    if len(found) > 1:
        raise RootRefusedError(f"the token has {len(found)} keys {root_id}")
    _refuse_unsafe(found[0], root_id)
    return found[0]


def encrypt(root: Any, key: bytearray, place: bytes) -> bytes:
    """Nonce (12), ciphertext (32), tag (16)."""
    nonce = os.urandom(NONCE_BYTES)
    text = bytes(key)
    try:
        sealed: bytes = root.encrypt(text, **_gcm(nonce, place))
    finally:
        _wipe(text)
    return nonce + sealed


def decrypt(root: Any, wrapped: bytes, place: bytes) -> bytearray:
    """A 32-byte key, to be zeroed by the caller. Raises `PKCS11Error`, of no certain class."""
    key = bytearray(KEY_BYTES)
    filled = 0
    sealed = iter([wrapped[NONCE_BYTES:]])
    try:
        for piece in root.decrypt(sealed, buffer_size=_BUFFER_BYTES, **_gcm(wrapped[:NONCE_BYTES], place)):
            memoryview(key)[filled : filled + len(piece)] = piece
            filled += len(piece)
            _wipe(piece)
    except BaseException:
        zero(key)
        raise
    return key


def _refuse_unsafe(key: Any, root_id: str) -> None:
    for attribute, wanted in _SAFE.items():
        if _attribute(key, attribute) is not wanted:
            raise RootUnsafeError(f"key {root_id} can leave the token: {attribute.name} is not {wanted}")
    # Tokens older than PKCS#11 2.40 do not have this attribute, and destroy.
    if _attribute(key, Attribute.DESTROYABLE) is False:
        raise RootUnsafeError(f"key {root_id} can't be destroyed: DESTROYABLE is False")


def _attribute(key: Any, attribute: Attribute) -> Any:
    try:
        return key[attribute]
    except pkcs11.PKCS11Error:
        return None


def _gcm(nonce: bytes, place: bytes) -> dict[str, Any]:
    return {"mechanism": Mechanism.AES_GCM, "mechanism_param": GCMParams(nonce, place, _TAG_BITS)}


def _wipe(value: bytes) -> None:
    """Overwrite a key where a library needs it in an object that is not meant to change."""
    if len(value) > 1:  # shorter ones are shared by the interpreter
        ctypes.memset(id(value) + bytes.__basicsize__ - 1, 0, len(value))

"""Root keys inside a PKCS#11 token: AES-256 keys that never leave it, and wrap there (AES-GCM)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from hmac import compare_digest
from typing import Final
from uuid import uuid4

import pkcs11
from pkcs11 import SlotFlag

from profile_service.keys.errors import (
    RootError,
    RootExistsError,
    RootRefusedError,
    RootUnavailableError,
    RootUnsafeError,
)
from profile_service.keys.material import WRAPPED_BYTES, random_key, zeroed
from profile_service.keys.roots.private_files import read_private
from profile_service.keys.roots.provider import is_of_epoch, root_place
from profile_service.keys.roots.token_key import (
    NEEDED_MECHANISMS,
    decrypt,
    encrypt,
    keys_named,
    labels,
    make_key,
    only_key,
)
from profile_service.keys.roots.token_uri import TokenAddress

_LONGEST_PIN = 255

# A login is the process', not the session's: one use of the module at a time.
_one_at_a_time = threading.RLock()


class Pkcs11RootProvider:
    """A `RootProvider` over one token. Every use logs in anew, so a token may be unplugged in between."""

    name: Final = "pkcs11"

    def __init__(self, address: TokenAddress) -> None:
        """Try out making, using and destroying a key. Raises `RootUnsafeError` or another `RootError`."""
        self._address = address
        self._serial: bytes | None = None
        with _one_at_a_time, _or_unavailable():
            token = self._token()
            missing = [
                mechanism.name
                for mechanism in NEEDED_MECHANISMS
                if mechanism not in token.slot.get_mechanisms()
            ]
            if missing:
                raise RootUnsafeError(f"the token does not have {', '.join(missing)}")
            self._serial = token.serial
            self.place = f"pkcs11:{token.manufacturer_id}/{token.model}/{token.serial.hex()}"
            self._is_hardware = SlotFlag.HW_SLOT in token.slot.flags
        self.places = frozenset({self.place})
        self._try_out()

    def create(self, root_id: str) -> None:
        with self._session() as session:
            if keys_named(session, root_id):
                raise RootExistsError(f"the token has a key {root_id}")
            make_key(session, root_id)

    def wrap(self, root_id: str, key: bytearray, associated_data: bytes) -> bytes:
        with self._session() as session:
            return encrypt(only_key(session, root_id), key, root_place(root_id, associated_data))

    def unwrap(self, root_id: str, wrapped: bytes, associated_data: bytes) -> bytearray:
        place = root_place(root_id, associated_data)
        with self._session() as session:
            root = only_key(session, root_id)
            if len(wrapped) != WRAPPED_BYTES:
                raise RootRefusedError(f"root key {root_id} does not open the key database")
            try:
                return decrypt(root, wrapped, place)
            except pkcs11.PKCS11Error:
                # Tokens differ in the error for a wrong tag: it is one if the same works with a right one.
                with zeroed(random_key()) as other, zeroed(decrypt(root, encrypt(root, other, b""), b"")):
                    raise RootRefusedError(f"root key {root_id} does not open the key database") from None

    def exists(self, root_id: str) -> bool:
        with self._session() as session:
            return bool(keys_named(session, root_id))

    def root_ids(self) -> frozenset[str]:
        with self._session() as session:
            return frozenset(filter(is_of_epoch, labels(session)))

    def destroy(self, root_id: str) -> None:
        """Destroy it in the token, then look for it in a new session."""
        with self._session() as session:
            for key in keys_named(session, root_id):
                key.destroy()
        if self.exists(root_id):
            raise RootUnavailableError(f"the token still has {root_id}")

    def destroy_final_at(self, destroyed_at: datetime) -> datetime | None:
        """At once, for a device. None for a token in software: it keeps its keys in files."""
        return destroyed_at if self._is_hardware else None

    @contextmanager
    def _session(self) -> Iterator[pkcs11.Session]:
        with _one_at_a_time, _or_unavailable():
            token = self._token()
            with token.open(rw=True, user_pin=self._pin()) as session:
                yield session

    def _pin(self) -> str:
        with zeroed(read_private(self._address.pin_file, _LONGEST_PIN)) as pin:
            try:
                return pin.decode().rstrip("\r\n")
            except UnicodeDecodeError:
                raise RootUnavailableError("the PIN is not UTF-8") from None

    def _token(self) -> pkcs11.Token:
        """The token of the address; in place of the one that was there at the start, no other is taken."""
        slots = pkcs11.lib(str(self._address.module)).get_slots(token_present=True)
        found = [token for token in (slot.get_token() for slot in slots) if self._is_meant(token)]
        if len(found) != 1:
            raise RootUnavailableError(f"{len(found) or 'no'} tokens are as root_keys says, not one")
        if self._serial not in (None, found[0].serial):
            raise RootUnavailableError("the token is another one than at the start")
        return found[0]

    def _is_meant(self, token: pkcs11.Token) -> bool:
        has = {
            "token": token.label,
            "serial": token.serial.decode(errors="replace"),
            "manufacturer": token.manufacturer_id,
            "model": token.model,
        }
        return all(has[name] == value for name, value in self._address.attributes.items())

    def _try_out(self) -> None:
        root_id = f"trial-{uuid4().hex}"
        self.create(root_id)
        try:
            with zeroed(random_key()) as key:
                wrapped = self.wrap(root_id, key, b"here")
                with zeroed(self.unwrap(root_id, wrapped, b"here")) as opened:
                    if not compare_digest(opened, key):
                        raise RootUnsafeError("the token does not open what it wrapped")
            self._refuse_elsewhere(root_id, wrapped)
        finally:
            self._destroy_trial(root_id)

    def _refuse_elsewhere(self, root_id: str, wrapped: bytes) -> None:
        try:
            with zeroed(self.unwrap(root_id, wrapped, b"elsewhere")):
                raise RootUnsafeError("the token does not bind a wrapped key to its place")
        except RootRefusedError:
            pass

    def _destroy_trial(self, root_id: str) -> None:
        try:
            self.destroy(root_id)
        except RootError as error:
            raise RootUnsafeError(f"the token does not destroy a key: {error}") from None


@contextmanager
def _or_unavailable() -> Iterator[None]:
    try:
        yield
    except pkcs11.PKCS11Error as error:
        raise RootUnavailableError(f"the token failed: {type(error).__name__}") from None

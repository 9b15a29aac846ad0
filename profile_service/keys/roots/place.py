"""The name of a directory of root keys: random, made by whoever uses it first; it moves with its files.

A root key counts as destroyed only where it was made: a directory in which it never was proves nothing.
"""

from __future__ import annotations

import re
from pathlib import Path
from uuid import uuid4

from profile_service.keys.errors import RootUnavailableError
from profile_service.keys.roots.private_files import is_there, make_once, read_private

FILE = "place.id"
_NAME = re.compile(rb"[0-9a-f]{32}")


def place_of(directory: Path) -> str:
    """Return `file:` and 32 hexadecimal digits. Raises `OSError` or `RootError`."""
    path = directory / FILE
    if not is_there(path):
        make_once(path, uuid4().hex.encode())
    name = read_private(path, 33)
    if not _NAME.fullmatch(name):
        raise RootUnavailableError(f"{path} is damaged")
    return f"file:{name.decode()}"

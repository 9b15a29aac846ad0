"""The file of settings, and what is said of a wrong one. What its values must be is not known here."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError


class SettingsError(Exception):
    """A setting is missing or can't be used; the text is one line and shows no password."""


def read_file(path: Path, known: set[str]) -> dict[str, Any]:
    """Return what a file sets. Raises `SettingsError`."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"config: {path} can't be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise SettingsError(f"config: {path} is not TOML") from None
    unknown = sorted(set(values) - known)
    if unknown:
        raise SettingsError(f"config: {path} has an unknown setting: {unknown[0]}")
    return values


def one_line(error: ValidationError) -> str:
    """The first thing that is wrong. Never shows a value: a URL may hold a password."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    return f"{place}: {message}" if place else message

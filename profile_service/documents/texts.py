"""What documents say, in each language they are written in: one TOML file a language.

There is no fallback: a text that is missing stops the document, and a test before that.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

LANGUAGES: Final = ("nl", "en")


class MissingTextError(Exception):
    """A language lacks a text; the message names it."""


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one language, in sections."""

    language: str
    sections: Mapping[str, Mapping[str, str]]

    def __call__(self, section: str, name: str) -> str:
        """Return a text. Raises `MissingTextError`."""
        try:
            return self.sections[section][name]
        except KeyError:
            raise MissingTextError(f"{self.language}: {section}.{name}") from None

    def value(self, name: str) -> str:
        """Return what the value of an enum is called. Raises `MissingTextError`."""
        return self("page", "unspecified") if name.endswith("_UNSPECIFIED") else self("values", name)


@cache
def texts_in(language: str) -> Texts:
    """Return the texts of one of `LANGUAGES`."""
    if language not in LANGUAGES:
        raise ValueError(f"documents are not written in {language}")
    source = files("profile_service.documents") / "texts" / f"{language}.toml"
    return Texts(language, tomllib.loads(source.read_text(encoding="utf-8")))

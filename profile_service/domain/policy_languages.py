"""A version of the privacy policy in one language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from profile_service.domain.errors import InvalidRequestError, Violation
from profile_service.v1.policy_pb2 import Policy


def in_language(policy: Policy, language: str) -> Policy:
    """Return a version with the words of one language only: the nearest to `language` that it has.

    Nearest is what is left of the tag when parts of it are left off, from its end (RFC 4647, lookup).
    Raises `InvalidRequestError` if the version has none.
    """
    languages = {text.language for text in policy.texts}
    wanted = next((one for one in _ranges(language) if one in languages), None)
    if wanted is None:
        raise InvalidRequestError([Violation("language", "is not a language of this version")])
    narrowed = Policy()
    narrowed.CopyFrom(policy)
    _keep(narrowed.texts, wanted)
    _keep(narrowed.changes, wanted)
    for purpose in narrowed.purposes:
        _keep(purpose.titles, wanted)
        _keep(purpose.consent_texts, wanted)
    return narrowed


def _ranges(language: str) -> Sequence[str]:
    parts = language.split("-")
    return ["-".join(parts[:length]) for length in range(len(parts), 0, -1)]


def _keep(said: Any, language: str) -> None:
    """Leave in a repeated field what is said in `language`."""
    kept = [one for one in said if one.language == language]
    del said[:]
    said.extend(kept)

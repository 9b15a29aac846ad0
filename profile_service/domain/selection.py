"""Whom an audience is made of: what is asked for, and who fits. Consent is not looked at here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from profile_service.domain.ages import AgeBand, age_on, is_within
from profile_service.v1.profile_pb2 import Profile

# The fields of a profile that people are selected by; nothing else of them is opened for it.
SELECTED_BY: Final = frozenset({"date_of_birth", "post_code", "language", "interests"})

# The fields of a profile by which a person is reached and addressed; an audience may name no other.
CONTACT_FIELDS: Final = frozenset(
    {"email", "given_name", "family_name", "phone", "address", "language", "preferred_channel"}
)


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked for. Of each list one is enough, and every list that is not empty counts.

    `languages` are language ranges (RFC 4647, basic filtering): "nl" takes in "nl-BE".
    """

    post_codes: frozenset[str] = frozenset()
    age_bands: tuple[AgeBand, ...] = ()
    languages: tuple[str, ...] = ()
    topics: frozenset[str] = frozenset()

    @property
    def takes_everybody(self) -> bool:
        return not (self.post_codes or self.age_bands or self.languages or self.topics)

    def fits(self, traits: Profile, day: date) -> bool:
        """Say whether a person with these values is asked for, on a day of the City.

        Who has no value where one is asked for does not fit.
        """
        if self.post_codes and traits.post_code not in self.post_codes:
            return False
        if self.topics and self.topics.isdisjoint(traits.interests.topics):
            return False
        if self.languages and not _is_in(traits.language, self.languages):
            return False
        return not self.age_bands or _is_of_age(traits, self.age_bands, day)


def _is_in(tag: str, ranges: Iterable[str]) -> bool:
    subtags = f"{tag.lower()}-"
    return any(subtags.startswith(f"{wanted.lower()}-") for wanted in ranges)


def _is_of_age(traits: Profile, bands: Iterable[AgeBand], day: date) -> bool:
    if not traits.HasField("date_of_birth"):
        return False
    age = age_on(traits.date_of_birth, day)
    return any(is_within(age, band) for band in bands)

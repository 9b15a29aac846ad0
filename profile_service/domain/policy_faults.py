"""What a version of the privacy policy must be beyond the rules written in its proto file.

A fault is a sentence for a client's developer; paths are below "policy".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from profile_service.domain.campaigns import moment
from profile_service.domain.email import canonical_address
from profile_service.domain.errors import InvalidRequestError
from profile_service.domain.values import text_fault
from profile_service.v1.policy_pb2 import ConsentText, Policy, PolicyContact, PolicyPurpose, PolicyWords
from profile_service.v1.profile_pb2 import LegalBasis

Fault = tuple[str, str]


class InLanguage(Protocol):
    """Anything that is said in one language."""

    language: str


def faults(policy: Policy, before: Policy | None) -> Iterator[Fault]:
    """Yield what is wrong with a version that is to follow `before`."""
    languages = [text.language for text in policy.texts]
    yield from _twice("texts", "language", languages)
    if moment(policy.effective_time) is None:
        yield "effective_time", "is not a point in time"
    elif policy.effective_time.nanos:
        yield "effective_time", "is not a whole second"
    for name in ("controller", "data_protection_contact"):
        yield from ((f"{name}.{path}", fault) for path, fault in _contact_faults(getattr(policy, name)))
    yield from _change_faults(policy.changes, languages, first=before is None)
    yield from _twice("purposes", "purpose", [one.purpose for one in policy.purposes])
    known = {one.purpose: one for one in before.purposes} if before else {}
    for index, one in enumerate(policy.purposes):
        found = _purpose_faults(one, languages, known.get(one.purpose))
        yield from ((f"purposes[{index}].{path}", fault) for path, fault in found)


def _contact_faults(contact: PolicyContact) -> Iterator[Fault]:
    fault = text_fault(contact.office)
    if fault:
        yield "office", fault
    try:
        canonical_address(contact.email, "email")
    except InvalidRequestError as error:
        yield from ((violation.field, violation.description) for violation in error.violations)


def _change_faults(
    changes: Sequence[PolicyWords], languages: Sequence[str], *, first: bool
) -> Iterator[Fault]:
    if first and changes:
        yield "changes", "are only for a version that follows another one"
    elif not first:
        yield from _words_faults("changes", changes, languages)


def _purpose_faults(
    purpose: PolicyPurpose, languages: Sequence[str], before: PolicyPurpose | None
) -> Iterator[Fault]:
    yield from _words_faults("titles", purpose.titles, languages)
    if purpose.legal_basis == LegalBasis.LEGAL_BASIS_CONSENT and not purpose.asks_consent:
        yield "asks_consent", "must be true: consent is the legal basis"
    if purpose.asks_consent:
        yield from _language_faults("consent_texts", purpose.consent_texts, languages)
    elif purpose.consent_texts:
        yield "consent_texts", "are only for a purpose that asks consent"
    if purpose.requires_reconsent and not purpose.asks_consent:
        yield "requires_reconsent", "is only for a purpose that asks consent"
    if purpose.asks_consent and not purpose.requires_reconsent and before and before.asks_consent:
        changed = ", ".join(_overtaking(purpose, before))
        if changed:
            yield "requires_reconsent", f"must be true: changed are {changed}"


def _overtaking(purpose: PolicyPurpose, before: PolicyPurpose) -> Iterator[str]:
    """Yield what is new in a purpose that nobody consented to before."""
    if purpose.legal_basis != before.legal_basis:
        yield "legal_basis"
    if purpose.retention != before.retention:
        yield "retention"
    if purpose.direct_marketing and not before.direct_marketing:
        yield "direct_marketing"
    earlier = _by_language(before.consent_texts)
    # A language that is added or left out changes nothing for whoever read another one.
    texts = _by_language(purpose.consent_texts)
    if any(texts[language] != earlier[language] for language in texts.keys() & earlier.keys()):
        yield "consent_texts"


def _by_language(texts: Iterable[ConsentText]) -> dict[str, bytes]:
    return {text.language: text.text_hash for text in texts}


def _words_faults(name: str, words: Sequence[PolicyWords], languages: Sequence[str]) -> Iterator[Fault]:
    yield from _language_faults(name, words, languages)
    for index, one in enumerate(words):
        fault = text_fault(one.text)
        if fault:
            yield f"{name}[{index}].text", fault


def _language_faults(name: str, said: Sequence[InLanguage], languages: Sequence[str]) -> Iterator[Fault]:
    if Counter(one.language for one in said) != Counter(set(languages)):
        yield name, "must be there once in each language of the version"


def _twice(name: str, key: str, values: Sequence[str]) -> Iterator[Fault]:
    counts = Counter(values)
    for index, value in enumerate(values):
        if counts[value] > 1:
            yield f"{name}[{index}].{key}", "is not unique within the version"

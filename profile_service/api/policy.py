"""Who may call what. Whoever is not named may call nothing.

The policy is a TOML file; a caller is `dev` (loopback without TLS) or a SPIFFE id:

    [callers."spiffe://city.example/newsletter"]
    calls = ["ConsentService/CheckConsents", "CampaignService/*"]
    include_personal = false    # may ReplayEvents open personal halves?
    audience_fields = ["email"] # what SelectAudience may answer with beside ids
    evidence_of_erased = false  # may GetConsentProof answer about people who were erased?

    [restriction]               # what a person's data is read for while its processing is restricted
    purposes = ["rights", "legal-claims"]

    [assurance]                 # how sure the identity of who exercises a right must be
    erasure = "substantial"     # none, low, substantial or high (Regulation (EU) 910/2014)

    [guardianship]              # GDPR Art. 8; these are the defaults
    consent_age = 13            # who is younger consents through a guardian only
    majority = 18               # from this birthday on nobody else consents for the person

    [sources.address-register]  # who else than the person may supply values of a profile, and which
    name = "Central register of addresses"
    fields = ["address"]
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from profile_service.domain.guardianship import DEFAULT_LIMITS, OLDEST_MAJORITY, AgeLimits
from profile_service.domain.restrictions import DEFAULT_PURPOSES
from profile_service.domain.rights import DEFAULT_ASSURANCE, Assurance
from profile_service.domain.selection import CONTACT_FIELDS
from profile_service.domain.supplements import SUPPLEMENTABLE, Source, Sources
from profile_service.domain.values import normal_text, text_fault
from profile_service.v1.rights_pb2 import AssuranceLevel, Right

# The caller on loopback without TLS.
DEVELOPMENT = "dev"

# What a rule allows or does not, beside calls.
FLAGS = ("include_personal", "evidence_of_erased")

# As the file names them: RIGHT_ERASURE is "erasure".
RIGHTS = {name.removeprefix("RIGHT_").lower(): number for name, number in Right.items() if number}
LEVELS = {
    name.removeprefix("ASSURANCE_LEVEL_").lower(): number for name, number in AssuranceLevel.items() if number
} | {"none": AssuranceLevel.ASSURANCE_LEVEL_UNSPECIFIED}


# How a call names a source, as `supplement.proto` says; and how long the name that people read may be.
SOURCE_ID = re.compile(r"[a-z][a-z0-9_.-]{0,62}")
SOURCE_NAME = 200

# Tables that a policy may have beside [callers].
MORE_TABLES = ("assurance", "restriction", "guardianship", "sources")
AGES = ("consent_age", "majority")


class PolicyError(Exception):
    """The policy file can't be used; the text says why."""


@dataclass(frozen=True)
class Rule:
    """What one caller may do."""

    calls: tuple[str, ...] = ()
    include_personal: bool = False
    audience_fields: frozenset[str] = frozenset()
    evidence_of_erased: bool = False


@dataclass
class Policy:
    """The rules by caller, and the assurance of identity that each right needs."""

    rules: dict[str, Rule]
    assurance: Assurance = field(default_factory=lambda: DEFAULT_ASSURANCE)
    # What data whose processing is restricted is still read for.
    purposes_while_restricted: frozenset[str] = DEFAULT_PURPOSES
    # From which age on somebody consents alone.
    limits: AgeLimits = DEFAULT_LIMITS
    # Who else than the person may supply values.
    sources: Sources = field(default_factory=dict)
    _decided: dict[tuple[str, str], bool] = field(default_factory=dict)

    def allows(self, caller: str, method: str) -> bool:
        """Say whether `caller` may call `method`, such as "ProfileService/GetProfile"."""
        known = self._decided.get((caller, method))
        if known is not None:
            return known
        rule = self.rules.get(caller)
        allowed = rule is not None and any(fnmatchcase(method, pattern) for pattern in rule.calls)
        if rule is not None:  # strangers are not remembered: there may be very many
            self._decided[caller, method] = allowed
        return allowed

    def check(self, methods: Collection[str]) -> None:
        """Raise `PolicyError` if a rule names what is none of these: a misspelled call would be refused."""
        for caller, rule in self.rules.items():
            for pattern in rule.calls:
                if not any(fnmatchcase(method, pattern) for method in methods):
                    raise PolicyError(f"policy: [callers.{caller}] {pattern} is no call of this service")

    def allows_personal_replay(self, caller: str) -> bool:
        """Say whether `caller` may see personal halves of replayed facts."""
        rule = self.rules.get(caller)
        return rule is not None and rule.include_personal

    def allows_audience_fields(self, caller: str, fields: Collection[str]) -> bool:
        """Say whether `caller` may see these fields of the people in an audience."""
        rule = self.rules.get(caller)
        return rule is not None and rule.audience_fields.issuperset(fields)

    def allows_evidence_of_erased(self, caller: str) -> bool:
        """Say whether `caller` may see what people had decided who were erased since."""
        rule = self.rules.get(caller)
        return rule is not None and rule.evidence_of_erased


BUILT_IN = Policy(
    {
        DEVELOPMENT: Rule(
            ("*",), include_personal=True, audience_fields=CONTACT_FIELDS, evidence_of_erased=True
        )
    }
)


def load_policy(path: Path | None) -> Policy:
    """Read a policy file; without one, `dev` may do everything. Raises `PolicyError`."""
    if path is None:
        return BUILT_IN
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyError(f"policy {path}: {error}") from None
    callers = document.get("callers")
    if not isinstance(callers, dict) or set(document) - {"callers", *MORE_TABLES}:
        more = ", ".join(f"[{name}]" for name in MORE_TABLES)
        raise PolicyError(f"policy {path}: needs a table [callers], and may have {more}; no other")
    rules = {name: _rule(path, name, entry) for name, entry in callers.items()}
    assurance = _assurance(path, document.get("assurance", {}))
    purposes = _purposes(path, document.get("restriction", {}))
    limits = _limits(path, document.get("guardianship", {}))
    return Policy(rules, assurance, purposes, limits, _sources(path, document.get("sources", {})))


def _rule(path: Path, name: str, entry: Any) -> Rule:
    if not isinstance(entry, dict) or set(entry) - {"calls", "audience_fields", *FLAGS}:
        raise PolicyError(
            f"policy {path}: [callers.{name}] may have calls, audience_fields and {', '.join(FLAGS)} only"
        )
    calls, fields = entry.get("calls", []), entry.get("audience_fields", [])
    flags = {flag: entry.get(flag, False) for flag in FLAGS}
    if not _are_names(calls):
        raise PolicyError(f"policy {path}: [callers.{name}] calls must be a list of names")
    for flag, value in flags.items():
        if not isinstance(value, bool):
            raise PolicyError(f"policy {path}: [callers.{name}] {flag} must be true or false")
    if not _are_names(fields) or not CONTACT_FIELDS.issuperset(fields):
        allowed = ", ".join(sorted(CONTACT_FIELDS))
        raise PolicyError(f"policy {path}: [callers.{name}] audience_fields may be {allowed}")
    return Rule(tuple(calls), audience_fields=frozenset(fields), **flags)


def _assurance(path: Path, entry: Any) -> Assurance:
    if not isinstance(entry, dict):
        raise PolicyError(f"policy {path}: assurance must be a table")
    assurance = dict(DEFAULT_ASSURANCE)
    for name, level in entry.items():
        if name not in RIGHTS or not isinstance(level, str) or level not in LEVELS:
            raise PolicyError(
                f"policy {path}: [assurance] may have {', '.join(RIGHTS)}; each {', '.join(LEVELS)}"
            )
        assurance[RIGHTS[name]] = LEVELS[level]
    return assurance


def _purposes(path: Path, entry: Any) -> frozenset[str]:
    if not isinstance(entry, dict) or set(entry) - {"purposes"} or not _are_names(entry.get("purposes", [])):
        raise PolicyError(f"policy {path}: [restriction] may have purposes, a list of names, only")
    return frozenset(entry.get("purposes", DEFAULT_PURPOSES))


def _limits(path: Path, entry: Any) -> AgeLimits:
    if not isinstance(entry, dict) or set(entry) - set(AGES):
        raise PolicyError(f"policy {path}: [guardianship] may have {' and '.join(AGES)}, ages, only")
    if not all(type(age) is int for age in entry.values()):  # true is no age
        raise PolicyError(f"policy {path}: [guardianship] ages are whole numbers of years")
    limits = AgeLimits(**entry)
    if not 0 < limits.consent_age <= limits.majority <= OLDEST_MAJORITY:
        raise PolicyError(
            f"policy {path}: [guardianship] consent_age is above 0 and at most majority, "
            f"majority at most {OLDEST_MAJORITY}"
        )
    return limits


def _sources(path: Path, entries: Any) -> Sources:
    if not isinstance(entries, dict) or not all(map(SOURCE_ID.fullmatch, entries)):
        raise PolicyError(f"policy {path}: sources must be tables, each with an id such as address-register")
    return {source: _source(path, source, entry) for source, entry in entries.items()}


def _source(path: Path, source: str, entry: Any) -> Source:
    if not isinstance(entry, dict) or set(entry) != {"name", "fields"}:
        raise PolicyError(f"policy {path}: [sources.{source}] must have name and fields, and nothing else")
    name, fields = entry["name"], entry["fields"]
    if not isinstance(name, str) or text_fault(name) or len(name) > SOURCE_NAME:
        raise PolicyError(
            f"policy {path}: [sources.{source}] name must be a line of at most {SOURCE_NAME} characters"
        )
    if not _are_names(fields) or not SUPPLEMENTABLE.issuperset(fields):
        allowed = ", ".join(sorted(SUPPLEMENTABLE))
        raise PolicyError(f"policy {path}: [sources.{source}] fields may be {allowed}")
    return Source(normal_text(name), frozenset(fields))


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)

"""Registering: what a person gives becomes the first fact of a profile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from profile_service.domain.email import canonical_address
from profile_service.domain.errors import InvalidRequestError, Violation
from profile_service.domain.values import date_of_birth_fault, normal_text, post_code_fault, text_fault
from profile_service.v1.events_pb2 import ProfileRegistered
from profile_service.v1.profile_service_pb2 import Registration


class Decided(NamedTuple):
    """What a registration becomes: its facts, and the canonical address to reserve for them."""

    facts: list[ProfileRegistered]
    address: str


def register(registration: Registration, today: date, path: str = "registration") -> Decided:
    """Decide on a registration that follows the rules of its proto file. The address is kept as written.

    Raises `InvalidRequestError`, with every violation of the fields below `path`.
    Whether the address is free is not known here.
    """
    violations = list(_violations(registration, today, path))
    address = ""
    try:
        address = canonical_address(registration.email, f"{path}.email")
    except InvalidRequestError as error:
        violations[:0] = error.violations
    if violations:
        raise InvalidRequestError(violations)
    registered = ProfileRegistered(
        email=registration.email,
        given_name=normal_text(registration.given_name),
        family_name=normal_text(registration.family_name),
        date_of_birth=registration.date_of_birth,
        post_code=registration.post_code,
        language=registration.language,
        policy_version=registration.policy_version,
    )
    if registration.gender:
        registered.gender = registration.gender
    return Decided([registered], address)


def _violations(registration: Registration, today: date, path: str) -> Iterator[Violation]:
    faults = {
        "given_name": text_fault(registration.given_name),
        "family_name": text_fault(registration.family_name),
        "date_of_birth": date_of_birth_fault(registration.date_of_birth, today),
        "post_code": post_code_fault(registration.post_code),
    }
    for field, fault in faults.items():
        if fault:
            yield Violation(f"{path}.{field}", fault)

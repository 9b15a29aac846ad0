"""Sources that may supply values in the services of tests, and supplements of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from profile_service.domain.selection import CONTACT_FIELDS
from profile_service.v1.profile_pb2 import CHANNEL_SERVICE, LEGAL_BASIS_PUBLIC_TASK, Address, Profile
from profile_service.v1.supplement_pb2 import RecordNoticeRequest, SupplementProfileRequest
from tests.support.people import Person, new_id

SOURCE: Final = "address-register"
SOURCE_NAME: Final = "Central register of addresses"
# Beside the sources, what `dev` may without a policy file.
POLICY: Final = f"""
[callers.dev]
calls = ["*"]
include_personal = true
audience_fields = {sorted(CONTACT_FIELDS)}
evidence_of_erased = true

[sources.{SOURCE}]
name = "{SOURCE_NAME}"
fields = ["address", "phone"]

[sources.sports-federation]
name = "Federation of sports clubs"
fields = ["interests"]
"""


def with_sources(directory: Path) -> dict[str, str]:
    """Write a policy that names the sources; return the environment of a service that obeys it."""
    path = directory / "policy.toml"
    path.write_text(POLICY)
    return {"APROFILE_POLICY": str(path)}


def address_of(person: Person) -> Profile:
    """An address that the person did not give."""
    return Profile(
        address=Address(
            street=f"Lane {person.mark}",
            house_number="2",
            post_code="2018",
            municipality=f"Town {person.mark}",
            country="BE",
        )
    )


def supplement(profile_id: str, values: Profile, **changes: Any) -> SupplementProfileRequest:
    request = SupplementProfileRequest(
        request_id=new_id(),
        profile_id=profile_id,
        source=SOURCE,
        collection_reference="Agreement 12",
        legal_basis=LEGAL_BASIS_PUBLIC_TASK,
        values=values,
        channel=CHANNEL_SERVICE,
    )
    for name, value in changes.items():
        setattr(request, name, value)
    return request


def notice(profile_id: str, supplement_id: str) -> RecordNoticeRequest:
    """The person was told today."""
    return RecordNoticeRequest(
        request_id=new_id(), profile_id=profile_id, supplement_id=supplement_id, channel=CHANNEL_SERVICE
    )

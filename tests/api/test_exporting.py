"""What a person gets who asks what the City has, over a real server; and what is left of it afterwards."""

from __future__ import annotations

import json
from typing import Any

import pytest

from profile_service.v1.rights_service_pb2 import (
    EXPORT_FORMAT_JSON,
    EXPORT_KIND_ACCESS,
    ExportProfileRequest,
)
from tests.api import calls
from tests.api.calls import SECONDS
from tests.support import people
from tests.support.service import Stubs

pytestmark = pytest.mark.service


def export(profile_id: str, **values: Any) -> ExportProfileRequest:
    wanted = {"kind": EXPORT_KIND_ACCESS, "format": EXPORT_FORMAT_JSON, "reason": people.REASON, **values}
    return ExportProfileRequest(profile_id=profile_id, **wanted)


def exported(stubs: Stubs, request: ExportProfileRequest) -> str:
    return b"".join(one.chunk for one in stubs.rights.ExportProfile(request, timeout=SECONDS)).decode()


def test_an_export_has_the_state_and_every_fact(living: Stubs):
    person = people.new_person()
    profile_id = calls.register(living, person).profile_id
    last = living.consents.SetConsent(people.consent(profile_id), timeout=SECONDS).position.value
    document = json.loads(exported(living, export(profile_id)))
    assert document["state"]["profile"]["email"] == calls.profile_of(living, profile_id, last).email
    assert [fact["type"] for fact in document["facts"]] == ["ProfileRegistered", "ConsentGiven"]

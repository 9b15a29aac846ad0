"""Who may call what: whoever is not named may call nothing; a malformed policy starts nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from profile_service.api.pipeline import LONG_STREAMS, SHIELDED_WITHIN
from profile_service.api.policy import BUILT_IN, PolicyError, load_policy
from profile_service.domain.guardianship import AgeLimits
from profile_service.domain.restrictions import DEFAULT_PURPOSES
from profile_service.domain.rights import DEFAULT_ASSURANCE
from profile_service.domain.selection import CONTACT_FIELDS
from profile_service.domain.supplements import Source
from profile_service.v1 import (
    audience_service_pb2,
    audit_service_pb2,
    campaign_service_pb2,
    consent_service_pb2,
    disclosure_service_pb2,
    guardian_service_pb2,
    operations_service_pb2,
    policy_service_pb2,
    profile_service_pb2,
    rights_service_pb2,
    statistics_service_pb2,
)
from profile_service.v1.audience_service_pb2 import SelectAudienceRequest
from profile_service.v1.audit_service_pb2 import ReplayEventsRequest
from profile_service.v1.consent_service_pb2 import GetConsentProofRequest
from profile_service.v1.profile_pb2 import Profile, ReadReason
from profile_service.v1.rights_pb2 import (
    ASSURANCE_LEVEL_HIGH,
    ASSURANCE_LEVEL_UNSPECIFIED,
    RIGHT_ACCESS,
    RIGHT_ERASURE,
)
from tests.api import calls
from tests.support import people
from tests.support.repository import ROOT
from tests.support.service import Databases, Service, Stubs, running_service

FILES = (
    audience_service_pb2,
    audit_service_pb2,
    campaign_service_pb2,
    consent_service_pb2,
    disclosure_service_pb2,
    guardian_service_pb2,
    operations_service_pb2,
    policy_service_pb2,
    profile_service_pb2,
    rights_service_pb2,
    statistics_service_pb2,
)
METHODS = {
    f"{service.name}/{method.name}": method
    for file in FILES
    for service in file.DESCRIPTOR.services_by_name.values()
    for method in service.methods
}
POLICY = """
[callers.dev]
calls = [
  "ConsentService/*", "ProfileService/RegisterProfile", "AuditService/ReplayEvents", "*/GetKeyStatus",
  "AudienceService/SelectAudience", "RightsService/EraseProfile",
]
audience_fields = ["email", "language"]

[callers."spiffe://city.example/desk"]
calls = ["*"]
include_personal = true
"""
ALLOWED = {
    *(name for name in METHODS if name.startswith("ConsentService/")),
    "ProfileService/RegisterProfile",
    "AuditService/ReplayEvents",
    "AudienceService/SelectAudience",
    "OperationsService/GetKeyStatus",
    "RightsService/EraseProfile",
}


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stubs]:
    """A service whose policy names `dev` for some calls only."""
    directory: Path = tmp_path_factory.mktemp("policy")
    policy = directory / "policy.toml"
    policy.write_text(POLICY)
    environment = {"APROFILE_POLICY": str(policy)}
    with (
        running_service(directory, Databases.sqlite(directory), environment=environment) as service,
        service.stubs() as stubs,
    ):
        yield stubs


@pytest.mark.service
@pytest.mark.parametrize("name", METHODS)
def test_a_call_that_is_not_named_is_refused_before_its_request_is_read(narrow: Stubs, name: str):
    """The body is no message of any type: who is allowed hears that, who is not hears nothing of it."""
    method = METHODS[name]
    kind = (
        "stream" if method.client_streaming else "unary",
        "stream" if method.server_streaming else "unary",
    )
    call = getattr(narrow.channel, "_".join(kind))(f"/profile_service.v1.{name}")
    body = b"\xff" * 10
    found = calls.refused(call, iter([body]) if method.client_streaming else body)
    if name in ALLOWED:
        assert found.reason == "INVALID_REQUEST"
    else:
        assert (found.status, found.reason) == (grpc.StatusCode.PERMISSION_DENIED, "CALLER_NOT_ALLOWED")


@pytest.mark.service
def test_personal_halves_need_more_than_the_call(narrow: Stubs):
    person = people.new_person()
    calls.register(narrow, person)
    wanted = ReplayEventsRequest(include_personal=True, reason=people.REASON)
    found = calls.refused(narrow.audit.ReplayEvents, wanted)
    assert (found.status, found.reason) == (grpc.StatusCode.PERMISSION_DENIED, "CALLER_NOT_ALLOWED")
    (event,) = calls.events(narrow, types=["ProfileRegistered"])
    assert person.mark.encode() not in event.SerializeToString()


@pytest.mark.service
def test_what_the_erased_had_decided_needs_more_than_the_call(narrow: Stubs):
    """Of the living it does not; and of both the log still has it."""
    profile_id = calls.register(narrow).profile_id
    given = narrow.consents.SetConsent(people.consent(profile_id), timeout=calls.SECONDS).position
    wanted = GetConsentProofRequest(
        profile_id=profile_id, purpose="newsletter", reason=people.REASON, position=given
    )
    assert narrow.consents.GetConsentProof(wanted, timeout=calls.SECONDS).proof.position == given
    narrow.rights.EraseProfile(people.erase(profile_id), timeout=calls.SECONDS)
    assert calls.refused(narrow.consents.GetConsentProof, wanted).reason == "PROFILE_ERASED"
    assert calls.events(narrow, profile_ids=[profile_id], types=["ConsentGiven"])


@pytest.mark.service
def test_an_audience_is_answered_with_the_fields_that_the_policy_names(narrow: Stubs):
    person = people.new_person()
    profile_id = calls.register(narrow, person).profile_id
    narrow.consents.SetConsent(people.consent(profile_id), timeout=calls.SECONDS)
    wanted = SelectAudienceRequest(purpose="newsletter", reason=people.REASON)
    wanted.contact_mask.paths.extend(["email", "language"])
    (page,) = narrow.audience.SelectAudience(wanted, timeout=calls.SECONDS)
    (member,) = page.members
    assert member.contact == Profile(email=person.email, language="nl-BE")

    wanted.contact_mask.paths.append("family_name")
    found = calls.refused(narrow.audience.SelectAudience, wanted)
    assert (found.status, found.reason) == (grpc.StatusCode.PERMISSION_DENIED, "CALLER_NOT_ALLOWED")


def test_the_lists_of_the_pipeline_name_calls_that_exist():
    assert METHODS.keys() >= LONG_STREAMS | SHIELDED_WITHIN


def test_every_request_for_personal_data_has_a_reason():
    """What opens a profile, consents, sign-ups, disclosures or a suppression; a replay, and a list of all
    recipients, ask for it only at need."""
    reading = {name for name, method in METHODS.items() if "reason" in method.input_type.fields_by_name}
    assert reading == {
        "ProfileService/GetProfile",
        "ProfileService/GetProfileAsOf",
        "ProfileService/FindProfile",
        "ProfileService/ListNoticeDue",
        "ConsentService/ListConsents",
        "ConsentService/CheckConsents",
        "ConsentService/GetConsentProof",
        "ConsentService/GetConsentReceipt",
        "CampaignService/ListSignUps",
        "AudienceService/SelectAudience",
        "AuditService/ReplayEvents",
        "DisclosureService/DiscloseProfile",
        "DisclosureService/ListDisclosures",
        "DisclosureService/ListObligations",
        "DisclosureService/ListRecipients",
        "GuardianService/ListConfirmationsDue",
        "GuardianService/ListGuardians",
        "PolicyService/ListNotInformed",
        "PolicyService/ListReconsentDue",
        "RightsService/CheckContactSuppression",
        "StatisticsService/GetLivingCounts",
        "RightsService/ExportProfile",
        "RightsService/PreviewErasure",
        "RightsService/ListHolds",
        "RightsService/ListOverdue",
        "RightsService/ListRequests",
        "RightsService/ListRestrictions",
    }


def test_without_a_file_only_the_developer_may_do_everything():
    policy = load_policy(None)
    assert policy is BUILT_IN
    for name in METHODS:
        assert policy.allows("dev", name)
        assert not policy.allows("spiffe://city.example/desk", name)
    assert policy.allows_personal_replay("dev")
    assert policy.allows_evidence_of_erased("dev")
    assert policy.allows_audience_fields("dev", CONTACT_FIELDS)
    assert not policy.allows_audience_fields("", [])
    assert not policy.allows_personal_replay("")
    assert not policy.allows_evidence_of_erased("")


def test_the_policy_in_the_documents_knows_every_call_of_an_operator(tmp_path: Path):
    """Who only looks is named for every call that changes nothing; the rest is said to change something."""
    text = (ROOT / "docs/operations.md").read_text()
    path = tmp_path / "policy.toml"
    path.write_text(text.partition("```toml\n")[2].partition("```")[0])
    policy = load_policy(path)
    for name in METHODS:
        service, _, call = name.partition("/")
        looks = service == "OperationsService" and call.startswith(("Get", "List", "Verify"))
        assert policy.allows("spiffe://city.example/operations", name) == (service == "OperationsService")
        assert policy.allows("spiffe://city.example/monitoring", name) == looks
        assert looks or service != "OperationsService" or f"`{call}`" in text


def test_patterns_are_of_whole_names_and_know_cases(tmp_path: Path):
    path = tmp_path / "policy.toml"
    path.write_text('[callers.a]\ncalls = ["ProfileService/Get*", "consentservice/*"]\n[callers.b]\n')
    policy = load_policy(path)
    assert policy.allows("a", "ProfileService/GetProfile")
    assert not policy.allows("a", "ProfileService/FindProfile")
    assert not policy.allows("a", "ConsentService/SetConsent")
    assert not policy.allows("A", "ProfileService/GetProfile")
    assert not policy.allows("b", "ProfileService/GetProfile")
    assert not policy.allows_personal_replay("a")
    assert not policy.allows_evidence_of_erased("a")
    assert not policy.allows_audience_fields("a", ["email"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[callers",
        "calls = []",
        "callers = 1",
        "[callers]\ndev = 1",
        "[callers.dev]\ncall = []",
        "[callers.dev]\ncalls = 'all'",
        "[callers.dev]\ncalls = [1]",
        "[callers.dev]\ninclude_personal = 'yes'",
        "[callers.dev]\nevidence_of_erased = 'yes'",
        "[callers.dev]\naudience_fields = 'email'",
        "[callers.dev]\naudience_fields = ['gender']",
        "[callers.dev]\naudience_fields = [['email']]",
        "[callers.dev]\ncalls = ['*']\n[default]\ncalls = ['*']",
        "assurance = 'high'\n[callers.dev]\ncalls = ['*']",
        "[callers.dev]\ncalls = ['*']\n[assurance]\nerasure = 'certain'",
        "[callers.dev]\ncalls = ['*']\n[assurance]\nerasure = ['high']",
        "[callers.dev]\ncalls = ['*']\n[assurance]\nerase = 'high'",
        "\x00",
    ],
)
def test_a_malformed_policy_is_no_policy(tmp_path: Path, text: str):
    path = tmp_path / "policy.toml"
    path.write_text(text)
    with pytest.raises(PolicyError, match=r"policy\.toml: .+"):
        load_policy(path)


@pytest.mark.service
def test_a_service_with_a_malformed_policy_refuses_to_start_in_one_line(tmp_path: Path):
    policy = tmp_path / "policy.toml"
    policy.write_text("[callers.dev]\ncalls = 'all'\n")
    service = Service(tmp_path, Databases.sqlite(tmp_path), environment={"APROFILE_POLICY": str(policy)})
    status, said = calls.refuses_to_start(service)
    assert status == 2
    assert said == f"aprofile: policy {policy}: [callers.dev] calls must be a list of names"


def test_a_policy_says_how_sure_an_identity_must_be(tmp_path: Path):
    path = tmp_path / "policy.toml"
    path.write_text("[callers.dev]\ncalls = ['*']\n[assurance]\nerasure = 'high'\naccess = 'none'\n")
    changed: dict[int, int] = {RIGHT_ERASURE: ASSURANCE_LEVEL_HIGH, RIGHT_ACCESS: ASSURANCE_LEVEL_UNSPECIFIED}
    assert load_policy(path).assurance == {**DEFAULT_ASSURANCE, **changed}


def test_a_policy_says_what_restricted_data_is_read_for(tmp_path: Path):
    path = tmp_path / "policy.toml"
    path.write_text("[callers.dev]\ncalls = ['*']\n[restriction]\npurposes = ['courts']\n")
    assert load_policy(path).purposes_while_restricted == {"courts"}
    path.write_text("[callers.dev]\ncalls = ['*']\n")
    assert load_policy(path).purposes_while_restricted == DEFAULT_PURPOSES


@pytest.mark.parametrize("table", ["purposes = 'courts'", "purpose = ['courts']", "purposes = [1]"])
def test_a_policy_about_restrictions_that_can_not_be_read_is_a_mistake(tmp_path: Path, table: str):
    path = tmp_path / "policy.toml"
    path.write_text(f"[callers.dev]\ncalls = ['*']\n[restriction]\n{table}\n")
    with pytest.raises(PolicyError, match=r"\[restriction\] may have purposes"):
        load_policy(path)


def test_a_policy_says_from_which_age_on_people_consent_alone(tmp_path: Path):
    path = tmp_path / "policy.toml"
    path.write_text("[callers.dev]\ncalls = ['*']\n[guardianship]\nconsent_age = 16\nmajority = 16\n")
    assert load_policy(path).limits == AgeLimits(16, 16)
    path.write_text("[callers.dev]\ncalls = ['*']\n[guardianship]\nmajority = 21\n")
    assert load_policy(path).limits == AgeLimits(13, 21)
    path.write_text("[callers.dev]\ncalls = ['*']\n")
    assert load_policy(path).limits == AgeLimits(13, 18)


@pytest.mark.parametrize(
    "table",
    [
        "consent_age = 0",
        "consent_age = -1",
        "consent_age = 19",
        "majority = 12",
        "majority = 31",
        "majority = '18'",
        "majority = 18.0",
        "consent_age = true",
        "adult = 18",
    ],
)
def test_a_policy_with_impossible_ages_is_a_mistake(tmp_path: Path, table: str):
    path = tmp_path / "policy.toml"
    path.write_text(f"[callers.dev]\ncalls = ['*']\n[guardianship]\n{table}\n")
    with pytest.raises(PolicyError, match=r"policy\.toml: \[guardianship\] .+"):
        load_policy(path)


def test_a_policy_says_who_else_may_supply_values(tmp_path: Path):
    path = tmp_path / "policy.toml"
    path.write_text("[callers.dev]\n[sources.register]\nname = 'The register '\nfields = ['address']\n")
    assert load_policy(path).sources == {"register": Source("The register", frozenset({"address"}))}
    assert not load_policy(None).sources


@pytest.mark.parametrize(
    "text",
    [
        "[sources]\nregister = 'all'",
        "[sources.Register]\nname = 'a'\nfields = ['phone']",
        "[sources.register]\nname = 'a'",
        "[sources.register]\nfields = ['phone']",
        "[sources.register]\nname = 'a'\nfields = ['phone']\nalso = 1",
        "[sources.register]\nname = 1\nfields = ['phone']",
        "[sources.register]\nname = ' '\nfields = ['phone']",
        '[sources.register]\nname = "a\\nb"\nfields = ["phone"]',
        "[sources.register]\nname = 'a'\nfields = 'phone'",
        "[sources.register]\nname = 'a'\nfields = ['email']",
    ],
)
def test_a_policy_about_sources_that_can_not_be_read_is_a_mistake(tmp_path: Path, text: str):
    path = tmp_path / "policy.toml"
    path.write_text(f"[callers.dev]\n{text}\n")
    with pytest.raises(PolicyError, match="sources"):
        load_policy(path)


def test_every_answer_about_people_is_asked_for_with_a_reason():
    """Whatever answers with something that a person said, chose or is, wherever it stands in the answer."""
    told = {
        name
        for name, method in METHODS.items()
        if reached_from(method.output_type)
        & {"Profile", "Answer", "Consent", "ConsentProof", "RightsRequest", "LegalHold", "Restriction"}
        | reached_from(method.output_type) & {"Guardian", "ConfirmationDue"}
    }
    asked = {name for name, method in METHODS.items() if "reason" in method.input_type.fields_by_name}
    assert len(told) > 5
    assert told - asked == set()


def reached_from(message: Any, seen: frozenset[str] = frozenset()) -> set[str]:
    """The names of every message that a message may hold, its own included."""
    found = {message.name}
    for field in message.fields:
        if field.message_type and field.message_type.name not in seen | found:
            found |= reached_from(field.message_type, seen | found)
    return found


@pytest.mark.service
@pytest.mark.parametrize("call", ["ProfileService/GetProfle", "Nope/*", "profileservice/*"])
def test_a_policy_that_names_no_call_of_ours_is_a_mistake(tmp_path: Path, call: str):
    policy = tmp_path / "policy.toml"
    policy.write_text(f"[callers.dev]\ncalls = ['ProfileService/*', '{call}']\n")
    service = Service(tmp_path, Databases.sqlite(tmp_path), environment={"APROFILE_POLICY": str(policy)})
    status, said = calls.refuses_to_start(service)
    assert status == 2
    assert said.endswith(f"[callers.dev] {call} is no call of this service")


def test_every_reason_of_a_request_is_a_reason_for_reading():
    """By it the pipeline knows answers about people."""
    fields = [field for method in METHODS.values() for field in method.input_type.fields]
    named = {field.full_name for field in fields if field.name == "reason"}
    typed = {field.full_name for field in fields if field.message_type is ReadReason.DESCRIPTOR}
    assert named == typed
    assert len(named) > 15

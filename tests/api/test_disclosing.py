"""What leaves for whom, on both databases: only what is both asked for and allowed, and never unrecorded."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from profile_service.certificates.signing import verify
from profile_service.v1.consent_service_pb2 import CONSENT_DECISION_WITHDRAWN
from profile_service.v1.disclosure_service_pb2 import (
    OBLIGATION_STATE_ACKNOWLEDGED,
    OBLIGATION_STATE_OPEN,
    OBLIGATION_STATE_UNSPECIFIED,
    EndRecipientRequest,
    GetRecipientRequest,
    ListDisclosuresRequest,
    ListObligationsRequest,
    ListRecipientsRequest,
    Obligation,
    ObligationState,
    UpdateRecipientRequest,
)
from profile_service.v1.events_pb2 import (
    OBLIGATION_KIND_ERASURE,
    OBLIGATION_KIND_RECTIFICATION,
    OBLIGATION_KIND_RESTRICTION,
    DisclosureMade,
)
from profile_service.v1.objection_pb2 import ObjectToMarketingRequest
from profile_service.v1.profile_pb2 import (
    CHANNEL_PAPER,
    LEGAL_BASIS_LEGAL_OBLIGATION,
    LEGAL_BASIS_PUBLIC_TASK,
    Profile,
)
from profile_service.v1.rights_pb2 import RIGHT_ERASURE
from profile_service.v1.rights_service_pb2 import (
    EXPORT_FORMAT_JSON,
    EXPORT_KIND_ACCESS,
    ExportProfileRequest,
    GetCertificateKeyRequest,
    GetErasureCertificateRequest,
    PreviewErasureRequest,
    ReleaseHoldRequest,
)
from tests.api import calls
from tests.api.calls import SECONDS
from tests.support import people, recipients
from tests.support.service import Stubs

pytestmark = pytest.mark.service


def registered(stubs: Stubs, recipient: Any) -> str:
    answer = stubs.disclosures.RegisterRecipient(recipients.registration(recipient), timeout=SECONDS)
    recipient_id: str = answer.recipient_id
    return recipient_id


def subscriber(stubs: Stubs, person: people.Person | None = None) -> str:
    """A person who agreed to the newsletter."""
    profile_id = calls.register(stubs, person).profile_id
    stubs.consents.SetConsent(people.consent(profile_id), timeout=SECONDS)
    return profile_id


def obligations(
    stubs: Stubs, profile_id: str, state: ObligationState = OBLIGATION_STATE_UNSPECIFIED
) -> list[Obligation]:
    wanted = ListObligationsRequest(profile_id=profile_id, reason=people.REASON, state=state)
    return list(stubs.disclosures.ListObligations(wanted, timeout=SECONDS).obligations)


def until(look: Any, seconds: float = 20.0) -> Any:
    """Look again until something is found."""
    end = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < end:
        time.sleep(0.05)
    assert found
    return found


def test_what_is_asked_for_and_allowed_leaves_and_is_listed(living: Stubs):
    person = people.new_person()
    profile_id = subscriber(living, person)
    recipient_id = registered(living, recipients.supplier("email", "given_name", "phone"))
    asked = recipients.disclosure(profile_id, recipient_id, "given_name", "phone")
    disclosed = living.disclosures.DiscloseProfile(asked, timeout=SECONDS)
    assert disclosed.profile == Profile(given_name=f"Given{person.mark}")
    assert living.disclosures.DiscloseProfile(asked, timeout=SECONDS) == disclosed

    listing = ListDisclosuresRequest(
        profile_id=profile_id, reason=people.REASON, at_least_position=disclosed.position
    )
    (listed,) = living.disclosures.ListDisclosures(listing, timeout=SECONDS).disclosures
    assert (listed.recipient_id, list(listed.fields)) == (recipient_id, ["given_name", "phone"])
    assert (listed.purpose, listed.position) == ("newsletter", disclosed.position)
    wanted = ListRecipientsRequest(profile_id=profile_id, reason=people.REASON)
    (known,) = living.disclosures.ListRecipients(wanted, timeout=SECONDS).recipients
    assert (known.recipient_id, known.name, known.ended) == (recipient_id, "Printing works", False)


def test_an_order_of_an_authority_is_sealed(living: Stubs):
    profile_id = calls.register(living).profile_id
    recipient_id = registered(living, recipients.authority("family_name", purposes=["order"]))
    order = recipients.disclosure(
        profile_id,
        recipient_id,
        "family_name",
        purpose="order",
        legal_basis=LEGAL_BASIS_LEGAL_OBLIGATION,
        legal_reference="court:2026/Zq77",
    )
    disclosed = living.disclosures.DiscloseProfile(order, timeout=SECONDS)
    listing = ListDisclosuresRequest(
        profile_id=profile_id, reason=people.REASON, at_least_position=disclosed.position
    )
    (listed,) = living.disclosures.ListDisclosures(listing, timeout=SECONDS).disclosures
    assert (listed.legal_reference, listed.legal_basis) == ("court:2026/Zq77", LEGAL_BASIS_LEGAL_OBLIGATION)
    (event,) = calls.events(living, profile_ids=[profile_id], types=["DisclosureMade"])
    assert b"Zq77" not in event.SerializeToString()
    assert list(DisclosureMade.FromString(event.fact).fields) == ["family_name"]


def test_a_consent_counts_at_the_moment_of_the_disclosure(living: Stubs):
    profile_id = subscriber(living)
    recipient_id = registered(living, recipients.third_party("email"))
    asked = recipients.disclosure(profile_id, recipient_id, "email")
    living.disclosures.DiscloseProfile(asked, timeout=SECONDS)
    for _ in range(5):
        living.consents.SetConsent(people.consent(profile_id), timeout=SECONDS)
        withdrawal = people.consent(profile_id, decision=CONSENT_DECISION_WITHDRAWN)
        living.consents.SetConsent(withdrawal, timeout=SECONDS)
        again = recipients.disclosure(profile_id, recipient_id, "email")
        assert calls.refused(living.disclosures.DiscloseProfile, again).reason == "CONSENT_NOT_GIVEN"
    # Not even by a request that was answered before.
    assert calls.refused(living.disclosures.DiscloseProfile, asked).reason == "CONSENT_NOT_GIVEN"
    assert len(calls.events(living, profile_ids=[profile_id], types=["DisclosureMade"])) == 1


def test_by_consent_nothing_leaves_of_who_objects(living: Stubs):
    profile_id = subscriber(living)
    recipient_id = registered(living, recipients.third_party("email"))
    objection = ObjectToMarketingRequest(
        request_id=people.new_id(), profile_id=profile_id, purpose="newsletter", channel=CHANNEL_PAPER
    )
    living.rights.ObjectToMarketing(objection, timeout=SECONDS)
    asked = recipients.disclosure(profile_id, recipient_id, "email")
    assert calls.refused(living.disclosures.DiscloseProfile, asked).reason == "CONSENT_NOT_GIVEN"
    assert calls.events(living, profile_ids=[profile_id], types=["DisclosureMade"]) == []


def test_whoever_had_data_is_told_of_a_rectification_and_of_the_erasure(living: Stubs):
    person = people.new_person()
    profile_id = subscriber(living, person)
    with recipients.callbacks(2) as (one, other):
        had = registered(living, recipients.supplier("email", "family_name", callback=one.address))
        had_no_name = registered(living, recipients.third_party("email", callback=other.address))
        never = registered(living, recipients.supplier("family_name", callback=one.address))
        for recipient_id, fields in ((had, ("email", "family_name")), (had_no_name, ("email",))):
            asked = recipients.disclosure(profile_id, recipient_id, *fields)
            living.disclosures.DiscloseProfile(asked, timeout=SECONDS)
        living.profiles.UpdateProfile(
            people.update(
                profile_id, Profile(family_name="Peeters", post_code="2000"), "family_name", "post_code"
            ),
            timeout=SECONDS,
        )
        (rectified,) = until(lambda: obligations(living, profile_id, OBLIGATION_STATE_ACKNOWLEDGED))
        assert (rectified.recipient_id, rectified.kind) == (had, OBLIGATION_KIND_RECTIFICATION)
        assert (list(rectified.fields), rectified.attempts) == (["family_name"], 1)
        assert [list(told.fields) for told in one.told] == [["family_name"]]
        assert not other.told

        living.rights.EraseProfile(people.erase(profile_id), timeout=SECONDS)
        until(lambda: len(obligations(living, profile_id, OBLIGATION_STATE_ACKNOWLEDGED)) == 3)
        assert obligations(living, profile_id, OBLIGATION_STATE_OPEN) == []
        erased = {told.obligation_id: told for told in (one.told[-1], other.told[-1])}
        assert {told.kind for told in erased.values()} == {OBLIGATION_KIND_ERASURE}
        assert {told.profile_id for told in erased.values()} == {profile_id}
        known = {ob.recipient_id: list(ob.fields) for ob in obligations(living, profile_id)[1:]}
        assert known == {had: ["email", "family_name"], had_no_name: ["email"]}
        assert never not in known


def test_a_preview_of_an_erasure_says_who_would_be_told(living: Stubs):
    profile_id = subscriber(living)
    first, second, never = (registered(living, recipients.third_party("email")) for _ in range(3))
    for recipient_id in (second, first, second):
        asked = recipients.disclosure(profile_id, recipient_id, "email")
        living.disclosures.DiscloseProfile(asked, timeout=SECONDS)
    wanted = PreviewErasureRequest(profile_id=profile_id, reason=people.REASON)
    told = living.rights.PreviewErasure(wanted, timeout=SECONDS).told
    assert [(one.recipient_id, one.name) for one in told] == [
        (one, "Neighbourhood museum") for one in (second, first)
    ]
    assert never not in {one.recipient_id for one in told}


def test_recipients_hear_of_an_erasure_once_no_hold_stops_it(living: Stubs):
    """It is told by the fact itself, which comes last of what fulfils the request of the person."""
    profile_id = subscriber(living)
    with recipients.callbacks(1) as (there,):
        recipient_id = registered(living, recipients.supplier("email", callback=there.address))
        asked = recipients.disclosure(profile_id, recipient_id, "email")
        living.disclosures.DiscloseProfile(asked, timeout=SECONDS)
        erasure = people.erase(profile_id)
        asking = people.ask(profile_id, RIGHT_ERASURE)
        erasure.rights_request_id = living.rights.OpenRequest(asking, timeout=SECONDS).rights_request_id
        hold = living.rights.PlaceHold(people.hold(profile_id, "case 7"), timeout=SECONDS)
        assert calls.refused(living.rights.EraseProfile, erasure).reason == "LEGAL_HOLD"
        release = ReleaseHoldRequest(
            request_id=people.new_id(), profile_id=profile_id, hold_id=hold.hold_id, channel=CHANNEL_PAPER
        )
        living.rights.ReleaseHold(release, timeout=SECONDS)
        erased = living.rights.EraseProfile(erasure, timeout=SECONDS).position
        (told,) = until(lambda: obligations(living, profile_id, OBLIGATION_STATE_ACKNOWLEDGED))
        assert (told.kind, told.cause_position) == (OBLIGATION_KIND_ERASURE, erased)
        assert obligations(living, profile_id) == [told]
        assert [one.obligation_id for one in there.told] == [told.obligation_id]
    (fulfilled,) = calls.events(living, profile_ids=[profile_id], types=["RightsRequestFulfilled"])
    assert fulfilled.position + 1 == erased.value
    assert open_in_certificate(living, profile_id) == ()


def test_while_processing_is_restricted_recipients_hear_of_it_and_get_only_what_the_policy_allows(
    living: Stubs,
):
    profile_id = subscriber(living)
    with recipients.callbacks(1) as (there,):
        allowed = recipients.authority(
            "email", callback=there.address, purposes=["newsletter", "legal-claims"]
        )
        recipient_id = registered(living, allowed)
        asked = recipients.disclosure(profile_id, recipient_id, "email")
        living.disclosures.DiscloseProfile(asked, timeout=SECONDS)
        living.rights.RestrictProcessing(people.restrict(profile_id), timeout=SECONDS)
        for request in (asked, recipients.disclosure(profile_id, recipient_id, "email")):
            found = calls.refused(living.disclosures.DiscloseProfile, request)
            assert found.reason == "PROCESSING_RESTRICTED"
        (told,) = until(lambda: list(there.told))
        assert (told.kind, list(told.fields)) == (OBLIGATION_KIND_RESTRICTION, ["email"])
    order = recipients.disclosure(
        profile_id,
        recipient_id,
        "email",
        purpose="legal-claims",
        legal_basis=LEGAL_BASIS_LEGAL_OBLIGATION,
        legal_reference="court:2026/7",
    )
    assert living.disclosures.DiscloseProfile(order, timeout=SECONDS).profile.email


def test_an_export_names_every_recipient(living: Stubs):
    profile_id = subscriber(living)
    ended, stays = (registered(living, recipients.supplier("email", name=name)) for name in ("Old", "New"))
    for recipient_id in (ended, stays, ended):
        asked = recipients.disclosure(profile_id, recipient_id, "email")
        living.disclosures.DiscloseProfile(asked, timeout=SECONDS)
    ending = EndRecipientRequest(request_id=people.new_id(), recipient_id=ended)
    living.disclosures.EndRecipient(ending, timeout=SECONDS)
    wanted = ExportProfileRequest(
        profile_id=profile_id, kind=EXPORT_KIND_ACCESS, format=EXPORT_FORMAT_JSON, reason=people.REASON
    )
    chunks = [one.chunk for one in living.rights.ExportProfile(wanted, timeout=SECONDS)]
    document = json.loads(b"".join(chunks))
    assert document["recipients"] == [
        {"name": name, "purpose": "newsletter", "legal_basis": "LEGAL_BASIS_CONSENT"}
        for name in ("Old", "New")
    ]
    assert [one["type"] for one in document["facts"]].count("DisclosureMade") == 3


def test_a_recipient_that_ended_gets_nothing_more(living: Stubs):
    profile_id = subscriber(living)
    recipient_id = registered(living, recipients.supplier("email"))
    ending = EndRecipientRequest(request_id=people.new_id(), recipient_id=recipient_id)
    ended = living.disclosures.EndRecipient(ending, timeout=SECONDS)
    asked = recipients.disclosure(profile_id, recipient_id, "email")
    assert calls.refused(living.disclosures.DiscloseProfile, asked).reason == "RECIPIENT_NOT_CURRENT"
    # It may be owed a notice, so where it is can still change.
    change = UpdateRecipientRequest(request_id=people.new_id(), recipient_id=recipient_id)
    change.recipient.callback = "127.0.0.1:10"
    change.update_mask.paths.append("callback")
    changed = living.disclosures.UpdateRecipient(change, timeout=SECONDS)
    assert changed.position.value > ended.position.value
    wanted = GetRecipientRequest(recipient_id=recipient_id, at_least_position=changed.position)
    known = living.disclosures.GetRecipient(wanted, timeout=SECONDS).recipient
    assert (known.callback, known.ended, known.assignment) == ("127.0.0.1:10", True, "print/2026-04")
    assert calls.refused(living.disclosures.DiscloseProfile, asked).reason == "RECIPIENT_NOT_CURRENT"


def test_a_public_task_of_a_third_party_is_no_ground(living: Stubs):
    profile_id = calls.register(living).profile_id
    recipient_id = registered(living, recipients.third_party("email"))
    asked = recipients.disclosure(
        profile_id, recipient_id, "email", legal_basis=LEGAL_BASIS_PUBLIC_TASK, legal_reference="task/1"
    )
    assert calls.refused(living.disclosures.DiscloseProfile, asked).reason == "DISCLOSURE_GROUND_NOT_ALLOWED"


def test_a_certificate_of_erasure_says_what_recipients_have_still_to_acknowledge(living: Stubs):
    profile_id = subscriber(living)
    with recipients.callbacks(1) as (there,):
        for callback in (there.address, recipients.NOWHERE):
            recipient_id = registered(living, recipients.supplier("email", callback=callback))
            asked = recipients.disclosure(profile_id, recipient_id, "email")
            living.disclosures.DiscloseProfile(asked, timeout=SECONDS)
        living.rights.EraseProfile(people.erase(profile_id), timeout=SECONDS)
        until(lambda: there.told and len(open_in_certificate(living, profile_id)) == 1)
        (still_open,) = until(lambda: failed(living, profile_id))
        assert [str(one) for one in open_in_certificate(living, profile_id)] == [still_open.obligation_id]
        assert still_open.recipient_id == recipient_id
        # It comes back at another address.
        change = UpdateRecipientRequest(request_id=people.new_id(), recipient_id=recipient_id)
        change.recipient.callback = there.address
        change.update_mask.paths.append("callback")
        living.disclosures.UpdateRecipient(change, timeout=SECONDS)
        until(lambda: open_in_certificate(living, profile_id) == ())
    assert len(there.told) == 2


def open_in_certificate(stubs: Stubs, profile_id: str) -> Any:
    request = GetErasureCertificateRequest(profile_id=profile_id)
    certificate = stubs.rights.GetErasureCertificate(request, timeout=SECONDS).certificate
    key = stubs.rights.GetCertificateKey(GetCertificateKeyRequest(), timeout=SECONDS).key
    return verify(certificate, key).open_obligations


def failed(stubs: Stubs, profile_id: str) -> list[Obligation]:
    """Open obligations of a person, once a recipient was called in vain."""
    return [one for one in obligations(stubs, profile_id, OBLIGATION_STATE_OPEN) if one.attempts]

"""Every field of a fact is declared, and a fact is exactly its two halves."""

from __future__ import annotations

import pytest
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FieldOptions, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.unknown_fields import UnknownFieldSet
from google.type.date_pb2 import Date
from hypothesis import given
from hypothesis import strategies as st

from profile_service.domain import registry
from profile_service.v1 import annotations_pb2, events_pb2
from profile_service.v1.annotations_pb2 import (
    DataCategory,
    DataSource,
    OpenData,
    OpenGround,
    PersonalData,
    Retention,
)
from profile_service.v1.campaign_service_pb2 import SignUpRequest
from profile_service.v1.events_pb2 import (
    CampaignOpened,
    ConsentGiven,
    ProfileErased,
    ProfileRegistered,
    Record,
)
from profile_service.v1.profile_pb2 import LegalBasis
from profile_service.v1.profile_service_pb2 import RegisterProfileRequest
from tests.domain.strategies import messages

ANY_FACT = st.sampled_from(list(registry.FACT_TYPES.values())).flatmap(messages)
PERSONAL = PersonalData(
    category=DataCategory.DATA_CATEGORY_CONTACT,
    purposes=["profile"],
    retention=Retention.RETENTION_LIFE_OF_PROFILE,
    source=DataSource.DATA_SOURCE_PERSON,
)
PURPOSELESS = PersonalData(category=PERSONAL.category, retention=PERSONAL.retention, source=PERSONAL.source)
OPEN = OpenData(ground=OpenGround.OPEN_GROUND_EVIDENCE)
# Field 1000 of type varint: no message of ours has it.
STRANGE = b"\xc0\x3e\x01"


def a_fact_with_a_field(personal: PersonalData | None, open_: OpenData | None) -> type[Message]:
    """A message type made for a test, with one field "planted" that is declared as given."""
    options = FieldOptions()
    if personal is not None:
        options.Extensions[annotations_pb2.personal].CopyFrom(personal)  # type: ignore[index]  # the stubs know no extensions
    if open_ is not None:
        options.Extensions[annotations_pb2.open].CopyFrom(open_)  # type: ignore[index]  # the stubs know no extensions
    file = FileDescriptorProto(name="planted.proto", package="planted", syntax="proto3")
    field = file.message_type.add(name="Planted").field.add(name="planted", number=1, options=options)
    field.type, field.label = FieldDescriptorProto.TYPE_STRING, FieldDescriptorProto.LABEL_OPTIONAL
    pool = DescriptorPool()
    pool.Add(file)
    return GetMessageClass(pool.FindMessageTypeByName("planted.Planted"))


def test_every_field_of_every_fact_is_declared():
    assert registry.undeclared_fields() == []


def test_every_field_of_every_fact_has_presence():
    for fact in registry.FACT_TYPES.values():
        for field in fact.DESCRIPTOR.fields:
            assert field.has_presence or field.is_repeated, field.full_name


def test_every_message_of_the_storage_format_but_the_envelopes_is_a_fact():
    names = {message.DESCRIPTOR.name for message in registry.FACT_TYPES.values()}
    assert names == set(events_pb2.DESCRIPTOR.message_types_by_name) - {"Record", "EventHeader"}


@pytest.mark.parametrize(
    ("personal", "open_"),
    [
        pytest.param(None, None, id="not declared"),
        pytest.param(PERSONAL, OPEN, id="declared both ways"),
        pytest.param(PURPOSELESS, None, id="without a purpose"),
        pytest.param(None, OpenData(), id="without a ground"),
    ],
)
def test_a_planted_field_without_a_proper_declaration_is_found(personal, open_):
    assert registry.undeclared_fields([a_fact_with_a_field(personal, open_)]) == ["planted.Planted.planted"]


@pytest.mark.parametrize(("personal", "open_"), [(PERSONAL, None), (None, OPEN)])
def test_a_field_that_is_declared_once_is_no_fault(personal, open_):
    assert registry.undeclared_fields([a_fact_with_a_field(personal, open_)]) == []


def test_an_undeclared_field_would_be_sealed():
    """Whoever forgets a declaration leaks nothing."""
    assert registry._described(a_fact_with_a_field(None, None)).personal == ("planted",)


def test_declarations_say_why_a_field_is_kept():
    declared = registry.declarations("profile_service.v1.ProfileRegistered")
    assert set(declared) == {field.name for field in ProfileRegistered.DESCRIPTOR.fields}
    email, policy_version = declared["email"], declared["policy_version"]
    assert isinstance(email, PersonalData)
    assert list(email.purposes) == ["profile", "contact"]
    assert isinstance(policy_version, OpenData)


@given(ANY_FACT)
def test_merging_the_halves_gives_the_fact_again(fact: Message):
    name = fact.DESCRIPTOR.full_name
    assert registry.merge(name, *registry.split(fact)) == fact


@given(ANY_FACT)
def test_neither_half_has_a_field_of_the_other(fact: Message):
    known = registry.fact_type(fact.DESCRIPTOR.full_name)
    open_half, personal_half = registry.split(fact)
    opened = {field.name for field, _ in known.message.FromString(open_half).ListFields()}
    closed = {field.name for field, _ in known.message.FromString(personal_half).ListFields()}
    assert opened <= set(known.open)
    assert closed <= set(known.personal)


@given(ANY_FACT)
def test_without_its_personal_half_a_fact_still_reads(fact: Message):
    open_half, _ = registry.split(fact)
    read = registry.merge(fact.DESCRIPTOR.full_name, open_half, None)
    assert read.SerializeToString(deterministic=True) == open_half


def test_a_fact_about_no_value_of_a_person_has_no_personal_half():
    assert not registry.has_personal_fields("profile_service.v1.ProfileErased")
    assert registry.has_personal_fields("profile_service.v1.SignedUp")
    assert registry.split(ProfileErased(legal_basis=LegalBasis.LEGAL_BASIS_CONSENT))[1] == b""


def test_what_is_no_fact_is_refused():
    with pytest.raises(registry.UnknownFactTypeError):
        registry.split(Record())
    with pytest.raises(registry.UnknownFactTypeError):
        registry.merge("profile_service.v1.Record", b"", None)


@pytest.mark.parametrize("fact", [ProfileRegistered, ConsentGiven, CampaignOpened, ProfileErased])
def test_a_fact_with_an_unknown_field_is_not_written(fact: type[Message]):
    with pytest.raises(registry.UnknownFieldsInFactError):
        registry.split(fact.FromString(STRANGE))


def test_a_fact_with_an_unknown_field_deep_in_its_open_half_is_not_written():
    fact = CampaignOpened()
    fact.campaign.questions.add().MergeFromString(STRANGE)
    with pytest.raises(registry.UnknownFieldsInFactError):
        registry.split(fact)


def a_request() -> RegisterProfileRequest:
    request = RegisterProfileRequest(request_id="00000000-0000-4000-8000-000000000000")
    request.registration.date_of_birth.CopyFrom(Date(year=1980, month=1, day=2))
    return request


def test_a_request_of_known_fields_has_none_unknown():
    assert not registry.has_unknown_fields(a_request())


@pytest.mark.parametrize("place", ["", "registration", "registration.date_of_birth"])
def test_an_unknown_field_of_a_request_is_found_however_deep(place: str):
    request = a_request()
    inner: Message = request
    for name in filter(None, place.split(".")):
        inner = getattr(inner, name)
    inner.MergeFromString(STRANGE)
    assert registry.has_unknown_fields(request)
    assert len(UnknownFieldSet(inner)) == 1, "looking must not remove it"


def test_an_unknown_field_of_a_repeated_message_is_found():
    request = SignUpRequest()
    request.answers.add(text="a")
    request.answers.add().choices.MergeFromString(STRANGE)
    assert registry.has_unknown_fields(request)

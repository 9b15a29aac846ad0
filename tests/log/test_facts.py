"""A record opens only where it was written, whole, and under its own key; its open half stays for ever."""

from __future__ import annotations

import os
from uuid import UUID, uuid4

import pytest
from google.protobuf.message import Message

from profile_service.keys.cipher import ProfileCipher
from profile_service.keys.errors import SealBrokenError
from profile_service.keys.lease import Lease, now
from profile_service.log.facts import StoredFact, open_fact, write_record
from profile_service.v1.audit_service_pb2 import PersonalHalf
from profile_service.v1.events_pb2 import ConsentGiven, EventHeader, ProfileRegistered, ProfileUpdated, Record
from profile_service.v1.profile_pb2 import CHANNEL_WEB

PERSON = uuid4()
REGISTERED = ProfileRegistered(email="canary@example.org", given_name="Canary", policy_version="2026-1")
CONSENT = ConsentGiven(purpose="newsletter", policy_version="2026-1")


def new_cipher() -> ProfileCipher:
    lease = Lease()
    lease.extend(now() + 3600)
    return ProfileCipher(bytearray(os.urandom(32)), lease)


CIPHER = new_cipher()


def stored(
    message: Message, *, stream: str = f"profile/{PERSON}", version: int = 1, person: UUID = PERSON
) -> StoredFact:
    name = message.DESCRIPTOR.full_name
    header = EventHeader(
        stream=stream,
        version=version,
        type=name,
        profile_id=person.bytes,
        actor="tests",
        channel=CHANNEL_WEB,
        request_id=uuid4().bytes,
        schema=1,
    )
    record = write_record(header, message, CIPHER)
    return StoredFact(7, 8, stream, version, person, name, record)


def test_what_was_written_is_read():
    fact = open_fact(stored(REGISTERED), CIPHER)
    assert (fact.position, fact.time, fact.profile_id) == (7, 8, PERSON)
    assert fact.message == REGISTERED
    assert fact.header.actor == "tests"
    assert fact.personal_half == PersonalHalf.PERSONAL_HALF_INCLUDED


def test_no_personal_value_is_in_the_record():
    record = stored(REGISTERED).record
    assert b"anary" not in record
    assert b"2026-1" in record


@pytest.mark.parametrize(
    ("withheld", "half"),
    [(False, PersonalHalf.PERSONAL_HALF_ERASED), (True, PersonalHalf.PERSONAL_HALF_WITHHELD)],
)
def test_without_a_key_the_open_half_stays(withheld: bool, half: PersonalHalf):
    fact = open_fact(stored(REGISTERED), None, withheld=withheld)
    assert fact.message == ProfileRegistered(policy_version="2026-1")
    assert fact.personal_half == half


def test_a_fact_without_personal_fields_needs_no_key():
    fact = open_fact(stored(CONSENT), None)
    assert fact.message == CONSENT
    assert fact.personal_half == PersonalHalf.PERSONAL_HALF_NONE
    header = EventHeader(type="profile_service.v1.ConsentGiven")
    assert Record.FromString(write_record(header, CONSENT, None)).sealed == b""


def test_personal_fields_are_never_written_without_a_key():
    with pytest.raises(ValueError, match="no key"):
        write_record(EventHeader(type="profile_service.v1.ProfileRegistered"), REGISTERED, None)


def test_the_same_fact_written_twice_is_sealed_differently():
    header = EventHeader(type="profile_service.v1.ProfileRegistered")
    assert write_record(header, REGISTERED, CIPHER) != write_record(header, REGISTERED, CIPHER)


def test_a_single_flipped_bit_anywhere_is_refused():
    fact = stored(REGISTERED)
    for byte in range(len(fact.record)):
        for bit in range(8):
            damaged = bytearray(fact.record)
            damaged[byte] ^= 1 << bit
            with pytest.raises(SealBrokenError):
                open_fact(fact._replace(record=bytes(damaged)), CIPHER)


def test_a_cut_or_lengthened_record_is_refused():
    fact = stored(REGISTERED)
    parts = Record.FromString(fact.record)
    # A part taken away whole leaves a record such as others are: only a checkpoint shows it.
    whole = {Record(header=parts.header).ByteSize(), Record(header=parts.header, open=parts.open).ByteSize()}
    for length in set(range(len(fact.record))) - whole:
        with pytest.raises(SealBrokenError):
            open_fact(fact._replace(record=fact.record[:length]), CIPHER)
    for more in (b"\0", b"\x20\x01", fact.record):
        with pytest.raises(SealBrokenError):
            open_fact(fact._replace(record=fact.record + more), CIPHER)


@pytest.mark.parametrize("message", [REGISTERED, CONSENT], ids=["sealed", "open"])
@pytest.mark.parametrize("cipher", [CIPHER, None], ids=["alive", "erased"])
def test_a_record_in_the_place_of_another_is_refused(message: Message, cipher: ProfileCipher | None):
    fact = stored(message)
    for place in (
        {"stream": f"consents/{PERSON}"},
        {"version": 2},
        {"type": "profile_service.v1.ConsentWithdrawn"},
        {"profile_id": uuid4()},
    ):
        with pytest.raises(SealBrokenError):
            open_fact(fact._replace(**place), cipher)


def test_halves_of_different_records_do_not_go_together():
    one = Record.FromString(stored(REGISTERED).record)
    other = Record.FromString(stored(ProfileRegistered(email="other@example.org")).record)
    fact = stored(REGISTERED)
    for mixed in (
        Record(header=one.header, open=one.open, sealed=other.sealed),
        Record(header=one.header, open=other.open, sealed=one.sealed),
        Record(header=other.header, open=one.open, sealed=one.sealed),
    ):
        with pytest.raises(SealBrokenError):
            open_fact(fact._replace(record=mixed.SerializeToString()), CIPHER)


def test_a_seal_of_one_version_does_not_open_as_another():
    """The header says another place, and so do the columns: only the seal knows better."""
    first = Record.FromString(stored(ProfileUpdated(phone="+3231234567")).record)
    moved = EventHeader.FromString(first.header)
    moved.version = 2
    record = Record(header=moved.SerializeToString(), open=first.open, sealed=first.sealed)
    fact = stored(ProfileUpdated(phone="1"), version=2)._replace(record=record.SerializeToString())
    with pytest.raises(SealBrokenError):
        open_fact(fact, CIPHER)


def test_the_key_of_another_person_does_not_open_it():
    with pytest.raises(SealBrokenError):
        open_fact(stored(REGISTERED), new_cipher())

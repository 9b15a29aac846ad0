"""What no stub sends: bytes that are no message, fields nobody knows, too much of it, and no time."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import grpc
import pytest
from ngh2 import Configuration, Connection, ResponseReceived, Role, StreamClosed, TrailersReceived

from profile_service.v1.audit_service_pb2 import ReplayEventsRequest
from profile_service.v1.campaign_pb2 import Answer
from profile_service.v1.profile_service_pb2 import ImportItem, ImportProfilesRequest
from tests.api import calls
from tests.api.calls import SECONDS
from tests.support import people
from tests.support.canaries import scan, scan_bytes
from tests.support.service import Service, Stubs

pytestmark = pytest.mark.service

MEBIBYTE = 1 << 20
REGISTER = "ProfileService/RegisterProfile"
UNARY = [
    REGISTER,
    "ProfileService/GetProfile",
    "ConsentService/CheckConsents",
    "CampaignService/SignUp",
    "RightsService/EraseProfile",
    "OperationsService/GetKeyStatus",
]
PERSON = people.new_person()


def with_field(body: bytes, number: int, value: bytes) -> bytes:
    """`body` with one more length-delimited field."""
    return body + varint(number << 3 | 2) + varint(len(value)) + value


def varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 127:
        encoded.append(value & 127 | 128)
        value >>= 7
    return bytes([*encoded, value])


@pytest.fixture
def changes_nothing(stubs: Stubs, shared: Service):
    """Around a test: the log stays as it was, and no line of the service's log names the person."""
    before = calls.standing(stubs)
    yield
    assert calls.standing(stubs) == before
    assert not scan([shared.log], [PERSON.mark])


def refused(stubs: Stubs, method: str, body: bytes) -> calls.Refused:
    found = calls.refused(calls.raw(stubs, method), body)
    assert not scan_bytes(method, found.said, [PERSON.mark])
    return found


@pytest.mark.usefixtures("changes_nothing")
@pytest.mark.parametrize("method", UNARY)
@pytest.mark.parametrize(
    "body",
    [
        b"\xff" * 40,
        b"\x0a\x7f" + PERSON.mark.encode(),
        b"\x0b",
        varint(1 << 3 | 2) + b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
    ],
    ids=["noise", "cut short", "open group", "endless length"],
)
def test_bytes_that_are_no_message_are_refused(stubs: Stubs, method: str, body: bytes):
    found = refused(stubs, method, body)
    assert (found.status, found.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_REQUEST")


@pytest.mark.usefixtures("changes_nothing")
def test_text_that_is_no_unicode_is_refused(stubs: Stubs):
    registration = with_field(PERSON.registration.SerializeToString(), 2, b"\xc3\x28" + PERSON.mark.encode())
    body = with_field(with_field(b"", 1, people.new_id().encode()), 2, registration)
    assert refused(stubs, REGISTER, body).reason == "INVALID_REQUEST"


@pytest.mark.usefixtures("changes_nothing")
@pytest.mark.parametrize("method", UNARY)
def test_a_field_that_nobody_knows_is_refused(stubs: Stubs, method: str):
    found = refused(stubs, method, with_field(b"", 1007, PERSON.mark.encode()))
    assert (found.status, found.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "UNKNOWN_FIELD")


def in_registration() -> bytes:
    registration = with_field(PERSON.registration.SerializeToString(), 99, PERSON.mark.encode())
    return with_field(with_field(b"", 1, people.new_id().encode()), 2, registration)


def in_date_of_birth() -> bytes:
    born = with_field(PERSON.registration.date_of_birth.SerializeToString(), 4, PERSON.mark.encode())
    return with_field(people.register(PERSON).SerializeToString(), 2, with_field(b"", 4, born))


def in_an_answer() -> bytes:
    answer = with_field(Answer(question_id="wish", text="x").SerializeToString(), 99, PERSON.mark.encode())
    return with_field(people.sign_up(people.new_id(), people.new_id(), "x").SerializeToString(), 4, answer)


def in_a_reason() -> bytes:
    reason = with_field(people.REASON.SerializeToString(), 99, PERSON.mark.encode())
    return with_field(people.get(people.new_id()).SerializeToString(), 2, reason)


@pytest.mark.usefixtures("changes_nothing")
@pytest.mark.parametrize(
    ("method", "make"),
    [
        (REGISTER, in_registration),
        (REGISTER, in_date_of_birth),
        ("CampaignService/SignUp", in_an_answer),
        ("ProfileService/GetProfile", in_a_reason),
    ],
)
def test_a_nested_field_that_nobody_knows_is_refused(stubs: Stubs, method: str, make: Callable[[], bytes]):
    """It would travel in the open half of a fact, and outlive an erasure."""
    assert refused(stubs, method, make()).reason == "UNKNOWN_FIELD"


@pytest.mark.usefixtures("changes_nothing")
def test_an_unknown_field_in_an_item_ends_the_import(stubs: Stubs):
    item = with_field(ImportItem(index=0, registration=PERSON.registration).SerializeToString(), 9, b"x")
    body = with_field(with_field(b"", 1, people.new_id().encode()), 2, item)
    stream: Any = stubs.channel.stream_stream("/profile_service.v1.ProfileService/ImportProfiles")
    assert calls.refused(stream, iter([body])).reason == "UNKNOWN_FIELD"


@pytest.mark.usefixtures("changes_nothing")
@pytest.mark.parametrize("size", [MEBIBYTE + 1, 4 * MEBIBYTE])
def test_a_message_of_more_than_a_mebibyte_is_refused(stubs: Stubs, size: int):
    for method in (REGISTER, "CampaignService/SignUp", "AuditService/ReplayEvents"):
        found = refused(stubs, method, PERSON.mark.encode().ljust(size, b"x"))
        assert found.status is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert found.reason == "MESSAGE_TOO_LARGE"


@pytest.mark.usefixtures("changes_nothing")
def test_a_message_that_is_not_even_read_is_refused_by_its_length(stubs: Stubs):
    """Beyond the largest that any call takes gRPC refuses, before the service sees a byte."""
    found = refused(stubs, REGISTER, PERSON.mark.encode().ljust(5 * MEBIBYTE, b"x"))
    assert found.status is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_a_message_of_a_mebibyte_is_read(stubs: Stubs):
    request = people.register(people.new_person())
    body = request.SerializeToString()
    # A field that is given twice: the last one counts, and the first fills the message.
    body = with_field(b"", 1, b"0" * (MEBIBYTE - len(body) - 4)) + body
    assert len(body) == MEBIBYTE
    assert calls.raw(stubs, REGISTER)(body, timeout=SECONDS)


@pytest.mark.usefixtures("changes_nothing")
def test_a_batch_of_an_import_has_at_most_four_mebibytes(stubs: Stubs):
    stream: Any = stubs.channel.stream_stream("/profile_service.v1.ProfileService/ImportProfiles")
    for size, reason in ((4 * MEBIBYTE + 1, "MESSAGE_TOO_LARGE"), (4 * MEBIBYTE, "INVALID_REQUEST")):
        found = calls.refused(stream, iter([b"\xff" * size]))
        assert found.reason == reason
    found = calls.refused(stream, iter([b"\xff" * 5 * MEBIBYTE]))
    assert found.status is grpc.StatusCode.RESOURCE_EXHAUSTED


@pytest.mark.usefixtures("changes_nothing")
@pytest.mark.parametrize("method", [*UNARY, "OperationsService/VerifyProjection"])
def test_a_call_without_a_deadline_is_refused_before_anything_is_read(stubs: Stubs, method: str):
    found = calls.refused(calls.raw(stubs, method), PERSON.mark.encode(), timeout=None)
    assert (found.status, found.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "DEADLINE_REQUIRED")


def test_long_streams_need_no_deadline(stubs: Stubs):
    assert list(stubs.audit.ReplayEvents(ReplayEventsRequest()))
    request = ImportProfilesRequest(
        import_id=people.new_id(), items=[ImportItem(registration=people.new_person().registration)]
    )
    (answer,) = stubs.profiles.ImportProfiles(iter([request]))
    assert answer.statuses[0].profile_id


@pytest.mark.usefixtures("changes_nothing")
def test_a_deadline_that_is_too_short_is_refused_before_anything_is_done(shared: Service):
    """The client here has no clock of its own, so what the server says is seen."""
    body = people.register(PERSON).SerializeToString()
    # The deadline may pass before the refusal is on its way: then nothing is said but the status.
    trailers = [call_with_timeout(shared, REGISTER, body, b"4m") for _ in range(10)]
    assert {fields.get(b"grpc-status", b"4") for fields in trailers} == {b"4"}
    assert any(calls.DETAILS.encode() in fields for fields in trailers)
    assert {fields[b"grpc-message"] for fields in trailers if calls.DETAILS.encode() in fields} == {
        b"the deadline is too short to begin"
    }


def call_with_timeout(service: Service, method: str, body: bytes, timeout: bytes) -> dict[bytes, bytes]:
    """The trailers of a unary call over HTTP/2; none if the stream was reset."""
    connection = Connection(Role.CLIENT, Configuration())
    connection.initiate_connection({})
    stream = connection.send_request(
        [
            (b":method", b"POST"),
            (b":scheme", b"http"),
            (b":path", f"/profile_service.v1.{method}".encode()),
            (b":authority", service.address.encode()),
            (b"te", b"trailers"),
            (b"content-type", b"application/grpc"),
            (b"grpc-timeout", timeout),
        ]
    )
    connection.send_data(stream, b"\0" + len(body).to_bytes(4, "big") + body, end_stream=True)
    fields: dict[bytes, bytes] = {}
    with socket.create_connection(("127.0.0.1", service.port), timeout=SECONDS) as line:
        while True:
            line.sendall(connection.data_to_send() or b"")
            connection.receive_data(line.recv(1 << 16))
            for event in connection.events():
                if isinstance(event, TrailersReceived | ResponseReceived):
                    fields.update(event.headers)
                if isinstance(event, StreamClosed):
                    return fields

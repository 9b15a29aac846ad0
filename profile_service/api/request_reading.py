"""One message of a client: read, and checked by the rules of the proto files."""

from __future__ import annotations

from typing import Any

import protovalidate
from google.protobuf.message import DecodeError, Message

from profile_service.domain import registry
from profile_service.domain.errors import (
    InvalidRequestError,
    MessageTooLargeError,
    ReadReasonRequiredError,
    UnknownFieldError,
    Violation,
)

# Bytes.
LARGEST_MESSAGE = 1 << 20
LARGEST_IMPORT = 4 << 20


def is_about_people(request: Message) -> bool:
    """Whether the answer may tell something of a person: then the request says why it is wanted."""
    return "reason" in request.DESCRIPTOR.fields_by_name and request.HasField("reason")


def is_of_one_person(request_class: type[Message]) -> bool:
    """Whether a request may be a read about a person whom it names; other reads leave people out."""
    return {"profile_id", "reason"} <= set(request_class.DESCRIPTOR.fields_by_name)


def read_request(request_class: type[Message], body: bytes, limit: int) -> Any:
    """Parse and validate one message. Raises the refusal that says what is wrong with it."""
    if len(body) > limit:
        raise MessageTooLargeError
    request = request_class()
    try:
        request.ParseFromString(body)
    except DecodeError:
        raise InvalidRequestError([Violation("", "is not a message of this type")]) from None
    if registry.has_unknown_fields(request):
        raise UnknownFieldError
    check(request)
    return request


def check(message: Message, within: str = "") -> None:
    """Apply the rules of the proto files; paths of wrong fields begin with `within`.

    Raises `InvalidRequestError` or `ReadReasonRequiredError`.
    """
    try:
        protovalidate.validate(message)
    except protovalidate.ValidationError as error:
        violations = [Violation(_path(found, within), found.proto.message) for found in error.violations]
        if any(field == "reason" or field.startswith("reason.") for field, _ in violations):
            raise ReadReasonRequiredError(violations) from None
        raise InvalidRequestError(violations) from None


def _path(violation: protovalidate.Violation, within: str) -> str:
    steps = [within] if within else []
    assert violation.proto.field is not None, "every violation is of a field"
    for element in violation.proto.field.elements:
        index = getattr(element.subscript, "value", None) if element.subscript else None
        steps.append(element.field_name if index is None else f"{element.field_name}[{index}]")
    return ".".join(steps)

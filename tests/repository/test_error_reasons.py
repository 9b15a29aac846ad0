"""Every reason a call can be refused says its gRPC status, and shows an example."""

from __future__ import annotations

import re

import grpc
import pytest

from profile_service.v1 import error_reason_pb2
from tests.support.repository import ROOT

STATUSES = {status.name for status in grpc.StatusCode} - {"OK"}
SOURCE = (ROOT / "proto/profile_service/v1/error_reason.proto").read_text()
# The comment lines directly above a value.
DOCUMENTED = {
    name: re.sub(r"\n? *// ?", " ", comment).strip()
    for comment, name in re.findall(r"((?: +//.*\n)*) +(ERROR_REASON_\w+) = \d+;", SOURCE)
}
REASONS = [name for name, number in error_reason_pb2.ErrorReason.items() if number]


@pytest.mark.parametrize("reason", REASONS)
def test_a_reason_names_its_status_and_an_example(reason: str):
    status, _, example = DOCUMENTED[reason].partition(". ")
    assert re.split(r"\W", status)[0] in STATUSES
    assert example.endswith(".")


def test_numbers_are_given_in_order_and_none_is_left_out():
    numbers = sorted(error_reason_pb2.ErrorReason.values())
    assert numbers == list(range(len(numbers)))

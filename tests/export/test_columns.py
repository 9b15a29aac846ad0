"""What an exported fact looks like: every open field, no personal one, and nothing that is not understood."""

from __future__ import annotations

import re
from typing import Any

import pyarrow as pa
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from profile_service.cli.output import to_plain
from profile_service.domain.registry import FACT_TYPES, fact_type
from profile_service.export.columns import HEADER, facts_schema, row_of, struct_name
from profile_service.export.errors import ExportError
from profile_service.v1.audit_service_pb2 import PERSONAL_HALF_INCLUDED
from profile_service.v1.events_pb2 import ConsentGiven, ConsentWithdrawn
from tests.domain.golden import Golden, full, kept
from tests.domain.samples import registered
from tests.export.events import replayed

SCHEMA = facts_schema()


def test_the_columns_are_the_header_and_the_open_fields_of_every_type():
    found = {field.name: {inner.name for inner in field.type} for field in list(SCHEMA)[len(HEADER) :]}
    assert found == {
        struct_name(name): set(fact_type(name).open) for name in FACT_TYPES if fact_type(name).open
    }


def test_every_open_field_says_on_what_ground_it_is_open():
    for field in list(SCHEMA)[len(HEADER) :]:
        for inner in field.type:
            assert inner.metadata[b"open because of"] in (b"evidence", b"reference", b"public")


def said(value: Any) -> Any:
    """A value as `aprofile replay` shows it; what is empty is left out, as there."""
    if isinstance(value, dict):
        inner = {key: said(one) for key, one in value.items()}
        return {key: one for key, one in inner.items() if one not in (None, "", 0, "0", False, [], {})}
    if isinstance(value, list):
        return [said(one) for one in value]
    if hasattr(value, "timestamp"):
        moment = Timestamp()
        moment.FromDatetime(value)
        return moment.ToJsonString()
    if isinstance(value, str):
        return re.sub(r"(?<=:\d\d)\.0{6}\d{3}Z$", "Z", value)  # nanoseconds are not kept
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


@pytest.mark.parametrize("golden", list(kept()), ids=lambda golden: f"{golden.name}.v{golden.version}")
def test_a_fact_is_written_with_all_its_open_values(golden: Golden):
    """Through Arrow and back, a fact says what `aprofile replay` shows of it."""
    name = golden.message.DESCRIPTOR.full_name
    event = replayed(7, 1_767_225_600_000_001, golden.message.FromString(golden.binary.read_bytes()))
    (row,) = pa.RecordBatch.from_pylist([row_of(event)], schema=SCHEMA).to_pylist()
    open_half = golden.message.FromString(event.fact)
    assert said(row.pop(struct_name(name), {}) or {}) == said(to_plain(open_half))
    values = {key: value for key, value in row.items() if value is not None}
    assert values.pop("time").isoformat() == "2026-01-01T00:00:00.000001+00:00"
    assert values == {
        "position": 7,
        "type": golden.name,
        "stream": event.header.stream,
        "version": 1,
        "profile_id": event.header.stream[-36:],
        "actor": "tests",
        "channel": "CHANNEL_WEB",
        "request_id": "00000000-0000-0000-0000-000000000001",
        "schema": 1,
        "has_personal_half": bool(fact_type(name).personal),
    }


def test_a_personal_half_is_refused_whatever_the_service_says_of_it():
    event = replayed(3, 0, registered())
    assert row_of(event)["has_personal_half"]
    event.fact = registered().SerializeToString()
    with pytest.raises(ExportError, match="position 3 came with its personal half"):
        row_of(event)
    event.personal_half = PERSONAL_HALF_INCLUDED
    with pytest.raises(ExportError, match="position 3 came with its personal half"):
        row_of(event)


def test_what_a_newer_service_says_is_never_passed_over():
    event = replayed(4, 0, ConsentGiven(purpose="newsletter"))
    event.header.type = "profile_service.v1.FromTheFuture"
    with pytest.raises(ExportError, match=r"position 4 has the unknown type .*FromTheFuture"):
        row_of(event)
    event = replayed(5, 0, ConsentGiven(purpose="newsletter"))
    event.fact += b"\xf8\x3f\x01"
    with pytest.raises(ExportError, match="position 5 has fields of a newer version"):
        row_of(event)
    event.fact = b"\x0a"
    with pytest.raises(ExportError, match="position 5 can't be read"):
        row_of(event)


def test_an_absent_value_is_null_and_an_empty_one_is_empty():
    values = row_of(replayed(1, 0, ConsentWithdrawn(purpose="")))["consent_withdrawn"]
    assert values == {"purpose": ""}
    assert row_of(replayed(1, 0, full(ConsentWithdrawn)))["consent_withdrawn"]["purpose"]

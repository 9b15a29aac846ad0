"""The scanner finds what is planted, in every encoding and at every offset, and nothing else."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.canaries import SHORTEST, scan, scan_bytes

CANARIES = st.text(
    st.characters(codec="utf-8", categories=("L", "N"), include_characters="@.+- '"), min_size=12, max_size=40
)
NOISE = st.binary(max_size=100)

WRITERS: dict[str, Callable[[bytes], bytes]] = {
    "utf-8": lambda raw: raw,
    "utf-8, lower case": lambda raw: raw.decode().lower().encode(),
    "utf-16-le": lambda raw: raw.decode().encode("utf-16-le"),
    "utf-16-be": lambda raw: raw.decode().encode("utf-16-be"),
    "hex": lambda raw: raw.hex().encode(),
    "hex, upper case": lambda raw: raw.hex().upper().encode(),
    "url": lambda raw: quote(raw, safe="").encode(),
    "url, lower case": lambda raw: quote(raw, safe="").lower().encode(),
    "url, plus": lambda raw: quote_plus(raw).encode(),
    "json": lambda raw: json.dumps(raw.decode()).encode(),
    "repr of bytes": lambda raw: repr(raw)[2:-1].encode(),
}


@pytest.mark.parametrize("writer", WRITERS.values(), ids=WRITERS.keys())
@given(canary=CANARIES, before=NOISE, after=NOISE)
def test_a_planted_value_is_found(writer: Callable[[bytes], bytes], canary: str, before: bytes, after: bytes):
    findings = scan_bytes("planted", before + writer(canary.encode()) + after, [canary])
    assert {finding.canary for finding in findings} == {canary}


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@given(canary=CANARIES, before=NOISE, after=NOISE)
def test_a_planted_value_is_found_in_base64_at_every_offset(
    encode: Callable[[bytes], bytes], canary: str, before: bytes, after: bytes
):
    findings = scan_bytes("planted", encode(before + canary.encode() + after), [canary])
    assert [finding.encoding for finding in findings] == ["base64"]


@given(data=st.binary(max_size=2000))
def test_nothing_is_found_where_nothing_is(data: bytes):
    assert scan_bytes("noise", data, ["Quistnix-canary", "canary.quistnix@example.org"]) == []


def test_a_value_that_would_turn_up_by_chance_is_refused():
    with pytest.raises(ValueError, match="at least"):
        scan_bytes("any", b"", ["x" * (SHORTEST - 1)])


def test_a_file_that_is_not_there_is_an_error_and_not_a_clean_result(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        scan([tmp_path / "none"], ["Quistnix-canary"])


def test_a_value_in_a_deleted_row_of_a_database_is_found(tmp_path: Path):
    """SQLite's own files are searched as they lie on disk, the write-ahead log included."""
    connection = sqlite3.connect(tmp_path / "leaky.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode = wal")
    connection.execute("CREATE TABLE people (name text)")
    connection.execute("INSERT INTO people VALUES ('Quistnix-canary')")
    connection.execute("DELETE FROM people")
    places = {Path(finding.place).name for finding in scan([tmp_path], ["Quistnix-canary"])}
    connection.close()
    assert places == {"leaky.sqlite-wal"}

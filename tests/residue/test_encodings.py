"""A value is found in every encoding, at every offset and cut anywhere; nothing is found where nothing is."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable, Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from profile_service.residue import scanner
from profile_service.residue.encodings import SHORTEST, CanaryTooShortError, needles_of
from profile_service.residue.files import scan_bytes
from profile_service.residue.scanner import DEEPEST, Finding, Scanner, TooManyStreamsError
from tests.residue.writing import CANARIES, PACKERS, WRITERS

NOISE = st.binary(max_size=100)
EVERY_WRITER = pytest.mark.parametrize("writer", WRITERS.values(), ids=WRITERS.keys())
EVERY_PACKER = pytest.mark.parametrize("packer", PACKERS.values(), ids=PACKERS.keys())
CANARY = "Quistnix-canary@example.org"
OTHERS = ["Somebody Else entirely", CANARY]


def scan_pieces(pieces: Sequence[bytes], canaries: Sequence[str]) -> list[Finding]:
    looking = Scanner(needles_of(canaries))
    for piece in pieces:
        looking.feed(piece)
    return looking.findings


@EVERY_WRITER
@given(canary=CANARIES, before=NOISE, after=NOISE)
def test_a_planted_value_is_found(writer: Callable[[str], bytes], canary: str, before: bytes, after: bytes):
    findings = scan_bytes(before + writer(canary) + after, needles_of([canary]))
    assert {finding.canary for finding in findings} == {1}


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@given(canary=CANARIES, before=NOISE, after=NOISE)
def test_a_planted_value_is_found_in_base64_at_every_offset(
    encode: Callable[[bytes], bytes], canary: str, before: bytes, after: bytes
):
    findings = scan_bytes(encode(before + canary.encode() + after), needles_of([canary]))
    assert [finding.encoding for finding in findings] == ["base64"]


def test_latin_1_is_found_where_it_differs_from_utf_8():
    found = scan_bytes("Renée Fám".encode("latin-1"), needles_of(["Renée Fám"]))
    assert [finding.encoding for finding in found] == ["latin-1"]


@EVERY_PACKER
@given(canary=CANARIES, before=NOISE, after=NOISE, around=NOISE)
def test_a_planted_value_is_found_in_what_is_compressed_anywhere(
    packer: Callable[[bytes], bytes], canary: str, before: bytes, after: bytes, around: bytes
):
    packed = packer(before + canary.encode() + after)
    findings = scan_bytes(around + packed + around, needles_of([canary]))
    assert {finding.canary for finding in findings} == {1}


@EVERY_WRITER
@given(data=st.data())
def test_it_is_found_at_every_boundary_of_pieces(writer: Callable[[str], bytes], data: st.DataObject):
    """As it is, and compressed."""
    packer = data.draw(st.sampled_from([bytes, *PACKERS.values()]))
    stream = data.draw(NOISE) + packer(writer(CANARY)) + data.draw(NOISE)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=4)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert {finding.canary for finding in scan_pieces(pieces, OTHERS)} == {2}


@EVERY_PACKER
def test_it_is_found_byte_by_byte(packer: Callable[[bytes], bytes]):
    for stream in (CANARY.encode(), packer(CANARY.encode())):
        pieces = [bytes((byte,)) for byte in b"before " + stream + b" after"]
        assert {finding.canary for finding in scan_pieces(pieces, OTHERS)} == {2}


@given(st.integers(0, 300), st.integers(1, 50))
def test_the_offset_is_that_of_the_first(before: int, size: int):
    stream = b"-" * before + CANARY.encode() + b"-" * 40 + CANARY.upper().encode()
    pieces = [stream[start : start + size] for start in range(0, len(stream), size)]
    assert scan_pieces(pieces, [CANARY]) == [Finding(before, "utf-8", 1)]


def test_the_offset_of_something_compressed_is_where_that_begins():
    found = scan_bytes(b"x" * 70 + zlib.compress(b"y" * 9 + CANARY.encode()), needles_of([CANARY]))
    assert found == [Finding(70, "utf-8 in zlib", 1)]


def test_each_encoding_of_each_value_is_told_once():
    text = CANARY.encode()
    found = scan_bytes(text + text.hex().encode() + text + zlib.compress(text), needles_of(OTHERS))
    assert [finding.encoding for finding in found] == ["utf-8", "hex", "utf-8 in zlib"]


def test_what_a_damaged_stream_held_before_the_damage_is_found():
    stream = bytearray(zlib.compress(CANARY.encode() + bytes(range(256)) * 40, 1))
    stream[-200:] = b"\xff" * 200
    assert scan_bytes(bytes(stream), needles_of([CANARY]))
    assert scan_bytes(bytes(stream[:150]), needles_of([CANARY])), "cut off"


@pytest.mark.parametrize("depth", [1, DEEPEST, DEEPEST + 1])
def test_streams_within_streams_are_opened_to_a_depth(depth: int):
    raw = CANARY.encode()
    for _ in range(depth):
        raw = zlib.compress(bytes(1000) + raw)  # with zeros, so that it is worth more than storing
    assert bool(scan_bytes(raw, needles_of([CANARY]))) is (depth <= DEEPEST)


def test_a_long_stream_that_opens_to_far_more_is_held_in_pieces(monkeypatch: pytest.MonkeyPatch):
    widest = 0

    class Watched(Scanner):
        def feed(self, piece: bytes) -> None:
            nonlocal widest
            widest = max(widest, len(piece) + len(self._window))
            super().feed(piece)

    monkeypatch.setattr(scanner, "Scanner", Watched)
    packing = zlib.compressobj(9)
    packed = b"".join(packing.compress(bytes(1 << 20)) for _ in range(64))
    packed += packing.compress(CANARY.encode()) + packing.flush()
    looking = Watched(needles_of([CANARY]))
    looking.feed(packed)
    assert [finding.encoding for finding in looking.findings] == ["utf-8 in zlib"]
    assert widest < 5 << 20


def test_a_file_made_of_beginnings_is_refused_and_not_called_clean():
    stored = b"\x78\x01" + b"\x00\x02\x00\xfd\xff"  # a block of two bytes: where the next one begins
    with pytest.raises(TooManyStreamsError):
        scan_bytes(stored * 300, needles_of([CANARY]))


@given(data=st.binary(max_size=2000))
@example(data=b"\x1f\x8b\x08")
@example(data=b"\x78\x9c" * 50)
def test_nothing_is_found_where_nothing_is(data: bytes):
    assert scan_bytes(data, needles_of(["Quistnix-canary", "canary.quistnix@example.org"])) == []


def test_a_value_that_would_turn_up_by_chance_is_refused_and_not_shown():
    with pytest.raises(CanaryTooShortError, match="canary 2 has fewer") as refusal:
        needles_of([CANARY, "Q" * (SHORTEST - 1)])
    assert "QQQ" not in str(refusal.value)


def test_no_value_shows_in_what_describes_the_search():
    assert CANARY not in repr(needles_of([CANARY])) + repr(scan_bytes(CANARY.encode(), needles_of([CANARY])))

"""`proto/check.py` passes what is here, and notices each kind of mistake when one is planted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.repository import run_tool, scratch_copy

PROTO = "proto/profile_service/v1"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return scratch_copy(tmp_path, "proto", "profile_service/v1", "buf", "buf.yaml")


def check(copy: Path) -> tuple[int, str]:
    return run_tool("python", "proto/check.py", within=copy)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_the_proto_files_and_the_generated_code_are_in_order(copy: Path):
    assert check(copy) == (0, "")


def test_generated_code_that_was_edited_is_noticed(copy: Path):
    module = copy / "profile_service/v1/events_pb2.pyi"
    module.write_text(module.read_text() + "\n")
    assert check(copy) == (
        1,
        "profile_service/v1/events_pb2.pyi: not what the proto files give; run `make generate`\n",
    )


def test_generated_code_that_is_missing_or_left_over_is_noticed(copy: Path):
    generated = copy / "profile_service/v1"
    (generated / "events_pb2.py").rename(generated / "former_pb2.py")
    status, output = check(copy)
    assert status == 1
    assert {line.split(":")[0] for line in output.splitlines()} == {
        "profile_service/v1/events_pb2.py",
        "profile_service/v1/former_pb2.py",
    }


def test_a_name_against_the_style_is_noticed(copy: Path):
    edit(copy / PROTO / "events.proto", "message CampaignClosed {", "message campaign_closed {")
    status, output = check(copy)
    assert status == 1
    assert 'should be PascalCase, such as "CampaignClosed"' in output


CLOSED = """message CampaignClosed {
  option (export_exclusion) = EXPORT_EXCLUSION_ABOUT_NO_PERSON;
}
"""


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("optional bytes text_hash = 3", "optional string text_hash = 3", "changed type"),
        ("optional bytes text_hash = 3", "optional bytes text_hash = 13", 'Previously present field "3"'),
        (CLOSED, "", 'Previously present message "CampaignClosed" was deleted'),
    ],
    ids=["retyped", "renumbered", "removed"],
)
def test_breaking_what_was_released_is_noticed(copy: Path, old: str, new: str, complaint: str):
    edit(copy / PROTO / "events.proto", old, new)
    status, output = check(copy)
    assert status == 1
    assert complaint in output

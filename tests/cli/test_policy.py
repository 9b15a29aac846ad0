"""`aprofile policy`: a file is published, shown as it was, and refused when it is none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from profile_service.cli.errors import ExitCode
from profile_service.cli.output import to_plain
from profile_service.domain.policies import Policies, publish
from profile_service.policy_file import PolicyFileError, read_policy
from profile_service.v1.events_pb2 import PolicyPublished
from tests.cli.test_service import aprofile
from tests.support.markdown import code_blocks
from tests.support.policies import DAY, FIRST_DAY, STANDARD
from tests.support.repository import ROOT
from tests.support.service import Databases, Service, running_service

# The example of the document.
(TOML,) = code_blocks(ROOT / "docs/policies.md", "toml")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    directory = tmp_path_factory.mktemp("policy")
    with running_service(directory, Databases.sqlite(directory)) as service:
        yield service


def test_a_toml_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(TOML)
    policy = read_policy(path)
    assert policy.effective_time.seconds == FIRST_DAY + 31 * DAY - 3600
    assert policy.texts[0].text_hash == sha256(b"foo").digest()
    assert policy.purposes[0].consent_texts[0].text_hash == sha256(b"bar").digest()
    assert policy.purposes[0].retention.months == 1
    assert publish(Policies(), policy) == [PolicyPublished(policy=policy)]


def test_what_is_shown_is_read_as_the_same(tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    path.write_text(json.dumps(to_plain(STANDARD)))
    assert read_policy(path) == STANDARD


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("none.toml", None),
        ("words.toml", "Privacy first"),
        ("words.json", "Privacy first"),
        ("list.json", "[1]"),
        ("field.json", '{"verzion": "1"}'),
        ("hash.json", '{"texts": [{"text_hash": "xyz"}]}'),
        ("number.json", '{"texts": [{"text_hash": 1}]}'),
        ("time.toml", "effective_time = 2026-01-01T00:00:00"),
    ],
)
def test_a_file_that_is_no_policy_is_refused(tmp_path: Path, name: str, text: str | None) -> None:
    path = tmp_path / name
    if text is not None:
        path.write_text(text)
    with pytest.raises(PolicyFileError, match=name):
        read_policy(path)


@pytest.mark.service
def test_a_version_is_published_once_and_shown(service: Service, tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    path.write_text(json.dumps(to_plain(STANDARD)))
    for _ in range(2):
        done = aprofile(service, "policy", "publish", str(path))
        assert (done.returncode, done.stderr) == (ExitCode.OK, "")
        assert STANDARD.version in done.stdout
    shown = json.loads(aprofile(service, "policy", "show", "--format", "json").stdout)
    assert shown.pop("publish_time")
    assert shown == to_plain(STANDARD)
    table = aprofile(service, "policy", "show", STANDARD.version, "--language", "nl")
    assert "https://www.city.example/privacy/2026-01/nl" in table.stdout
    assert "until consent withdrawn" in table.stdout
    before = aprofile(service, "policy", "show", "--at", "2025-12-31")
    assert (before.returncode, "NO_POLICY_IN_EFFECT" in before.stderr) == (ExitCode.REFUSED, True)

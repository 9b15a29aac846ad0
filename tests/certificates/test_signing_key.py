"""The file of the signing key: made once, for its owner alone, and refused when others can touch it."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from profile_service.certificates.signing_key import SigningKeyError, open_signer


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path):
    path = tmp_path / "keys" / "signing.key"
    first = open_signer(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.stat().st_size == 32
    assert open_signer(path).public_key == first.public_key
    assert [file.name for file in path.parent.iterdir()] == ["signing.key"]
    assert open_signer(tmp_path / "other.key").public_key != first.public_key


def test_processes_that_start_at_once_have_one_key(tmp_path: Path):
    path = tmp_path / "signing.key"
    with ThreadPoolExecutor(8) as starts:
        keys = list(starts.map(lambda _: open_signer(path).public_key, range(32)))
    assert len(set(keys)) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666, 0o611])
def test_a_file_that_others_can_touch_is_refused(tmp_path: Path, mode: int):
    path = tmp_path / "signing.key"
    open_signer(path)
    path.chmod(mode)
    with pytest.raises(SigningKeyError, match="others have access"):
        open_signer(path)


@pytest.mark.parametrize("content", [b"", bytes(31), bytes(33)])
def test_a_file_that_is_no_key_is_refused_and_not_replaced(tmp_path: Path, content: bytes):
    path = tmp_path / "signing.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(SigningKeyError, match="is not a signing key"):
        open_signer(path)
    assert path.read_bytes() == content


def test_a_link_and_a_place_that_can_not_be_made_are_refused(tmp_path: Path):
    open_signer(tmp_path / "signing.key")
    (tmp_path / "link.key").symlink_to(tmp_path / "signing.key")
    with pytest.raises(SigningKeyError):
        open_signer(tmp_path / "link.key")
    with pytest.raises(SigningKeyError):
        open_signer(tmp_path / "signing.key" / "below.key")

"""Root keys are files for their owner only, in a directory that no backup of the data contains."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from profile_service.keys.errors import (
    RootExistsError,
    RootMissingError,
    RootRefusedError,
    RootUnsafeError,
)
from profile_service.keys.material import random_key
from profile_service.keys.roots import FileRootProvider


@pytest.fixture
def provider(tmp_path: Path) -> FileRootProvider:
    provider = FileRootProvider(tmp_path / "roots")
    provider.create("epoch-1")
    return provider


def the_file(tmp_path: Path) -> Path:
    return tmp_path / "roots" / "epoch-1.key"


def test_a_wrapped_key_opens_under_its_root_for_its_place(provider: FileRootProvider):
    key = random_key()
    wrapped = provider.wrap("epoch-1", key, b"place")
    assert provider.unwrap("epoch-1", wrapped, b"place") == key
    with pytest.raises(RootRefusedError):
        provider.unwrap("epoch-1", wrapped, b"elsewhere")
    with pytest.raises(RootRefusedError):
        provider.unwrap("epoch-1", wrapped[:-1], b"place")


def test_another_root_is_refused_also_under_the_same_name(provider: FileRootProvider, tmp_path: Path):
    wrapped = provider.wrap("epoch-1", random_key(), b"")
    provider.create("epoch-2")
    with pytest.raises(RootRefusedError):
        provider.unwrap("epoch-2", wrapped, b"")
    (tmp_path / "roots" / "epoch-2.key").replace(the_file(tmp_path))
    with pytest.raises(RootRefusedError):
        provider.unwrap("epoch-1", wrapped, b"")


def test_a_root_file_is_for_its_owner_only_whatever_the_umask(tmp_path: Path):
    before = os.umask(0)
    try:
        FileRootProvider(tmp_path / "roots").create("epoch-1")
    finally:
        os.umask(before)
    assert stat.S_IMODE(the_file(tmp_path).stat().st_mode) == 0o600
    assert the_file(tmp_path).stat().st_size == 32
    assert [path.name for path in (tmp_path / "roots").iterdir()] == ["epoch-1.key"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610])
def test_a_root_file_that_others_may_touch_is_refused(provider: FileRootProvider, tmp_path: Path, mode: int):
    the_file(tmp_path).chmod(mode)
    with pytest.raises(RootUnsafeError):
        provider.wrap("epoch-1", random_key(), b"")


@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777])
def test_a_directory_that_others_may_change_is_refused(tmp_path: Path, mode: int):
    (tmp_path / "roots").mkdir()
    (tmp_path / "roots").chmod(mode)
    with pytest.raises(RootUnsafeError):
        FileRootProvider(tmp_path / "roots")


def test_a_link_is_not_followed(provider: FileRootProvider, tmp_path: Path):
    (tmp_path / "roots" / "linked.key").symlink_to(the_file(tmp_path))
    with pytest.raises(RootMissingError):
        provider.wrap("linked", random_key(), b"")


@pytest.mark.parametrize("roots", ["data", "data/roots", "data/../data/roots", "link/roots", "."])
def test_roots_and_data_are_not_nested(tmp_path: Path, roots: str):
    (tmp_path / "data").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "data")
    with pytest.raises(RootUnsafeError):
        FileRootProvider(tmp_path / roots, data_directory=tmp_path / "data")


def test_a_sibling_with_a_longer_name_is_apart(tmp_path: Path):
    FileRootProvider(tmp_path / "data-roots", data_directory=tmp_path / "data")


def test_a_root_is_made_once(provider: FileRootProvider):
    with pytest.raises(RootExistsError):
        provider.create("epoch-1")


@pytest.mark.parametrize("root_id", ["absent", "../epoch-1", "", "/etc/passwd", "Epoch-1"])
def test_a_root_that_is_not_there_is_missing(provider: FileRootProvider, root_id: str):
    with pytest.raises(RootMissingError):
        provider.unwrap(root_id, bytes(60), b"")


@pytest.mark.parametrize("content", [b"", bytes(31), bytes(33), bytes(4096)])
def test_a_file_of_another_length_is_no_root(provider: FileRootProvider, tmp_path: Path, content: bytes):
    the_file(tmp_path).write_bytes(content)
    with pytest.raises(RootRefusedError):
        provider.wrap("epoch-1", random_key(), b"")

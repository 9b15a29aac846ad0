"""Root keys are files for their owner only, in a directory that no backup of the data contains."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from profile_service.keys.errors import (
    RootExistsError,
    RootMissingError,
    RootRefusedError,
    RootUnavailableError,
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


def test_another_root_under_the_same_name_is_refused(provider: FileRootProvider, tmp_path: Path):
    wrapped = provider.wrap("epoch-1", random_key(), b"")
    provider.create("epoch-2")
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
    assert sorted(path.name for path in (tmp_path / "roots").iterdir()) == ["epoch-1.key", "place.id"]


@pytest.mark.parametrize("call", ["write", "ftruncate", "unlink", "fsync"])
def test_a_directory_in_which_no_root_key_could_be_destroyed_is_refused_at_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
):
    def refused(*_: object, **__: object) -> int:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(os, call, refused)
    with pytest.raises(RootUnavailableError, match="Read-only"):
        FileRootProvider(tmp_path / "roots")


def test_what_a_start_that_was_killed_tried_out_is_removed_by_the_next(tmp_path: Path):
    FileRootProvider(tmp_path / "roots").create("epoch-1")
    (tmp_path / "roots" / "0123.trial").write_bytes(bytes(32))
    FileRootProvider(tmp_path / "roots")
    assert sorted(path.name for path in (tmp_path / "roots").iterdir()) == ["epoch-1.key", "place.id"]


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


@pytest.mark.parametrize("content", [b"", bytes(31), bytes(33), bytes(4096)])
def test_a_file_of_another_length_is_no_root(provider: FileRootProvider, tmp_path: Path, content: bytes):
    the_file(tmp_path).write_bytes(content)
    with pytest.raises(RootRefusedError):
        provider.wrap("epoch-1", random_key(), b"")


def test_a_destroyed_root_is_overwritten_where_it_lay_before_it_is_removed(
    provider: FileRootProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Seen through a second name of the same blocks, at each sync."""
    second = tmp_path / "second-name"
    second.hardlink_to(the_file(tmp_path))
    key = second.read_bytes()
    seen: list[tuple[bytes, bool]] = []
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        fsync(descriptor)
        seen.append((second.read_bytes(), the_file(tmp_path).exists()))

    monkeypatch.setattr(os, "fsync", noted)
    provider.destroy("epoch-1")
    (overwritten, still_there), emptied, removed = seen
    assert len(overwritten) == len(key)
    assert overwritten != key
    assert still_there
    assert emptied == (b"", True)
    assert removed == (b"", False)


def test_a_destruction_that_was_cut_short_leaves_no_key_and_is_finished_the_next_time(
    provider: FileRootProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    wrapped = provider.wrap("epoch-1", random_key(), b"")

    def refused(path: Path, missing_ok: bool = False) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(Path, "unlink", refused)
        with pytest.raises(RootUnavailableError):
            provider.destroy("epoch-1")
    assert provider.exists("epoch-1"), "not yet proven"
    with pytest.raises(RootRefusedError):
        provider.unwrap("epoch-1", wrapped, b"")
    provider.destroy("epoch-1")
    assert not provider.exists("epoch-1")
    assert [path.name for path in (tmp_path / "roots").iterdir()] == ["place.id"]


def test_a_root_that_was_never_finished_is_there_until_it_is_destroyed(
    provider: FileRootProvider, tmp_path: Path
):
    the_file(tmp_path).rename(tmp_path / "roots" / "epoch-1.new")
    assert provider.exists("epoch-1")
    with pytest.raises(RootExistsError):
        provider.create("epoch-1")
    provider.destroy("epoch-1")
    assert [path.name for path in (tmp_path / "roots").iterdir()] == ["place.id"]


@pytest.mark.parametrize("there", [True, False])
def test_a_directory_that_was_exchanged_proves_no_destruction(
    provider: FileRootProvider, tmp_path: Path, there: bool
):
    """As after an unmount: an empty directory, or none, is where the root keys were."""
    (tmp_path / "roots").rename(tmp_path / "moved")
    if there:
        (tmp_path / "roots").mkdir()
    with pytest.raises(RootUnavailableError):
        provider.exists("epoch-1")
    with pytest.raises(RootUnavailableError):
        provider.destroy("epoch-1")


def test_a_link_in_place_of_a_root_is_not_followed_when_it_is_destroyed(
    provider: FileRootProvider, tmp_path: Path
):
    (tmp_path / "roots" / "linked.key").symlink_to(the_file(tmp_path))
    with pytest.raises(RootUnavailableError):
        provider.destroy("linked")
    assert the_file(tmp_path).stat().st_size == 32


def test_a_directory_that_can_not_be_looked_into_proves_no_destruction(
    provider: FileRootProvider, monkeypatch: pytest.MonkeyPatch
):
    """As after `chmod u-x`, which does not stop root, who runs many tests."""
    wrapped = provider.wrap("epoch-1", random_key(), b"")

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as broken:
        broken.setattr(Path, "lstat", refused)
        broken.setattr(os, "lstat", refused)
        broken.setattr(os, "open", refused)
        with pytest.raises(RootUnavailableError):
            provider.exists("epoch-1")
        with pytest.raises(RootUnavailableError):
            provider.unwrap("epoch-1", wrapped, b"")
        with pytest.raises(RootUnavailableError):
            provider.destroy("epoch-1")
    assert provider.exists("epoch-1")

"""The list of erasures: whole lines, whatever was cut off in the middle of one."""

from __future__ import annotations

import resource
import stat
import threading
import time
from pathlib import Path
from uuid import uuid4

import pytest

from profile_service.keys.erasure_list import ErasureList


def test_who_was_added_is_remembered_by_the_next_process(tmp_path: Path):
    people = [uuid4() for _ in range(5)]
    ErasureList(tmp_path / "erasures").add(people[:3])
    ErasureList(tmp_path / "erasures").add(people[3:])
    assert ErasureList(tmp_path / "erasures").since(0) == set(people)
    assert stat.S_IMODE((tmp_path / "erasures").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "erasures/erased.list").stat().st_mode) == 0o600


def test_only_those_since_a_time_are_asked_for(tmp_path: Path):
    early, late = uuid4(), uuid4()
    remembered = ErasureList(tmp_path)
    remembered.add([early])
    between = time.time_ns() // 1000 + 1
    while time.time_ns() // 1000 <= between:
        time.sleep(0.001)
    remembered.add([late])
    assert remembered.since(between) == {late}
    assert remembered.since(0) == {early, late}


@pytest.mark.parametrize("cut", range(1, 58))
def test_what_a_crash_cut_off_hides_nobody_else(tmp_path: Path, cut: int):
    first, torn, next_one = uuid4(), uuid4(), uuid4()
    remembered = ErasureList(tmp_path)
    remembered.add([first, torn])
    path = tmp_path / "erased.list"
    path.write_bytes(path.read_bytes()[:-cut])
    remembered.add([next_one])
    assert {first, next_one} <= remembered.since(0) <= {first, torn, next_one}


def test_several_may_write_at_once(tmp_path: Path):
    people = [[uuid4() for _ in range(20)] for _ in range(4)]

    def write(mine: list) -> None:
        remembered = ErasureList(tmp_path)
        for one in mine:
            remembered.add([one])

    threads = [threading.Thread(target=write, args=[mine]) for mine in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ErasureList(tmp_path).since(0) == {one for mine in people for one in mine}


def test_a_line_that_a_full_disk_takes_in_part_is_an_error(tmp_path: Path):
    remembered = ErasureList(tmp_path)
    first, second = uuid4(), uuid4()
    remembered.add([first])
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = (tmp_path / "erased.list").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 10, before[1]))
    try:
        with pytest.raises(OSError, match="in part"):
            remembered.add([second])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    remembered.add([second])
    assert remembered.since(0) == {first, second}

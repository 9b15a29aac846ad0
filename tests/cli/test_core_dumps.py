"""A process that holds keys leaves no core file, and is closed to others of the same user."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.service import START_SECONDS, Databases, running_service

# A host that collects core files starts its programs so.
UNLIMITED = (
    "import resource as r; hard = r.getrlimit(r.RLIMIT_CORE)[1]; r.setrlimit(r.RLIMIT_CORE, (hard, hard)); "
)
CRASH = "import os, signal; os.kill(os.getpid(), signal.SIGABRT)"
GUARDED = "from profile_service.core_dumps import forbid_core_dumps as f; f(); "
# PR_GET_DUMPABLE of linux/prctl.h; 1 is what a program starts with.
DUMPABLE = "import ctypes; print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"


def dumps(code: str, directory: Path) -> bool:
    """Whether the kernel says that it made a core dump of a crash."""
    process = subprocess.Popen([sys.executable, "-c", code], cwd=directory)
    _, status = os.waitpid(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == -signal.SIGABRT
    return os.WCOREDUMP(status)


def test_a_crash_leaves_no_core_file(tmp_path: Path):
    assert not dumps(UNLIMITED + GUARDED + CRASH, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_without_the_guard_there_would_be_one(tmp_path: Path):
    if resource.getrlimit(resource.RLIMIT_CORE)[1] == 0:
        pytest.skip("this host allows no core dumps to anybody")
    if Path("/proc/sys/kernel/core_pattern").read_text().startswith("|"):
        pytest.skip("this host pipes core dumps into a program")
    assert dumps(UNLIMITED + CRASH, tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="an attribute of Linux")
@pytest.mark.parametrize(("guard", "attribute"), [(GUARDED, "0"), ("", "1")])
def test_the_memory_is_closed_to_others(guard: str, attribute: str):
    answer = subprocess.run(
        [sys.executable, "-c", guard + DUMPABLE], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == attribute


def core_limit(pid: int) -> list[str]:
    """Soft and hard limit of a core file, in bytes."""
    lines = Path(f"/proc/{pid}/limits").read_text().splitlines()
    return next(line.split()[4:6] for line in lines if line.startswith("Max core file size"))


@pytest.mark.service
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.skipif(resource.getrlimit(resource.RLIMIT_CORE)[1] == 0, reason="no core dumps here at all")
def test_the_server_and_the_projector_are_guarded(tmp_path: Path):
    with running_service(tmp_path, Databases.sqlite(tmp_path), projector_inside=False) as service:
        assert service.process is not None
        assert core_limit(service.process.pid) == ["0", "0"]
        projector = service.spawn("project")
        end = time.monotonic() + START_SECONDS
        while core_limit(projector.pid) != ["0", "0"]:
            assert projector.poll() is None
            assert time.monotonic() < end
            time.sleep(0.05)
        while b"projecting" not in service.log.read_bytes():
            assert time.monotonic() < end
            time.sleep(0.05)
        projector.terminate()
        assert projector.wait(START_SECONDS) == 0

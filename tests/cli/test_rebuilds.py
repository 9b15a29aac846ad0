"""`aprofile projections` about rebuilds, against the real service: what an operator does while one runs."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from profile_service.cli.errors import ExitCode
from profile_service.v1.operations_service_pb2 import RebuildProjectionRequest, VerifyProjectionRequest
from projections.views import VIEWS
from tests.api.calls import SECONDS
from tests.cli.test_service import aprofile
from tests.support.service import REPOSITORY, Databases, Service, running_service

pytestmark = pytest.mark.service


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    directory: Path = tmp_path_factory.mktemp("rebuilds")
    with running_service(directory, Databases.sqlite(directory)) as service:
        done = aprofile(service, "load", "--citizens", "5", "--seed", "3")
        assert done.returncode == ExitCode.OK, done.stderr
        yield service


def about(service: Service, *words: str) -> str:
    """What a command about rebuilds says."""
    done = aprofile(service, "projections", *words)
    assert done.returncode == ExitCode.OK, done.stderr
    return done.stdout


def refused(service: Service, *words: str) -> str:
    """The reason for which a command is refused."""
    done = aprofile(service, "projections", *words)
    assert done.returncode == ExitCode.REFUSED
    return done.stderr.removeprefix("aprofile: ").split(" ")[0]


def standing(service: Service, name: str) -> tuple[str, int]:
    """The state of a rebuild, and which generation is live."""
    answer = json.loads(about(service, "status", name, "--format", "json"))
    return answer["rebuild"]["state"].removeprefix("REBUILD_STATE_"), int(answer["live_generation"])


def begin(service: Service, name: str) -> None:
    """Begin a rebuild whose worker starts more slowly than a command reaches the service, and look away."""
    with service.stubs() as stubs:
        request = RebuildProjectionRequest(name=name, workers=1)
        watched = stubs.operations.RebuildProjection(request, timeout=SECONDS)
        next(iter(watched))
        watched.cancel()


def test_a_rebuild_is_paused_resumed_watched_and_taken_back(service: Service) -> None:
    begin(service, "profiles")
    assert re.fullmatch(
        r"profiles: paused, \d+ of 256 slices of generation 2 are built\n",
        about(service, "pause", "profiles"),
    )
    assert standing(service, "profiles") == ("PAUSED", 1)
    assert refused(service, "rebuild", "profiles") == "REBUILD_UNDER_WAY"
    assert "paused" in about(service, "status", "profiles")
    assert about(service, "resume", "profiles").startswith("profiles: running, ")
    assert about(service, "status", "--watch", "profiles").startswith(
        "profiles: generation 2 is live: 5 rows"
    )
    assert standing(service, "profiles") == ("SWAPPED", 2)
    for live, kept in ((1, 2), (2, 1)):
        said = about(service, "rollback", "profiles")
        assert said.startswith(f"profiles: generation {live} is live again, ")
        assert said.endswith(f"; generation {kept} is kept\n")
        assert standing(service, "profiles") == ("SWAPPED", live)


def test_a_rebuild_is_cancelled(service: Service) -> None:
    begin(service, "sign_ups")
    assert about(service, "cancel", "sign_ups").startswith("sign_ups: cancelled, ")
    assert standing(service, "sign_ups") == ("CANCELLED", 1)
    for command in ("pause", "resume", "cancel"):
        assert refused(service, command, "sign_ups") == "REBUILD_NOT_UNDER_WAY"
    assert refused(service, "swap", "sign_ups") == "NOTHING_TO_SWAP"
    assert refused(service, "rollback", "sign_ups") == "NOTHING_TO_ROLL_BACK_TO"


def test_what_is_held_ready_is_swapped_in_when_told(service: Service) -> None:
    assert "consents: generation 2 is ready to be swapped in" in about(
        service, "rebuild", "--no-swap", "consents"
    )
    assert standing(service, "consents") == ("READY", 1)
    swapped = "consents: swapped, 256 of 256 slices of generation 2 are built\n"
    assert about(service, "swap", "consents") == swapped
    assert standing(service, "consents") == ("SWAPPED", 2)
    assert refused(service, "swap", "consents") == "NOTHING_TO_SWAP"


def test_the_progress_is_drawn_on_a_terminal(service: Service) -> None:
    """And in no pipe, where only what it came to is said."""
    main, terminal = pty.openpty()
    command = ["-m", "profile_service", "projections", "rebuild", "--workers", "1", "audience"]
    environment = {**service.settings, "TERM": "xterm", "COLUMNS": "160"}
    with subprocess.Popen(
        [sys.executable, *command], cwd=REPOSITORY, env=environment, stdout=terminal, stderr=terminal
    ) as process:
        os.close(terminal)
        drawn = b"".join(iter(lambda: _read(main), b"")).decode()
    os.close(main)
    assert process.returncode == ExitCode.OK, drawn
    for shown in ("audience: slices", "/256 slices", "events/s", "lag 0", "0 parked", "━"):
        assert shown in drawn
    assert "audience: generation 2 is live: " in drawn
    assert "━" not in about(service, "rebuild", "audience")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # the other end is closed
        return b""


def test_a_server_that_stops_waits_for_no_verification(service: Service) -> None:
    """What has begun is let go of, and who asked for it is told."""
    with service.stubs() as stubs:
        asked = [
            stubs.operations.VerifyProjection.future(VerifyProjectionRequest(name=view.name), timeout=SECONDS)
            for view in VIEWS
        ]
        give_up = time.monotonic() + SECONDS
        while "verification begins" not in service.log.read_text():
            assert time.monotonic() < give_up
            time.sleep(0.005)
        assert service.stop() == 0
        codes = [one.exception(SECONDS).code() if one.exception(SECONDS) else None for one in asked]
    assert set(codes) <= {None, grpc.StatusCode.UNAVAILABLE}
    assert grpc.StatusCode.UNAVAILABLE in codes
    told = service.log.read_text()
    assert told.count("verification begins") > told.count("verification ended")

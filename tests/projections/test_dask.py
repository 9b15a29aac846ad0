"""A rebuild on a real Dask scheduler, with workers that are processes of their own, one killed half-way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from distributed import Client, wait

from profile_service.dask_cluster import dask_cluster, has_workers, scheduler_of
from profile_service.workers import own_sources, own_view
from projections import crew
from projections.crew import NoWorkersError, Workforce
from projections.rebuild import Rebuild
from projections.status import RebuildState, RebuildStatus
from projections.verify import verify
from projections.views.profiles import PROFILES_VIEW
from tests.projections.test_control import EVERYBODY, now, until_slice, wait_for
from tests.projections.test_rebuilding import control_of
from tests.projections.worker_tasks import slowly
from tests.projections.workforces import Record, key_leases, places, recorded
from tests.projections.world import Step, World
from tests.support.canaries import Found, scan
from tests.support.repository import ROOT
from tests.support.service import free_port

pytestmark = pytest.mark.slow

SECONDS = 60.0
WORKERS = 2
PLACE = ["--host", "127.0.0.1", "--no-dashboard"]
# Whatever a task answers goes to the disk of its worker at once, however small it is.
SPILL_EVERYTHING = {
    "DASK_DISTRIBUTED__WORKER__MEMORY__TARGET": "1e-9",
    "DASK_DISTRIBUTED__WORKER__MEMORY__SPILL": "False",
    "DASK_DISTRIBUTED__WORKER__MEMORY__PAUSE": "False",
}


@dataclass
class Cluster:
    """A scheduler and workers on loopback; `directory` has all they write."""

    directory: Path
    port: int = field(default_factory=free_port)
    scheduler: subprocess.Popen[bytes] | None = None
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def executor(self) -> str:
        return f"dask://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start a scheduler, without workers."""
        self.directory.mkdir()
        self.scheduler = self._spawn("scheduler", [*PLACE, "--port", str(self.port)], {})

    def hire(self, settings: dict[str, str]) -> None:
        """Start workers."""
        worker = [
            f"tcp://127.0.0.1:{self.port}",
            *PLACE,
            "--no-nanny",
            "--nthreads",
            "1",
            "--memory-limit",
            "1GB",
        ]
        worker += ["--memory-limit", "1GB", "--local-directory", str(self.directory)]
        self.workers = [self._spawn("worker", worker, settings) for _ in range(WORKERS)]

    def stop(self) -> None:
        for process in (*self.workers, self.scheduler):
            if process is not None and process.poll() is None:
                process.terminate()
                process.wait(SECONDS)

    def _spawn(self, kind: str, arguments: list[str], settings: dict[str, str]) -> subprocess.Popen[bytes]:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("APROFILE_")},
            "PYTHONPATH": str(ROOT),
            "DASK_LOGGING__DISTRIBUTED": "debug",
            **SPILL_EVERYTHING,
            "TMPDIR": str(self.directory),
            **settings,
        }
        with (self.directory / f"{kind}.log").open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.dask_{kind}", *arguments],
                env=environment,
                cwd=self.directory,
                stdout=output,
                stderr=subprocess.STDOUT,
            )


@pytest.fixture
def settings(world: World, tmp_path: Path) -> dict[str, str]:
    """What workers have from the environment, as servers have."""
    where = places(world, tmp_path / "root")
    return {f"APROFILE_{name.upper()}": str(getattr(where, name)) for name in where.__dataclass_fields__}


@pytest.fixture
def workerless(tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(tmp_path / "dask")
    made.start()
    yield made
    made.stop()


@pytest.fixture
def cluster(workerless: Cluster, settings: dict[str, str]) -> Cluster:
    workerless.hire(settings)
    return workerless


def until(condition: Callable[[], bool]) -> None:
    give_up = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.1)


def leak(value: str) -> None:
    """A defect: a task whose exception quotes a value."""
    raise ValueError(value)


def echo(value: str) -> str:
    """A defect: a task that answers with a value."""
    return value


def spilled(cluster: Cluster, canaries: list[str]) -> list[Found]:
    """What is found on the disks of workers while the answer of a careless task is there."""
    with Client(scheduler_of(cluster.executor)) as client:
        answer = client.submit(echo, canaries[1])
        wait(answer)
        found = scan(list(cluster.directory.glob("dask-scratch-space/*/storage")), canaries)
        answer.release()
    return found


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_a_cluster_rebuilds_although_a_worker_is_killed_half_way(
    world: World, cluster: Cluster, caplog: pytest.LogCaptureFixture, short_runs: None
) -> None:
    """And neither a log, a file nor a message of it has a value of a person; of a careless task it would."""
    world.happen(EVERYBODY)
    world.happen([Step("update", who, 1) for who in range(5)])
    world.follow()
    record = Record()
    cluster_of = partial(dask_cluster, cluster.executor)
    workforce = recorded(Workforce(cluster_of, own_sources, own_view, slowly), record)
    killed = False
    for step in Rebuild(world.sources, PROFILES_VIEW, lambda *_: workforce).run():
        if step.slices_done >= 128 and not killed:
            assert key_leases(world) == 1 + WORKERS
            cluster.workers[0].send_signal(signal.SIGKILL)
            killed = True
    assert killed
    assert (step.state, step.slices_done) == (RebuildState.SWAPPED, 256)
    assert set(record.slices.values()) == {1}, "Dask itself gave the lost tasks to the other worker"
    assert verify(world.sources, PROFILES_VIEW).equal

    canaries = [person.mark for person in world.people.values()]
    with dask_cluster(cluster.executor) as executor:
        assert scan([cluster.directory], canaries) == []
        with pytest.raises(ValueError, match=canaries[0]):
            executor.submit(leak, canaries[0]).result()
    assert canaries[0] not in caplog.text
    assert {found.canary for found in spilled(cluster, canaries)} == {canaries[1]}
    cluster.stop()
    assert {found.canary for found in scan([cluster.directory], canaries)} == {canaries[0]}
    sent = cluster.directory / "pickles"
    sent.write_bytes(b"".join(record.pickles))
    assert scan([sent], canaries) == []
    until(lambda: key_leases(world) == 1)


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_a_cluster_that_has_no_workers_is_not_waited_for_for_ever(
    world: World,
    workerless: Cluster,
    settings: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    short_runs: None,
) -> None:
    """Nor one whose workers all went half-way; what they finished is kept, and others go on."""
    monkeypatch.setattr(crew, "WORKERLESS", 3.0)
    world.happen(EVERYBODY)
    world.follow()
    cluster_of = partial(dask_cluster, workerless.executor)
    workforce = Workforce(cluster_of, own_sources, own_view, slowly, has_workers)

    def rebuild() -> Iterator[RebuildStatus]:
        return Rebuild(world.sources, PROFILES_VIEW, lambda *_: workforce).run()

    with pytest.raises(NoWorkersError):
        list(rebuild())
    assert (now(world).state, now(world).slices_done) == (RebuildState.FAILED, 0)
    assert now(world).error == "the executor had no worker for 3 seconds: start some, and resume"

    monkeypatch.setattr(crew, "WORKERLESS", SECONDS)
    workerless.hire(settings)
    steps = rebuild()
    until_slice(10, steps)
    monkeypatch.setattr(crew, "WORKERLESS", 3.0)
    for worker in workerless.workers:
        worker.kill()
    with pytest.raises(NoWorkersError):
        list(steps)
    kept = now(world).slices_done
    assert kept >= 10
    control_of(world).resume("profiles")
    assert wait_for(world, RebuildState.SWAPPED).slices_done == 256
    assert verify(world.sources, PROFILES_VIEW).equal


def test_another_machine_is_reached_with_tls_only() -> None:
    assert scheduler_of("dask://127.0.0.1:8786") == "tcp://127.0.0.1:8786"
    assert scheduler_of("dask://[::1]:8786") == "tcp://[::1]:8786"
    assert scheduler_of("dask://10.0.0.7:8786") == "tls://10.0.0.7:8786"

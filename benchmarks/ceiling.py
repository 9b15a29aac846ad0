"""What the load generator itself can do, and what an empty gRPC call costs."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator

from benchmarks import bodies
from benchmarks.databases import temporary_directory
from benchmarks.generator import Load
from benchmarks.processes import peer
from benchmarks.runner import REGISTER, Measurement, Options, benchmark, rounds


@benchmark
def load_generator(options: Options) -> Iterator[Measurement]:
    """The generator against a server that costs nothing, over the bare gRPC echo."""
    with peer("mirror") as mirror, peer("echo") as echo:
        loads = {
            name: Load(at, REGISTER, bodies.registrations)
            for name, at in (("mirror", mirror), ("echo", echo))
        }
        sides = rounds(loads, options)
        yield Measurement(
            "load_generator",
            sides["mirror"].rate,
            "calls/s",
            "gRPC echo",
            sides["echo"].rate,
            "ratio >= 2",
            f"the generator takes {sides['echo'].cpu:.0%} of a core to load the echo",
        )
        if shutil.which("h2load"):
            yield Measurement(
                "load_generator_h2load",
                sides["echo"].rate,
                "calls/s",
                "h2load",
                h2load(echo, options.seconds),
            )


def h2load(target: str, seconds: float) -> float:
    """Calls a second that h2load makes to the echo, with one fixed body."""
    body = next(bodies.registrations())
    with temporary_directory() as directory:
        file = directory / "body"
        file.write_bytes(b"\0" + len(body).to_bytes(4, "big") + body)
        command = f"h2load -c4 -m16 -t1 -D {max(1, round(seconds))} --warm-up-time 1 -d {file}".split()
        headers = ["-H", "te: trailers", "-H", "content-type: application/grpc"]
        answer = subprocess.run(
            [*command, *headers, f"http://{target}{REGISTER}"], capture_output=True, text=True, check=True
        )
    found = re.search(r"([\d.]+) req/s", answer.stdout)
    if not found:
        raise ValueError("h2load printed no rate")
    return float(found[1])

"""Registering: one durable, sealed, validated, e-mail-unique profile a call."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from benchmarks import bodies, service
from benchmarks.databases import temporary_directory, temporary_postgres
from benchmarks.generator import Load
from benchmarks.processes import peer
from benchmarks.runner import REGISTER, Measurement, Options, benchmark, latencies, rounds

load = partial(Load, path=REGISTER, bodies=bodies.registrations)
one_at_a_time = partial(load, connections=1, streams=1)


@benchmark
def register_postgresql(options: Options) -> Iterator[Measurement]:
    """64 calls in flight on PostgreSQL, projector beside the server: 3x CRUD and 40 % of the echo."""
    with (
        temporary_directory() as directory,
        temporary_postgres() as postgres,
        peer("crud", postgres.new_database()) as crud,
        peer("stock", postgres.new_database()) as stock,
        peer("echo") as echo,
        service.on_postgresql(directory, postgres) as ours,
    ):
        loads = {"crud": load(crud), "echo": load(echo), "ours": load(ours.address), "stock": load(stock)}
        sides = rounds(loads, options)
    rate, remark = sides["ours"].rate, latencies(sides["ours"])
    compared = (
        ("crud", "plain CRUD", "ratio >= 3"),
        ("echo", "gRPC echo", "ratio >= 0.4"),
        ("stock", "stock eventsourcing", None),
    )
    for side, name, target in compared:
        yield Measurement(
            f"register_postgresql_over_{side}", rate, "calls/s", name, sides[side].rate, target, remark
        )


@benchmark
def register_sqlite(options: Options) -> Iterator[Measurement]:
    """64 calls in flight on SQLite, the projector inside the server: 3x CRUD."""
    with (
        temporary_directory() as directory,
        peer("crud", f"sqlite:///{directory}/crud.sqlite") as crud,
        service.on_sqlite(directory / "service") as ours,
    ):
        sides = rounds({"crud": load(crud), "ours": load(ours.address)}, options)
    rate, remark = sides["ours"].rate, latencies(sides["ours"])
    yield Measurement(
        "register_sqlite", rate, "calls/s", "plain CRUD", sides["crud"].rate, "ratio >= 3", remark
    )


@benchmark
def register_latency(options: Options) -> Iterator[Measurement]:
    """One call at a time on PostgreSQL: at most twice the latency of CRUD."""
    with (
        temporary_directory() as directory,
        temporary_postgres() as postgres,
        peer("crud", postgres.new_database()) as crud,
        service.on_postgresql(directory, postgres) as ours,
    ):
        sides = rounds({"crud": one_at_a_time(crud), "ours": one_at_a_time(ours.address)}, options)
    milliseconds = {name: outcome.p50 * 1e3 for name, outcome in sides.items()}
    yield Measurement(
        "register_latency",
        milliseconds["ours"],
        "ms",
        "plain CRUD",
        milliseconds["crud"],
        "ratio <= 2",
        latencies(sides["ours"]),
    )


@benchmark
def peers(options: Options) -> Iterator[Measurement]:
    """The peers of registering without the service: what there is to beat on this machine."""
    with (
        temporary_directory() as directory,
        temporary_postgres() as postgres,
        peer("echo") as echo,
        peer("crud", postgres.new_database()) as crud,
        peer("crud", f"sqlite:///{directory}/crud.sqlite") as crud_sqlite,
        peer("stock", postgres.new_database()) as stock,
    ):
        addresses = {
            "crud_postgresql": crud,
            "crud_sqlite": crud_sqlite,
            "echo": echo,
            "stock_postgresql": stock,
        }
        sides = rounds({name: load(address) for name, address in addresses.items()}, options)
        alone = rounds({name: one_at_a_time(address) for name, address in addresses.items()}, options)
    for name, outcome in sides.items():
        remark = f"{latencies(outcome)}; one at a time {latencies(alone[name])}"
        yield Measurement(
            f"peers_{name}", outcome.rate, "calls/s", "gRPC echo", sides["echo"].rate, remark=remark
        )

"""Load from a process of its own: unary gRPC calls with unique bodies over libnghttp2.

A Python gRPC client would be the bottleneck; this makes a call in some 20 µs of CPU.
"""

from __future__ import annotations

import selectors
import socket
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import chain, islice
from multiprocessing import get_context

from ngh2 import (
    Configuration,
    Connection,
    ConnectionClosingError,
    DataReceived,
    GoAwayReceived,
    ResponseReceived,
    Role,
    Setting,
    StreamClosed,
    TrailersReceived,
)

WINDOW = 1 << 24
RECEIVE_BYTES = 1 << 18
# After the end of the clock the calls in flight get this long to end (seconds).
DRAIN = 30.0


class LoadError(Exception):
    """The load could not be made, or a call of it failed."""


@dataclass(frozen=True)
class Load:
    """What to send: `connections` times `streams` calls in flight for `seconds`.

    `bodies` is called in the load's process (it must be picklable) and gives serialized
    requests; the first `prepared` of them are made before the clock starts. The load
    ends early when they run out. Calls of the first `warm_up` seconds are not counted.
    """

    target: str
    path: str
    bodies: Callable[[], Iterator[bytes]]
    connections: int = 4
    streams: int = 16
    seconds: float = 3.0
    warm_up: float = 0.5
    timeout: float = 30.0
    prepared: int = 50_000


@dataclass(frozen=True)
class Outcome:
    """What came of a load: times in seconds, `cpu` as a share of one core.

    `refusals` counts the calls that did not end with OK by "status message". `since` is when counting
    began, by `time.perf_counter()`, which all processes share.
    """

    calls: int
    seconds: float
    p50: float
    p90: float
    p99: float
    cpu: float
    refusals: dict[str, int] = field(default_factory=dict)
    since: float = 0.0

    @property
    def failures(self) -> int:
        return sum(self.refusals.values())

    @property
    def rate(self) -> float:
        """Successful calls a second."""
        return self.calls / self.seconds


def run(load: Load) -> Outcome:
    """Make the load in a new process and wait for it. Raises `LoadError` if a connection breaks."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        return executor.submit(make, load).result()


def make(load: Load) -> Outcome:
    """Make the load in this process. Raises `LoadError` if a connection breaks."""
    made = load.bodies()
    bodies = chain(list(islice(made, load.prepared)), made)
    return _Run(load, bodies).outcome()


class _Run:
    """One load being made: the clock, the connections, and what has been counted."""

    def __init__(self, load: Load, bodies: Iterator[bytes]) -> None:
        self.load = load
        self.latencies = array("d")
        self.refusals: Counter[str] = Counter()
        self._bodies = bodies
        self._selector = selectors.DefaultSelector()
        self._lines = [_Line(self) for _ in range(load.connections)]
        for line in self._lines:
            self._selector.register(line.socket, selectors.EVENT_READ, line)
        self.counting_from = self.counting_to = float("inf")

    def next_body(self) -> bytes | None:
        """The next request, or None when the clock or the bodies have run out."""
        if time.perf_counter() >= self.counting_to:
            return None
        return next(self._bodies, None)

    def count(self, began: float, status: str) -> None:
        now = time.perf_counter()
        if not self.counting_from <= now <= self.counting_to:
            return
        if status == "0":
            self.latencies.append(now - began)
        else:
            self.refusals[status] += 1

    def outcome(self) -> Outcome:
        began = time.perf_counter()
        self.counting_from = began + self.load.warm_up
        self.counting_to = self.counting_from + self.load.seconds
        for line in self._lines:
            line.fill()
        cpu, ended = self._turn()
        seconds = min(ended, self.counting_to) - self.counting_from
        ordered = sorted(self.latencies)
        if seconds <= 0 or not (ordered or self.refusals):
            raise LoadError("no call ended while the clock ran")
        return Outcome(
            calls=len(ordered),
            seconds=seconds,
            p50=percentile(ordered, 0.50),
            p90=percentile(ordered, 0.90),
            p99=percentile(ordered, 0.99),
            cpu=cpu / max(ended - began, 1e-9),
            refusals=dict(self.refusals.most_common(5)),
            since=self.counting_from,
        )

    def _turn(self) -> tuple[float, float]:
        """Serve the connections until none has a call in flight; return CPU seconds and when it ended."""
        cpu = time.process_time()
        try:
            while any(line.in_flight for line in self._lines):
                if time.perf_counter() > self.counting_to + DRAIN:
                    raise LoadError("calls were still in flight long after the end")
                for key, _ in self._selector.select(1.0):
                    key.data.read()
            return time.process_time() - cpu, time.perf_counter()
        except (ConnectionClosingError, OSError) as error:
            raise LoadError("the server closed the connection") from error
        finally:
            self._selector.close()
            for line in self._lines:
                line.socket.close()


class _Line:
    """One HTTP/2 connection and its calls in flight."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        host, _, port = run.load.target.rpartition(":")
        self.socket = socket.create_connection((host, int(port)), timeout=DRAIN)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.in_flight: dict[int, float] = {}
        self._headers = [
            (b":method", b"POST"),
            (b":scheme", b"http"),
            (b":path", run.load.path.encode()),
            (b":authority", run.load.target.encode()),
            (b"te", b"trailers"),
            (b"content-type", b"application/grpc"),
            (b"grpc-timeout", b"%dm" % int(run.load.timeout * 1000)),
        ]
        self._connection = Connection(
            Role.CLIENT, Configuration(peer_max_concurrent_streams=run.load.streams)
        )
        self._connection.initiate_connection({Setting.INITIAL_WINDOW_SIZE: WINDOW})
        self._connection.set_local_window_size(WINDOW)
        self._statuses: dict[int, str] = {}

    def fill(self) -> None:
        for _ in range(self._run.load.streams):
            self._start()
        self._flush()

    def read(self) -> None:
        """Take what the server sent, and start a call for every one that ended."""
        data = self.socket.recv(RECEIVE_BYTES)
        if not data:
            raise LoadError("the server closed the connection")
        self._connection.receive_data(data)
        for event in self._connection.events():
            if isinstance(event, DataReceived):
                continue
            if isinstance(event, TrailersReceived | ResponseReceived):
                self._note_status(event.stream_id, event.headers)
            elif isinstance(event, StreamClosed):
                began = self.in_flight.pop(event.stream_id)
                self._run.count(began, self._statuses.pop(event.stream_id, f"reset {event.error_code}"))
                self._start()
            elif isinstance(event, GoAwayReceived):
                raise LoadError(f"the server sent GOAWAY {event.error_code}")
        self._flush()

    def _note_status(self, stream_id: int, headers: tuple[tuple[bytes, bytes], ...]) -> None:
        fields = dict(headers)
        status = fields.get(b"grpc-status")
        if status == b"0":
            self._statuses[stream_id] = "0"
        elif status is not None:
            message = fields.get(b"grpc-message", b"").decode(errors="replace")
            self._statuses[stream_id] = f"{status.decode()} {message}".rstrip()
        elif fields.get(b":status", b"200") != b"200":
            self._statuses[stream_id] = f"HTTP {fields[b':status'].decode()}"

    def _start(self) -> None:
        body = self._run.next_body()
        if body is None:
            return
        stream_id = self._connection.send_request(self._headers)
        self._connection.send_data(stream_id, b"\0" + len(body).to_bytes(4, "big") + body, end_stream=True)
        self.in_flight[stream_id] = time.perf_counter()

    def _flush(self) -> None:
        data = self._connection.data_to_send()
        if data:
            self.socket.sendall(data)


def percentile(ordered: list[float], share: float) -> float:
    """The value below which `share` of an ordered list lies; 0 of an empty one."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0

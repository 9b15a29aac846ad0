"""The load generator: what it sends is unique, what it counts is what was answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import count
from typing import Any

import grpc
import pytest

from benchmarks.bodies import registrations
from benchmarks.generator import Load, LoadError, make, run
from profile_service.v1.profile_service_pb2 import RegisterProfileRequest

PATH = "/test.Service/Call"


class Recorder(grpc.GenericRpcHandler):
    """Answers every call with `answer`, and keeps the bodies and the deadlines."""

    def __init__(self, answer: Callable[[bytes, grpc.ServicerContext], bytes]) -> None:
        self.bodies: list[bytes] = []
        self.remaining: list[float] = []
        self._answer = answer

    def service(self, handler_call_details):
        return (
            grpc.unary_unary_rpc_method_handler(self._call) if handler_call_details.method == PATH else None
        )

    def _call(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        self.bodies.append(request)
        self.remaining.append(context.time_remaining())
        return self._answer(request, context)


@contextmanager
def serving(recorder: Recorder) -> Iterator[str]:
    server = grpc.server(ThreadPoolExecutor(4))
    server.add_generic_rpc_handlers((recorder,))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(0).wait()


def numbered(up_to: int | None = None) -> Iterator[bytes]:
    numbers = count() if up_to is None else range(up_to)
    return (b"%d" % number for number in numbers)


def short(target: str, **how: Any) -> Load:
    given: dict[str, Any] = {
        "bodies": numbered,
        "connections": 2,
        "streams": 4,
        "seconds": 0.5,
        "warm_up": 0.0,
        "prepared": 1_000,
    }
    return Load(target, PATH, **(given | how))


def echo(request: bytes, context: grpc.ServicerContext) -> bytes:
    return request


def refuse_odd(request: bytes, context: grpc.ServicerContext) -> bytes:
    if int(request) % 2:
        context.abort(grpc.StatusCode.ALREADY_EXISTS, "taken")
    return request


def test_every_call_has_a_body_of_its_own():
    recorder = Recorder(echo)
    with serving(recorder) as target:
        outcome = make(short(target))
    assert outcome.calls > 0
    assert outcome.failures == 0
    assert len(set(recorder.bodies)) == len(recorder.bodies) >= outcome.calls


def test_every_call_carries_the_deadline():
    recorder = Recorder(echo)
    with serving(recorder) as target:
        make(short(target, timeout=7.0))
    assert all(5.0 < remaining <= 7.0 for remaining in recorder.remaining)


def test_the_load_ends_when_the_bodies_do_and_each_is_counted():
    recorder = Recorder(echo)
    with serving(recorder) as target:
        outcome = make(short(target, bodies=partial(numbered, 100), seconds=60.0, prepared=10))
    assert outcome.calls == len(recorder.bodies) == 100
    assert outcome.seconds < 30
    assert 0 < outcome.p50 <= outcome.p90 <= outcome.p99


def test_refused_calls_are_counted_apart_with_status_and_message():
    with serving(Recorder(refuse_odd)) as target:
        outcome = make(short(target, bodies=partial(numbered, 100), seconds=60.0))
    assert outcome.calls == outcome.failures == 50
    assert outcome.refusals == {"6 taken": 50}


def test_an_unknown_method_is_a_failure():
    with serving(Recorder(echo)) as target:
        outcome = make(Load(target, "/test.Service/Other", partial(numbered, 20), warm_up=0.0))
    assert outcome.calls == 0
    assert [status.split()[0] for status in outcome.refusals] == ["12"]


def test_calls_of_the_warm_up_are_not_counted():
    recorder = Recorder(echo)
    with serving(recorder) as target:
        outcome = make(short(target, seconds=0.3, warm_up=0.3))
    assert 0 < outcome.calls < len(recorder.bodies)


def test_a_server_that_hangs_up_is_an_error():
    recorder = Recorder(echo)
    with ThreadPoolExecutor(1) as thread, serving(recorder) as target:
        load = thread.submit(make, short(target, seconds=30.0))
        while not recorder.bodies:
            pass
    with pytest.raises(LoadError):
        load.result()


def test_the_load_runs_in_a_process_of_its_own():
    recorder = Recorder(echo)
    with serving(recorder) as target:
        outcome = run(
            Load(target, PATH, registrations, connections=1, streams=2, seconds=0.5, prepared=2_000)
        )
    requests = [RegisterProfileRequest.FromString(body) for body in recorder.bodies]
    assert outcome.calls > 0
    assert 0 < outcome.cpu < 1
    for values in ({r.request_id for r in requests}, {r.registration.email for r in requests}):
        assert len(values) == len(requests)

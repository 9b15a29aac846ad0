"""A server that is told to stop says so first, answers what it has begun, and leaves nobody in doubt."""

from __future__ import annotations

import threading
import time
from contextlib import suppress

import grpc
import pytest
from grpc_health.v1 import health_pb2

from tests.crash.workload import SECONDS, Workload, replay
from tests.support import people
from tests.support.service import Service

pytestmark = pytest.mark.service

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


def watch(service: Service, seen: list[tuple[float, int]]) -> None:
    """Note each change of health with the time it was told."""
    with service.stubs() as stubs, suppress(grpc.RpcError):
        for answer in stubs.health.Watch(health_pb2.HealthCheckRequest(), timeout=120):
            seen.append((time.monotonic(), answer.status))  # noqa: PERF401 - the stream breaks in the end


def test_health_turns_not_serving_first_and_no_call_is_left_in_doubt(service: Service):
    """Every call under way at SIGTERM is answered, or refused and did nothing."""
    seen: list[tuple[float, int]] = []
    watcher = threading.Thread(target=watch, args=(service, seen))
    watcher.start()
    workload = Workload()
    with workload.running(service):
        enough = time.monotonic() + SECONDS
        while workload.answers < 50 and time.monotonic() < enough:
            time.sleep(0.01)
        assert service.stop() == 0
        ended = time.monotonic()
    watcher.join()
    assert [status for _, status in seen] == [SERVING, NOT_SERVING]
    assert seen[-1][0] < ended

    service.start()
    with service.stubs() as stubs:
        stored = {event.header.request_id for event in replay(stubs)}
    asked = [
        (request, answer)
        for life in workload.lives
        for request, answer in [
            (life.registered, life.registration),
            (life.consented, life.consent),
            (life.erased, life.erasure),
        ]
        if request is not None
    ]
    answered = {people.id_bytes(request.request_id) for request, answer in asked if answer is not None}
    refused = {people.id_bytes(request.request_id) for request, answer in asked if answer is None}
    assert answered <= stored
    assert not refused & stored
    assert {error.code() for error in workload.failures} <= {grpc.StatusCode.UNAVAILABLE}


def test_a_stopped_server_leaves_no_process_and_starts_again(service: Service):
    assert service.stop() == 0
    service.start()
    assert service.stop() == 0

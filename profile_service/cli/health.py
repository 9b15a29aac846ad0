"""`aprofile health`: is the service ready to answer; for probes."""

from __future__ import annotations

import typer
from grpc_health.v1 import health_pb2, health_pb2_grpc

from profile_service.cli.errors import ExitCode
from profile_service.cli.options import Timeout, with_settings
from profile_service.client import connect
from profile_service.settings import Settings


@with_settings("Client")
def health(settings: Settings, *, timeout: Timeout = 3.0) -> None:
    """Print the health of the service; exit code 1 unless it is SERVING."""
    with connect(settings) as channel:
        answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=timeout)
    typer.echo(health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status))
    if answer.status != health_pb2.HealthCheckResponse.SERVING:
        raise typer.Exit(ExitCode.FAILED)

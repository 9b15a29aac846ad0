"""The gRPC server: services, health, TLS, and a stop that cuts no answer off."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import grpc
import structlog
from google.protobuf.descriptor import ServiceDescriptor
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from profile_service.api.pipeline import Pipeline
from profile_service.api.request_reading import LARGEST_IMPORT

log = structlog.get_logger()

# Room for the framing around the largest message that is read; the exact limit is the pipeline's.
FRAMING = 64 << 10
# Seconds that running calls have after SIGTERM; longer ones are cut, their writes are not.
GRACE = 15.0
# Seconds for the last answers to leave. Long streams, watching the health for one, are cut then.
LEAVING = 1.0

OPTIONS = (
    ("grpc.max_receive_message_length", LARGEST_IMPORT + FRAMING),
    ("grpc.so_reuseport", 0),
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
)

# Seconds between looks at what the health depends on.
WATCH = 1.0

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


class TlsError(Exception):
    """The certificate, its key or the authorities can't be used."""


class Server:
    """A gRPC server of `services`, each a descriptor and its servicer."""

    def __init__(
        self,
        pipeline: Pipeline,
        services: Mapping[ServiceDescriptor, object],
        *,
        address: str,
        tls: grpc.ServerCredentials | None,
        healthy: Callable[[], bool] = lambda: True,
    ) -> None:
        """`healthy` is asked every second once the server serves; what it says is the health.

        Raises `PolicyError` if the policy names a call that none of the services has.
        """
        pipeline.check_policy(
            [f"{service.name}/{method.name}" for service in services for method in service.methods]
        )
        self._pipeline = pipeline
        self._healthy = healthy
        self._watching: asyncio.Task[None] | None = None
        self._server = grpc.aio.server(options=OPTIONS)
        self._health = health.aio.HealthServicer()
        self._names = [service.full_name for service in services]
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        self._server.add_generic_rpc_handlers(
            tuple(pipeline.handlers(service, servicer) for service, servicer in services.items())
        )
        if tls is None:
            # Development: on loopback only, which the settings check.
            names = (*self._names, health.SERVICE_NAME, reflection.SERVICE_NAME)
            reflection.enable_server_reflection(names, self._server)
            self.port = self._server.add_insecure_port(address)
        else:
            self.port = self._server.add_secure_port(address, tls)

    async def start(self) -> None:
        await self._set_health(NOT_SERVING)
        await self._server.start()

    async def serve(self) -> None:
        """Say that everything is consistent and calls are welcome."""
        await self._set_health(SERVING)
        self._watching = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Turn health to NOT_SERVING, refuse new calls, answer running ones, finish every write."""
        if self._watching is not None:
            self._watching.cancel()
        await self._set_health(NOT_SERVING)
        # Refusing before closing: a call that arrives while gRPC closes would be cancelled,
        # and its client left in doubt. Until then clients see the health, and go elsewhere.
        await self._pipeline.drain(GRACE)
        await self._server.stop(LEAVING)
        await self._pipeline.finish()

    async def _watch(self) -> None:
        was = True
        while True:
            await asyncio.sleep(WATCH)
            if (now := self._healthy()) != was:
                await self._set_health(SERVING if now else NOT_SERVING)
                was = now

    async def _set_health(self, status: Any) -> None:
        for name in ("", *self._names):
            await self._health.set(name, status)


def tls_credentials(certificate: Path, key: Path, authority: Path) -> grpc.ServerCredentials:
    """Mutual TLS whose files are read again when they change. Raises `TlsError`."""

    def configuration() -> grpc.ServerCertificateConfiguration:
        _check_files(certificate, key, authority)
        pair = (key.read_bytes(), certificate.read_bytes())
        return grpc.ssl_server_certificate_configuration([pair], root_certificates=authority.read_bytes())

    def stamps() -> tuple[int, ...]:
        return tuple(path.stat().st_mtime_ns for path in (certificate, key, authority))

    last = [stamps()]

    def renewed() -> grpc.ServerCertificateConfiguration | None:
        try:
            current = stamps()
            if current == last[0]:
                return None
            changed = configuration()
        except (OSError, TlsError):
            # Half written, perhaps: the last good ones are shown, and these looked at again.
            log.warning("certificate files can not be used")
            return None
        last[0] = current
        log.info("certificate renewed")
        return changed

    try:
        return grpc.dynamic_ssl_server_credentials(configuration(), renewed, True)  # type: ignore[arg-type]  # None: as before
    except OSError as error:
        raise TlsError(f"TLS: a file can't be read ({error.strerror})") from None


def _check_files(certificate: Path, key: Path, authority: Path) -> None:
    """Raises `TlsError` for files that gRPC would refuse without a word, and `OSError`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        # A key with a password fails, instead of asking the terminal for it.
        context.load_cert_chain(certificate, key, password="")
    except ssl.SSLError as error:
        raise TlsError(f"TLS: {certificate} and {key} are no pair to use ({error.reason})") from None
    try:
        context.load_verify_locations(authority)
    except ssl.SSLError as error:
        raise TlsError(f"TLS: {authority} has no certificate to use ({error.reason})") from None

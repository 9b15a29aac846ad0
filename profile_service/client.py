"""What every client of the service needs: a channel, and the reason of a refusal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import grpc
import grpc.aio
from google.protobuf.any_pb2 import Any
from google.rpc import error_details_pb2, status_pb2

from profile_service.settings import Settings

CHANNEL_OPTIONS = (
    # Errors come at once and once: whoever calls decides about trying again.
    ("grpc.enable_retries", 0),
    ("grpc.max_receive_message_length", 16 * 1024 * 1024),
    # A service that was just started is found soon.
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 500),
)


class FilesUnreadableError(Exception):
    """A file of the TLS settings can't be read; the text is one line."""


@contextmanager
def connect(settings: Settings) -> Iterator[grpc.Channel]:
    """A channel to `settings.target`, closed at the end. Raises `FilesUnreadableError`."""
    credentials = client_credentials(settings)
    if credentials is None:
        channel = grpc.insecure_channel(settings.target, options=CHANNEL_OPTIONS)
    else:
        channel = grpc.secure_channel(settings.target, credentials, options=CHANNEL_OPTIONS)
    with channel:
        yield channel


def connect_asynchronously(settings: Settings) -> grpc.aio.Channel:
    """The same for coroutines; an asynchronous context manager. Raises `FilesUnreadableError`."""
    credentials = client_credentials(settings)
    if credentials is None:
        return grpc.aio.insecure_channel(settings.target, options=CHANNEL_OPTIONS)
    return grpc.aio.secure_channel(settings.target, credentials, options=CHANNEL_OPTIONS)


def client_credentials(settings: Settings) -> grpc.ChannelCredentials | None:
    """What the TLS files of a client give; None if the settings name none. Raises `FilesUnreadableError`."""
    files = settings.client_tls
    if files is None:
        return None
    try:
        certificate, key, authority = (file.read_bytes() for file in files)
    except OSError as error:
        raise FilesUnreadableError(f"{error.filename} can't be read: {error.strerror}") from None
    return grpc.ssl_channel_credentials(
        root_certificates=authority, private_key=key, certificate_chain=certificate
    )


def error_reason(error: grpc.RpcError) -> str:
    """The `ErrorInfo.reason` of a refusal, or "" if it has none."""
    for detail in _details(error):
        if detail.Is(error_details_pb2.ErrorInfo.DESCRIPTOR):
            info = error_details_pb2.ErrorInfo()
            detail.Unpack(info)
            return str(info.reason)
    return ""


def wrong_fields(error: grpc.RpcError) -> list[str]:
    """`field: what is wrong` of each violation in a refused request."""
    for detail in _details(error):
        if detail.Is(error_details_pb2.BadRequest.DESCRIPTOR):
            request = error_details_pb2.BadRequest()
            detail.Unpack(request)
            return [f"{violation.field}: {violation.description}" for violation in request.field_violations]
    return []


def _details(error: grpc.RpcError) -> list[Any]:
    # grpcio-stubs knows the items as pairs without types.
    metadata: dict[str, bytes] = dict(error.trailing_metadata() or ())  # type: ignore[arg-type]
    packed = metadata.get("grpc-status-details-bin")
    return list(status_pb2.Status.FromString(packed).details) if packed else []

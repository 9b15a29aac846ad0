"""A channel to the running service, for every command that calls one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated

import grpc
import typer

from profile_service.cli.errors import CommandError, ExitCode
from profile_service.settings import Settings, TlsFiles

# Errors come at once and once: a command shows them, it does not hide them behind tries of its own.
CHANNEL_OPTIONS = (("grpc.enable_retries", 0), ("grpc.max_receive_message_length", 16 * 1024 * 1024))

Timeout = Annotated[
    float, typer.Option("--timeout", min=0.01, metavar="SECONDS", help="How long to wait for an answer.")
]


def credentials(files: TlsFiles) -> grpc.ChannelCredentials:
    """Mutual TLS from three PEM files. Raises `CommandError` if one can't be read."""
    try:
        certificate, key, authority = (file.read_bytes() for file in files)
    except OSError as error:
        raise CommandError(f"{error.filename} can't be read: {error.strerror}", ExitCode.USAGE) from None
    return grpc.ssl_channel_credentials(
        root_certificates=authority, private_key=key, certificate_chain=certificate
    )


@contextmanager
def connect(settings: Settings) -> Iterator[grpc.Channel]:
    """A channel to `settings.target`, closed at the end."""
    options: Sequence[tuple[str, int]] = CHANNEL_OPTIONS
    files = settings.client_tls
    if files is None:
        channel = grpc.insecure_channel(settings.target, options=options)
    else:
        channel = grpc.secure_channel(settings.target, credentials(files), options=options)
    with channel:
        yield channel

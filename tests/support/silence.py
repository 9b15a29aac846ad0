"""Imported by the server that processes are forked from, before gRPC is: as `aprofile` does it."""

from __future__ import annotations

from profile_service.settings import silence_grpc_core

silence_grpc_core()

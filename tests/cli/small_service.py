"""A gRPC server that answers with the given refusal: the other side of a command under test."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2


def refusal(code: grpc.StatusCode, message: str, *details: Message) -> status_pb2.Status:
    status = status_pb2.Status(code=code.value[0], message=message)
    for detail in details:
        status.details.add().Pack(detail)
    return status


def because(reason: str) -> error_details_pb2.ErrorInfo:
    return error_details_pb2.ErrorInfo(reason=reason, domain="profile-service")


class _Refusing(grpc.GenericRpcHandler):
    def __init__(self, status: status_pb2.Status) -> None:
        self._status = status

    def service(self, call: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        return grpc.unary_unary_rpc_method_handler(self._refuse)

    def _refuse(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        context.set_trailing_metadata((("grpc-status-details-bin", self._status.SerializeToString()),))
        code = next(code for code in grpc.StatusCode if code.value[0] == self._status.code)
        context.abort(code, self._status.message)
        raise AssertionError


@contextmanager
def refusing_service(status: status_pb2.Status) -> Iterator[str]:
    """Yield the address of a server that refuses every call with `status`."""
    server = grpc.server(ThreadPoolExecutor(1), handlers=[_Refusing(status)])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"127.0.0.1:{port}"
    server.stop(None)

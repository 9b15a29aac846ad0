"""A server that costs next to nothing: libnghttp2 and one fixed answer, without gRPC.

It shows how many calls the load generator could make if no server were the bottleneck.

    python -m benchmarks.peers.mirror 127.0.0.1:50062
"""

from __future__ import annotations

import selectors
import socket
import sys

from ngh2 import Configuration, Connection, DataReceived, RequestReceived, Role

ANSWER = b"\0\0\0\0\0"
HEADERS = [(b":status", b"200"), (b"content-type", b"application/grpc")]
TRAILERS = [(b"grpc-status", b"0")]


def serve(listen: str) -> None:
    host, _, port = listen.rpartition(":")
    selector = selectors.DefaultSelector()
    listener = socket.create_server((host, int(port)))
    selector.register(listener, selectors.EVENT_READ, None)
    while True:
        for key, _ in selector.select():
            if key.data is None:
                accept(listener, selector)
            elif not answer(key.fileobj, key.data):  # type: ignore[arg-type]  # only sockets are registered
                selector.unregister(key.fileobj)


def accept(listener: socket.socket, selector: selectors.BaseSelector) -> None:
    client, _ = listener.accept()
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection = Connection(Role.SERVER, Configuration())
    connection.initiate_connection()
    selector.register(client, selectors.EVENT_READ, connection)


def answer(client: socket.socket, connection: Connection) -> bool:
    """Answer every request that is complete; return whether the client is still there."""
    data = client.recv(1 << 18)
    if not data:
        client.close()
        return False
    connection.receive_data(data)
    for event in connection.events():
        if isinstance(event, DataReceived | RequestReceived) and event.end_stream:
            connection.send_response(event.stream_id, HEADERS)
            connection.send_data(event.stream_id, ANSWER)
            connection.send_trailers(event.stream_id, TRAILERS)
    client.sendall(connection.data_to_send())
    return True


if __name__ == "__main__":
    serve(sys.argv[1])

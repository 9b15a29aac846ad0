"""What one would write instead: validate, insert a row, commit; a thread a call, on SQLAlchemy.

python -m benchmarks.peers.crud 127.0.0.1:50063 postgresql+psycopg://…
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any
from uuid import uuid4

import grpc
import protovalidate
from sqlalchemy import (
    Column,
    Date,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    Uuid,
    create_engine,
    event,
    insert,
)
from sqlalchemy.exc import IntegrityError

from profile_service.v1 import profile_service_pb2 as profiles
from profile_service.v1 import profile_service_pb2_grpc as profiles_grpc

THREADS = 16

profiles_table = Table(
    "profiles",
    MetaData(),
    Column("id", Uuid, primary_key=True),
    Column("email", String(254), nullable=False, unique=True),
    Column("given_name", String(100), nullable=False),
    Column("family_name", String(100), nullable=False),
    Column("date_of_birth", Date, nullable=False),
    Column("gender", Integer, nullable=False),
    Column("post_code", String(12), nullable=False),
    Column("language", String(35), nullable=False),
    Column("policy_version", String(32), nullable=False),
    Column("channel", Integer, nullable=False),
)


class CrudProfiles(profiles_grpc.ProfileServiceServicer):
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def RegisterProfile(self, request: profiles.RegisterProfileRequest, context: Any) -> Any:
        try:
            protovalidate.validate(request)
        except protovalidate.ValidationError:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "invalid")
        profile_id = uuid4()
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(profiles_table), row(profile_id, request.registration))
        except IntegrityError:
            context.abort(grpc.StatusCode.ALREADY_EXISTS, "the address is taken")
        return profiles.RegisterProfileResponse(profile_id=str(profile_id), etag="1")


def row(profile_id: Any, given: profiles.Registration) -> dict[str, Any]:
    names = ("given_name", "family_name", "gender", "post_code", "language", "policy_version", "channel")
    born = given.date_of_birth
    return {
        **{name: getattr(given, name) for name in names},
        "id": profile_id,
        "email": given.email.casefold(),
        "date_of_birth": date(born.year, born.month, born.day),
    }


def as_durable_as_ours(connection: Any, _record: Any) -> None:
    """WAL and an fsync a commit: what the service itself sets on SQLite."""
    connection.execute("PRAGMA journal_mode = wal")
    connection.execute("PRAGMA synchronous = full")
    connection.execute("PRAGMA busy_timeout = 30000")


def open_database(url: str) -> Engine:
    engine = create_engine(url, pool_size=THREADS)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", as_durable_as_ours)
    profiles_table.metadata.create_all(engine)
    return engine


def serve(listen: str, url: str) -> None:
    server = grpc.server(ThreadPoolExecutor(THREADS))
    profiles_grpc.add_ProfileServiceServicer_to_server(CrudProfiles(open_database(url)), server)
    server.add_insecure_port(listen)
    server.start()
    server.wait_for_termination()


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2])

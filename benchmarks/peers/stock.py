"""A stock `eventsourcing` application behind gRPC, on the library's own PostgreSQL module.

python -m benchmarks.peers.stock 127.0.0.1:50064 postgresql+psycopg://…
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import grpc
import protovalidate
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from sqlalchemy.engine import make_url

from profile_service.v1 import profile_service_pb2 as profiles
from profile_service.v1 import profile_service_pb2_grpc as profiles_grpc

THREADS = 16


class Profile(Aggregate):
    """A profile whose address is not checked to be unique: the library has no means for it."""

    @event("Registered")
    def __init__(self, *, email: str, given_name: str, family_name: str, born: str, policy: str) -> None:
        self.email = email
        self.given_name = given_name
        self.family_name = family_name
        self.born = born
        self.policy = policy


class Profiles(Application[UUID]):
    def register(self, given: profiles.Registration) -> UUID:
        born = given.date_of_birth
        profile = Profile(
            email=given.email,
            given_name=given.given_name,
            family_name=given.family_name,
            born=f"{born.year:04}-{born.month:02}-{born.day:02}",
            policy=given.policy_version,
        )
        self.save(profile)
        return profile.id


class StockProfiles(profiles_grpc.ProfileServiceServicer):
    def __init__(self, application: Profiles) -> None:
        self._application = application

    def RegisterProfile(self, request: profiles.RegisterProfileRequest, context: Any) -> Any:
        try:
            protovalidate.validate(request)
        except protovalidate.ValidationError:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "invalid")
        profile_id = self._application.register(request.registration)
        return profiles.RegisterProfileResponse(profile_id=str(profile_id), etag="1")


def settings(url: str) -> dict[str, str]:
    """What the library's PostgreSQL module is told of a SQLAlchemy URL."""
    parsed = make_url(url)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": parsed.database or "",
        "POSTGRES_HOST": str(parsed.query.get("host", parsed.host or "")),
        "POSTGRES_PORT": str(parsed.port or 5432),
        "POSTGRES_USER": parsed.username or "",
        "POSTGRES_PASSWORD": parsed.password or "",
        "POSTGRES_POOL_SIZE": str(THREADS),
    }


def serve(listen: str, url: str) -> None:
    application = Profiles(env=settings(url))
    server = grpc.server(ThreadPoolExecutor(THREADS))
    profiles_grpc.add_ProfileServiceServicer_to_server(StockProfiles(application), server)
    server.add_insecure_port(listen)
    server.start()
    server.wait_for_termination()


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2])

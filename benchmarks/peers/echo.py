"""The ceiling: `grpc.aio` with handlers that parse the request and do nothing.

python -m benchmarks.peers.echo 127.0.0.1:50061
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Any

import grpc

from profile_service.v1 import consent_service_pb2 as consents
from profile_service.v1 import consent_service_pb2_grpc as consents_grpc
from profile_service.v1 import profile_service_pb2 as profiles
from profile_service.v1 import profile_service_pb2_grpc as profiles_grpc


class EchoProfiles(profiles_grpc.ProfileServiceServicer):
    async def RegisterProfile(
        self, request: profiles.RegisterProfileRequest, context: Any
    ) -> profiles.RegisterProfileResponse:
        return profiles.RegisterProfileResponse(profile_id=request.request_id)

    async def GetProfile(
        self, request: profiles.GetProfileRequest, context: Any
    ) -> profiles.GetProfileResponse:
        return profiles.GetProfileResponse()

    async def ImportProfiles(
        self, request_iterator: AsyncIterator[profiles.ImportProfilesRequest], context: Any
    ) -> AsyncIterator[profiles.ImportProfilesResponse]:
        async for request in request_iterator:
            statuses = [profiles.ImportItemStatus(index=item.index, profile_id="-") for item in request.items]
            yield profiles.ImportProfilesResponse(statuses=statuses)


class EchoConsents(consents_grpc.ConsentServiceServicer):
    async def CheckConsents(
        self, request: consents.CheckConsentsRequest, context: Any
    ) -> consents.CheckConsentsResponse:
        return consents.CheckConsentsResponse()


async def serve(listen: str) -> None:
    server = grpc.aio.server()
    profiles_grpc.add_ProfileServiceServicer_to_server(EchoProfiles(), server)
    consents_grpc.add_ConsentServiceServicer_to_server(EchoConsents(), server)
    server.add_insecure_port(listen)
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))

"""The services that a server has."""

from __future__ import annotations

from typing import Any, Final

from google.protobuf.descriptor import ServiceDescriptor

from profile_service.v1 import (
    audience_service_pb2,
    audit_service_pb2,
    campaign_service_pb2,
    consent_service_pb2,
    disclosure_service_pb2,
    guardian_service_pb2,
    operations_service_pb2,
    policy_service_pb2,
    profile_service_pb2,
    rights_service_pb2,
    statistics_service_pb2,
)

_FILES: Final[tuple[Any, ...]] = (
    profile_service_pb2,
    consent_service_pb2,
    guardian_service_pb2,
    campaign_service_pb2,
    policy_service_pb2,
    rights_service_pb2,
    disclosure_service_pb2,
    audience_service_pb2,
    statistics_service_pb2,
    audit_service_pb2,
    operations_service_pb2,
)
SERVICES: Final[tuple[ServiceDescriptor, ...]] = tuple(
    service for file in _FILES for service in file.DESCRIPTOR.services_by_name.values()
)

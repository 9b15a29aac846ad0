"""The event log. The `eventsourcing` library finds its infrastructure factory here:
`PERSISTENCE_MODULE=profile_service.log`."""

from profile_service.log.persistence.factory import SQLFactory

__all__ = ["SQLFactory"]

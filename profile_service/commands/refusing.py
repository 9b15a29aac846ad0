"""What queues, log and keys refuse, as refusals of the domain."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from profile_service.batching import QueueFullError, StoppedError
from profile_service.domain.errors import (
    ConcurrentChangeError,
    ProfileErasedError,
    RequestIdReusedError,
    ServerBusyError,
    ServiceUnavailableError,
)
from profile_service.keys.errors import KeyDestroyedError
from profile_service.log.append import (
    OutcomeUnknownError,
    ProfileClosedError,
    RequestAbandonedError,
    RequestReusedError,
)


@contextmanager
def as_refusals() -> Iterator[None]:
    """Turn every refusal from below the commands, but `VersionConflictError`, into one of the domain."""
    try:
        yield
    except QueueFullError:
        raise ServerBusyError from None
    except (StoppedError, OutcomeUnknownError):
        raise ServiceUnavailableError from None
    except RequestReusedError:
        raise RequestIdReusedError from None
    except RequestAbandonedError:
        raise ConcurrentChangeError from None
    except (ProfileClosedError, KeyDestroyedError):
        # A key goes after the fence: who meets a cipher that was evicted meets an erased person.
        raise ProfileErasedError from None

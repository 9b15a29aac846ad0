"""How far an erasure reaches, in the words of the API."""

from __future__ import annotations

from datetime import datetime

from profile_service.keys.epochs import Erasure
from profile_service.v1.rights_service_pb2 import ErasureFinality


def finality(erasure: Erasure, now: datetime) -> ErasureFinality:
    """Return the finality of an erasure at `now`; what `final_by` is belongs to it."""
    if not erasure.root_destroyed:
        if erasure.final_by is None:
            return ErasureFinality.ERASURE_FINALITY_LIVE_ONLY
        return ErasureFinality.ERASURE_FINALITY_EPOCH_CLOSE_PENDING
    if erasure.final_at is None or now < erasure.final_at:
        return ErasureFinality.ERASURE_FINALITY_EPOCH_CLOSED
    return ErasureFinality.ERASURE_FINALITY_FINAL

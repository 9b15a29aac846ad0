"""Replayed events as a service would answer with, of any day and type; and what was written of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
from google.protobuf.message import Message

from profile_service.domain import registry
from profile_service.export.dataset import Manifest, open_dataset
from profile_service.export.run import Export
from profile_service.v1.audit_service_pb2 import (
    PERSONAL_HALF_NONE,
    PERSONAL_HALF_WITHHELD,
    ReplayedEvent,
    ReplayEventsResponse,
)
from profile_service.v1.events_pb2 import EventHeader
from profile_service.v1.profile_pb2 import CHANNEL_WEB

LOG = "0b7c1d2e-0000-4000-8000-000000000001"
DAY = 24 * 3600 * 1_000_000


def replayed(position: int, time: int, fact: Message) -> ReplayedEvent:
    """A fact with its personal half withheld."""
    open_half, personal = registry.split(fact)
    header = EventHeader(
        stream=f"profile/{UUID(int=position)}",
        version=1,
        type=fact.DESCRIPTOR.full_name,
        profile_id=UUID(int=position).bytes,
        actor="tests",
        channel=CHANNEL_WEB,
        request_id=UUID(int=1).bytes,
        schema=1,
    )
    half = PERSONAL_HALF_WITHHELD if personal else PERSONAL_HALF_NONE
    event = ReplayedEvent(position=position, header=header, fact=open_half, personal_half=half)
    event.time.FromMicroseconds(time)
    return event


def pages(events: Sequence[ReplayedEvent], head: int, size: int = 3) -> Iterator[ReplayEventsResponse]:
    """What `ReplayEvents` answers with: the last page says that the head was seen."""
    for start in range(0, max(1, len(events)), size):
        part = events[start : start + size]
        is_last = start + size >= len(events)
        yield ReplayEventsResponse(events=part, position=head if is_last else part[-1].position, log_id=LOG)


def exported(
    directory: Path,
    events: Sequence[ReplayedEvent],
    *,
    types: Sequence[str] = (),
    is_behind: Callable[[ReplayedEvent], bool] = lambda event: False,
) -> Manifest:
    """Let one run write what it has not written yet of these events."""
    head = events[-1].position if events else 0
    with open_dataset(directory, types, None) as dataset:
        run = Export(dataset, is_behind)
        wanted = [event for event in events if event.position > dataset.manifest.position]
        for page in pages(wanted, head):
            if not run.take(page):
                break
        run.finish()
    return dataset.manifest


def files(directory: Path) -> list[Path]:
    return sorted(directory.glob("date=*/*.parquet"))


def rows(directory: Path) -> list[dict[str, Any]]:
    """Every row of every file, by position."""
    found = [row for path in files(directory) for row in table(path).to_pylist()]
    return sorted(found, key=lambda row: row["position"])


def table(path: Path) -> pa.Table:
    with path.open("rb") as file:  # by path alone the directory's name would become a column
        return pq.read_table(file)

"""One run of an export: pages of the log go in, Parquet files come out.

Files end with the day, at a size, or with the run; what is finished stays when the run breaks off.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from profile_service.copies.files import create_private
from profile_service.export.columns import facts_schema, row_of
from profile_service.export.dataset import Dataset
from profile_service.v1.audit_service_pb2 import ReplayedEvent, ReplayEventsResponse

# Rows: turned into Arrow together, together in a row group, and at most in a file.
BATCH = 4_096
ROW_GROUP = 32 * BATCH
FILE = 8 * ROW_GROUP

IsBehind = Callable[[ReplayedEvent], bool]


class Export:
    """Takes facts in order, until the first that `is_behind` what is wanted."""

    def __init__(self, dataset: Dataset, is_behind: IsBehind = lambda event: False) -> None:
        self._dataset = dataset
        self._is_behind = is_behind
        self._schema = facts_schema()
        self._file: _File | None = None
        self._looked_at = dataset.manifest.position
        self.facts = 0

    def take(self, page: ReplayEventsResponse) -> bool:
        """Say whether more is wanted. Raises `ExportError`."""
        self._dataset.check_log(page.log_id)
        for event in page.events:
            if self._is_behind(event):
                self._looked_at = event.position - 1
                return False
            self._write(event)
            self._looked_at = event.position
        self._looked_at = page.position
        return True

    def finish(self) -> None:
        """Finish the file at hand, and write down how far the export has got; nothing if no page came."""
        self._finish_file()
        if self._dataset.manifest.log_id:
            self._dataset.looked_at(self._looked_at)

    def _write(self, event: ReplayedEvent) -> None:
        day = datetime.fromtimestamp(event.time.seconds, UTC).date()
        if self._file is not None and (self._file.day != day or self._file.facts == FILE):
            self._finish_file()
        if self._file is None:
            self._file = _File(self._dataset, self._schema, day, event.position)
        self._file.add(event)
        self.facts += 1

    def _finish_file(self) -> None:
        if self._file is not None:
            self._file.finish()
            self._file = None


class _File:
    """A file of one day, from position `first` on."""

    def __init__(self, dataset: Dataset, schema: pa.Schema, day: date, first: int) -> None:
        self._dataset = dataset
        self._schema = schema
        self.day = day
        self._first = self._last = first
        self.facts = 0
        self._rows: list[dict[str, Any]] = []
        self._batches: list[pa.RecordBatch] = []
        self._descriptor = create_private(dataset.partial)
        self._output = os.fdopen(self._descriptor, "wb")
        self._writer = pq.ParquetWriter(
            self._output,
            schema,
            compression="zstd",
            sorting_columns=[pq.SortingColumn(0)],
            write_page_index=True,
        )

    def add(self, event: ReplayedEvent) -> None:
        self._rows.append(row_of(event))
        self._last = event.position
        self.facts += 1
        if len(self._rows) == BATCH:
            self._gather()
            if len(self._batches) * BATCH == ROW_GROUP:
                self._flush()

    def finish(self) -> None:
        self._gather()
        self._flush()
        about = {
            "log_id": self._dataset.manifest.log_id,
            "first_position": str(self._first),
            "last_position": str(self._last),
        }
        self._writer.add_key_value_metadata(about)
        self._writer.close()
        self._output.flush()
        os.fsync(self._descriptor)
        self._output.close()
        self._dataset.add(self.day, self._first, self._last, self.facts)

    def _gather(self) -> None:
        if self._rows:
            self._batches.append(pa.RecordBatch.from_pylist(self._rows, schema=self._schema))
            self._rows = []

    def _flush(self) -> None:
        if self._batches:
            self._writer.write_table(pa.Table.from_batches(self._batches), row_group_size=ROW_GROUP)
            self._batches = []

"""The directory of an export: files by day, and a manifest that says which of them count, and up to where.

    _manifest.json
    date=2026-01-31/facts-000000000001-000000004711.parquet

A file is put in its place when it is whole, then the manifest; what a run that broke off left behind
is removed by the next one. Readers of Parquet pass over names that begin with an underscore.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

from filelock import FileLock, Timeout

from profile_service.copies.files import sync_directory, write_last
from profile_service.export.errors import ExportError

FORMAT = 1
MANIFEST = "_manifest.json"
PARTIAL = "_partial"
OURS = re.compile(r"facts-\d{12}-\d{12}\.parquet")


@dataclass(frozen=True)
class ExportedFile:
    """One file: the positions of its first and its last fact, and how many it has."""

    path: str
    first: int
    last: int
    facts: int


@dataclass
class Manifest:
    """What was exported: facts of `types` (all if empty) of one log with `after < position <= position`."""

    types: list[str]
    after: int
    position: int
    log_id: str = ""
    files: list[ExportedFile] = field(default_factory=list)

    @property
    def facts(self) -> int:
        return sum(file.facts for file in self.files)


class Dataset:
    """The directory while one run writes to it."""

    def __init__(self, directory: Path, manifest: Manifest) -> None:
        self._directory = directory
        self.manifest = manifest
        self._remove_what_was_not_finished()

    def check_log(self, log_id: str) -> None:
        """Take facts of one log only. Raises `ExportError`."""
        if self.manifest.log_id not in ("", log_id):
            raise ExportError(f"{self._directory} has facts of another log: export into a new directory")
        self.manifest.log_id = log_id

    @property
    def partial(self) -> Path:
        """Where a file is written before it is whole."""
        (self._directory / PARTIAL).mkdir(exist_ok=True)
        return self._directory / PARTIAL / "facts.parquet"

    def add(self, day: date, first: int, last: int, facts: int) -> None:
        """Put the partial file, which is whole and durable, in its place."""
        name = f"date={day.isoformat()}/facts-{first:012}-{last:012}.parquet"
        target = self._directory / name
        target.parent.mkdir(exist_ok=True)
        self.partial.rename(target)
        sync_directory(target.parent)
        sync_directory(self._directory)
        self.manifest.files.append(ExportedFile(name, first, last, facts))
        self.looked_at(last)

    def looked_at(self, position: int) -> None:
        """Write down that everything up to here is exported."""
        self.manifest.position = max(self.manifest.position, position)
        content = json.dumps({"format": FORMAT, **asdict(self.manifest)}, indent=1)
        write_last(self._directory / MANIFEST, content.encode())

    def close(self) -> None:
        shutil.rmtree(self._directory / PARTIAL, ignore_errors=True)

    def _remove_what_was_not_finished(self) -> None:
        known = {file.path for file in self.manifest.files}
        for path in self._directory.glob("date=*/facts-*.parquet"):
            if OURS.fullmatch(path.name) and str(path.relative_to(self._directory)) not in known:
                path.unlink()
        self.close()


@contextmanager
def open_dataset(directory: Path, types: Sequence[str], after: int | None) -> Iterator[Dataset]:
    """Begin an export into a directory, or go on with the one that is there.

    Raises `ExportError` if another run is at it, or if what is there was begun otherwise.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FileLock(directory / "_lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise ExportError(f"another export into {directory} is under way") from None
    try:
        dataset = Dataset(directory, _manifest(directory, sorted(set(types)), after))
        yield dataset
        dataset.close()
    finally:
        lock.release()


def _manifest(directory: Path, types: list[str], after: int | None) -> Manifest:
    path = directory / MANIFEST
    if not path.exists():
        if any(directory.glob("date=*")):
            raise ExportError(f"{directory} has files and no manifest: export into a new directory")
        return Manifest(types, after or 0, after or 0)
    try:
        values = json.loads(path.read_text())
        if values.pop("format") != FORMAT:
            raise ExportError(f"{path} is of another version: export into a new directory")
        files = [ExportedFile(**file) for file in values.pop("files")]
        manifest = Manifest(**values, files=files)
    except (ValueError, KeyError, TypeError):
        raise ExportError(f"{path} can't be read: export into a new directory") from None
    if manifest.types != types:
        wanted = ", ".join(manifest.types) or "all types"
        raise ExportError(f"{directory} has {wanted}: go on with the same, or export into a new directory")
    if after not in (None, manifest.position):
        raise ExportError(f"{directory} goes on after position {manifest.position}: leave out --after")
    return manifest

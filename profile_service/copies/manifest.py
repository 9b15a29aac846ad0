"""What a copy consists of. The manifest is written last: without it, there is no copy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from profile_service.copies.files import sha256_of, write_last

MANIFEST = "manifest.json"
FORMAT = 1


class CopyError(Exception):
    """A copy can't be made or used; the text is one line for the operator and holds no value."""


class CopyDamagedError(CopyError):
    """The files are not those that the manifest describes, or there is no manifest."""


class CopyRefusedError(CopyError):
    """The copy is of another kind than the database, or the database has what can't be copied."""


class DatabaseNotEmptyError(CopyError):
    """The database to copy into has tables."""


@dataclass(frozen=True, slots=True)
class CopySummary:
    """A copy of one database. `rows` by table, `files` with their SHA-256.

    `revision` is that of the schema. `notes` are what the caller of `copy_out` read in the same snapshot.
    """

    kind: str
    revision: str | None
    rows: Mapping[str, int]
    files: Mapping[str, str]
    notes: Mapping[str, Any] = field(default_factory=dict)


def write_manifest(directory: Path, summary: CopySummary) -> None:
    content = {"format": FORMAT, **asdict(summary)}
    write_last(directory / MANIFEST, json.dumps(content, indent=1, sort_keys=True).encode())


def read_manifest(directory: Path) -> CopySummary:
    """Raises `CopyDamagedError`: the copy was never finished, or is of another format."""
    try:
        content = json.loads((directory / MANIFEST).read_bytes())
        if content.pop("format") != FORMAT:
            raise CopyDamagedError(f"{directory}: the copy has another format")
        return CopySummary(**content)
    except FileNotFoundError:
        raise CopyDamagedError(f"{directory}: there is no whole copy, its {MANIFEST} is missing") from None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise CopyDamagedError(f"{directory}: {MANIFEST} can't be read") from None


def verify_copy(directory: Path) -> CopySummary:
    """Return the summary of a copy whose files are all as they were written. Raises `CopyDamagedError`."""
    summary = read_manifest(directory)
    for name, expected in summary.files.items():
        path = directory / name
        if Path(name).name != name or not path.is_file():
            raise CopyDamagedError(f"{path}: missing")
        if sha256_of(path) != expected:
            raise CopyDamagedError(f"{path}: not the file that was written")
    return summary

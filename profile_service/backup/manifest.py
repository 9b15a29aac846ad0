"""What a backup is: a directory of copies, and a manifest that is written last."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from profile_service.copies import CopyDamagedError, CopySummary, sha256_of, verify_copy, write_last

FILE = "backup.json"
FORMAT = 1

EVENTS = "events"
KEYS = "keys"
VIEWS = "views"


@dataclass(frozen=True, slots=True)
class Backup:
    """Copies of the three databases, or of two. `parts`: SHA-256 of the manifest of each copy.

    Everything that the log had up to `keys_position` has its key in the copy of the keys; `position` is
    the head of the copied log. `root_id` names the root key, which is not in it.
    """

    directory: Path
    made_at: str
    log_id: str
    position: int
    keys_position: int
    epoch: int
    root_provider: str
    root_id: str
    parts: Mapping[str, str]

    @property
    def has_views(self) -> bool:
        return VIEWS in self.parts


def write_backup(directory: Path, copied: Mapping[str, CopySummary]) -> Backup:
    """Write the manifest over copies that are whole. Raises `OSError`."""
    events, keys = copied[EVENTS].notes, copied[KEYS].notes
    backup = Backup(
        directory=directory,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        log_id=events["log_id"],
        position=events["position"],
        keys_position=keys["log_position"],
        epoch=keys["epoch"],
        root_provider=keys["root_provider"],
        root_id=keys["root_id"],
        parts={name: _digest(directory, name) for name in copied},
    )
    values = {name: value for name, value in asdict(backup).items() if name != "directory"}
    content = json.dumps({"format": FORMAT, **values}, indent=1, sort_keys=True)
    write_last(directory / FILE, content.encode())
    return backup


def read_backup(directory: Path) -> Backup:
    """Raises `CopyDamagedError`: there is no whole backup."""
    try:
        content = json.loads((directory / FILE).read_bytes())
        if content.pop("format") != FORMAT:
            raise CopyDamagedError(f"{directory}: the backup has another format")
        return Backup(directory=directory, **content)
    except FileNotFoundError:
        raise CopyDamagedError(f"{directory}: there is no whole backup, its {FILE} is missing") from None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise CopyDamagedError(f"{directory}: {FILE} can't be read") from None


def verify_part(backup: Backup, name: str) -> CopySummary:
    """Return the summary of a copy of which every byte is as it was written. Raises `CopyDamagedError`."""
    summary = verify_copy(backup.directory / name)
    if _digest(backup.directory, name) != backup.parts.get(name):
        raise CopyDamagedError(f"{backup.directory / name}: not the copy that belongs to this backup")
    return summary


def _digest(directory: Path, name: str) -> str:
    return sha256_of(directory / name / "manifest.json")

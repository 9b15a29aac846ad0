"""The repository as its own checks see it: what is in it, and scratch copies to plant mistakes in."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOOLS = Path(sys.executable).parent
GENERATED = ("profile_service/v1/", "buf/")


def tracked_files(*endings: str) -> list[Path]:
    """The files under version control, generated code and lock files left out, by their ending."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    names = [name for name in listed.stdout.splitlines() if not name.startswith(GENERATED)]
    paths = [ROOT / name for name in names if not name.endswith((".lock", ".binpb"))]
    return [path for path in paths if path.is_file() and path.name.endswith(endings or ("",))]


def scratch_copy(to: Path, *names: str) -> Path:
    """Copy these files and directories of the repository below `to`."""
    for name in names:
        source, target = ROOT / name, to / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)
    return to


def run_tool(tool: str, *arguments: str, within: Path = ROOT, stdin: str = "") -> tuple[int, str]:
    """Run a tool of the virtual environment; its exit status and all it wrote."""
    done = subprocess.run(
        [TOOLS / tool, *arguments], cwd=within, input=stdin, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr

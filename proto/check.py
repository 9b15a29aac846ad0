"""Check the proto files: generated code is fresh, style is `buf lint`'s, and nothing released is broken.

`proto/released.binpb` is the schema of the last release; `make release-schema` writes it.
Exits 1 and says what is wrong if anything is.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from generate import PROTO, RELEASED, generate, write_image

REPOSITORY = PROTO.resolve().parent
GENERATED = ("profile_service/v1", "buf/validate")


def modules(root: Path) -> dict[str, bytes]:
    """Every generated module below `root`: its path, and what is in it."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for directory in GENERATED
        for path in sorted((root / directory).glob("*_pb2*.py*"))
    }


def stale_modules() -> list[str]:
    """What a fresh generation would add, change or remove."""
    with tempfile.TemporaryDirectory() as scratch:
        generate(Path(scratch))
        fresh, present = modules(Path(scratch)), modules(REPOSITORY)
    return sorted(name for name in fresh.keys() | present.keys() if fresh.get(name) != present.get(name))


def run_buf(*arguments: str) -> bool:
    """Run buf, which says itself what it finds; whether it found nothing."""
    buf = Path(sys.executable).parent / "buf"
    return subprocess.run([buf, *arguments], cwd=REPOSITORY, check=False).returncode == 0


def main() -> int:
    stale = stale_modules()
    for name in stale:
        print(f"{name}: not what the proto files give; run `make generate`")
    with tempfile.TemporaryDirectory() as scratch:
        image = str(Path(scratch, "image.binpb"))
        write_image(Path(image))
        linted = run_buf("lint", image)
        compatible = run_buf("breaking", image, "--against", str(RELEASED.resolve()))
    return 0 if linted and compatible and not stale else 1


if __name__ == "__main__":
    sys.exit(main())

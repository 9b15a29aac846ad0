"""`aprofile residue-scan`: is a value that must be nowhere in any of these files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from profile_service.cli.errors import CommandError, ExitCode
from profile_service.cli.output import Format, print_json, print_table
from profile_service.residue.encodings import CanaryTooShortError, Needle, needles_of
from profile_service.residue.files import Scanned, scan_files
from profile_service.residue.scanner import TooManyStreamsError

Canaries = Annotated[
    Path, typer.Option("--canary", metavar="FILE", help="The values to look for, one a line, in UTF-8.")
]
Paths = Annotated[
    list[Path],
    typer.Argument(metavar="PATH…", help="Files, directories, devices; - for standard input."),
]


def residue_scan(paths: Paths, *, canary: Canaries, form: Format = "table") -> None:
    """Look for values that must be nowhere: in databases, logs, dumps, core files, in every encoding.

    A value is found as UTF-8, UTF-16, Latin-1, Base64, hexadecimal, percent-encoded or escaped, in any case,
    and in gzip and zlib streams. It is never shown, only the number of its line. Links below a directory are
    not followed. Exit code 1: found, or a link leads to what was not looked through; name that, too.
    """
    needles = _needles(canary)
    files, size, found, unseen = 0, 0, [], []
    try:
        for scanned in scan_files(paths, needles):
            files, size = files + 1, size + scanned.size
            found += _rows(scanned)
            unseen += [scanned.place] if scanned.unseen else []
    except OSError as error:
        raise CommandError(f"{error.filename or 'a file'}: {error.strerror}") from None
    except TooManyStreamsError:
        raise CommandError("a file has too many compressed streams in one place") from None
    if form == "json":
        _print_json(files, size, found, unseen)
    else:
        _print_table(files, size, found, unseen)
    if found or unseen:
        raise typer.Exit(ExitCode.FAILED)


def _needles(canary: Path) -> list[Needle]:
    try:
        lines = canary.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise CommandError(f"{canary}: {error.strerror}", ExitCode.USAGE) from None
    except UnicodeDecodeError:
        raise CommandError(f"{canary} is not UTF-8", ExitCode.USAGE) from None
    if not lines:
        raise CommandError(f"{canary} is empty", ExitCode.USAGE)
    try:
        return needles_of(lines)
    except CanaryTooShortError as error:
        raise CommandError(str(error), ExitCode.USAGE) from None


def _rows(scanned: Scanned) -> list[tuple[str, int, int, str]]:
    return [(scanned.place, finding.offset, finding.canary, finding.encoding) for finding in scanned.findings]


def _print_json(files: int, size: int, found: list[tuple[str, int, int, str]], unseen: list[str]) -> None:
    names = ("file", "offset", "canary", "encoding")
    rows = [dict(zip(names, row, strict=True)) for row in found]
    print_json({"files": files, "bytes": size, "found": rows, "unseen": unseen})


def _print_table(files: int, size: int, found: list[tuple[str, int, int, str]], unseen: list[str]) -> None:
    if found:
        print_table(("file", "#offset", "#canary", "encoding"), found)
    for place in unseen:
        typer.echo(f"{place}: leads to what was NOT LOOKED THROUGH")
    typer.echo(f"{files:,} files, {size:,} bytes: {'FOUND' if found else 'nothing found'}")

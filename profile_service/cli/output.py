"""How results are shown: tables for people, JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import typer
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

Format = Annotated[Literal["table", "json"], typer.Option("--format", help="For people, or for programs.")]

# A file or a pipe has no width of its own; 80 would break most lines.
console = Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 160)


def print_json(value: object) -> None:
    """One line of JSON on stdout, unbroken."""
    typer.echo(json.dumps(value, ensure_ascii=False))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str | None = None) -> None:
    """Columns whose name begins with `#` hold numbers."""
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left")
    for column in columns:
        table.add_column(column.lstrip("#"), justify="right" if column.startswith("#") else "left")
    for row in rows:
        table.add_row(*(Text(_cell(value)) for value in row))
    console.print(table)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return str(value)


def time_text(time: Timestamp) -> str:
    """ISO 8601 with microseconds, UTC; "" for none."""
    if not time.seconds:
        return ""
    return datetime.fromtimestamp(time.seconds, UTC).strftime(f"%Y-%m-%dT%H:%M:%S.{time.nanos // 1000:06d}Z")


def to_plain(message: Message) -> dict[str, Any]:
    """A message as plain values; ids of 16 bytes as UUIDs, other bytes in hexadecimal, at any depth."""
    plain: dict[str, Any] = MessageToDict(message, preserving_proto_field_name=True)
    for field, value in message.ListFields():
        said = plain[field.name]
        if field.is_repeated:
            plain[field.name] = [_in_hex(one, inner) for one, inner in zip(value, said, strict=True)]
        else:
            plain[field.name] = _in_hex(value, said)
    return plain


def _in_hex(value: Any, said: Any) -> Any:
    """`said`, which JSON has of one value, with bytes as an operator reads them."""
    if isinstance(value, bytes):
        return str(UUID(bytes=value)) if len(value) == 16 else value.hex()
    # A time is a message, too, but JSON has it as a text.
    return to_plain(value) if isinstance(said, dict) else said

"""What makes a projector another one: its tables, its code, the modules it calls, the messages it reads.

Not what only queries: a change there makes no other rows.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from google.protobuf.descriptor_pb2 import DescriptorProto
from google.protobuf.message import Message

ROOT = Path(__file__).parents[1]
# Where an imported module may decide what is in a row.
DECIDES = ("projections.", "profile_service.domain.")
ONLY_QUERIES = frozenset({"projections.reading", "projections.as_of"})
# Every view is applied by it, and imports it not.
ALWAYS = "projections.folding"


def fingerprint_of(layout: str, source: Path, messages: Iterable[type[Message]]) -> str:
    """Return the digest of a projector by the digest of its tables, its file, and the messages it knows."""
    code = source.read_bytes()
    digest = hashlib.sha256(layout.encode() + code)
    for name in sorted({ALWAYS, *_imported(code)} - ONLY_QUERIES):
        module = ROOT / f"{name.replace('.', '/')}.py"
        if module.is_file():
            digest.update(f"\n{name}\n".encode() + module.read_bytes())
    for described in _described(messages):
        digest.update(described)
    return digest.hexdigest()


def _imported(code: bytes) -> Iterator[str]:
    """Yield the names of what may be modules of this project."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        yield from (name for name in names if name.startswith(DECIDES))


def _described(messages: Iterable[type[Message]]) -> list[bytes]:
    """Return the messages and all that they hold, by name."""
    found: dict[str, bytes] = {}
    left = [message.DESCRIPTOR for message in messages]
    while left:
        one = left.pop()
        if one.full_name not in found:
            described = DescriptorProto()
            one.CopyToProto(described)
            found[one.full_name] = one.full_name.encode() + described.SerializeToString(deterministic=True)
            left += [field.message_type for field in one.fields if field.message_type]
    return [found[name] for name in sorted(found)]

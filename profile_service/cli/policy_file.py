"""A version of the privacy policy as a TOML or JSON file: named as in `policy.proto`, hashes in hex."""

from __future__ import annotations

import base64
import json
import tomllib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict, ParseDict, ParseError

from profile_service.cli.errors import CommandError, ExitCode
from profile_service.v1.policy_pb2 import Policy

HASH = "text_hash"


def read_policy(path: Path) -> Policy:
    """Raises `CommandError` if the file is no policy."""
    try:
        text = path.read_text(encoding="utf-8")
        document = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
        return ParseDict(_changed(document, _base64), Policy())
    except (OSError, ValueError, ParseError) as error:
        raise CommandError(f"{path}: {error}", ExitCode.USAGE) from None


def policy_document(policy: Policy) -> dict[str, Any]:
    """Return a version as a JSON file would have it."""
    plain = MessageToDict(policy, preserving_proto_field_name=True)
    document: dict[str, Any] = _changed(plain, lambda text: base64.b64decode(text).hex())
    return document


def _base64(text: Any) -> str:
    return base64.b64encode(bytes.fromhex(text)).decode()


def _changed(value: Any, change: Callable[[Any], str]) -> Any:
    """Return a document whose hashes are written otherwise, and whose times are texts."""
    if isinstance(value, dict):
        return {
            name: change(inner) if name == HASH and isinstance(inner, str) else _changed(inner, change)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_changed(one, change) for one in value]
    return value.isoformat() if isinstance(value, datetime) else value

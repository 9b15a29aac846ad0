"""A version of the privacy policy as a TOML or JSON file: named as in `policy.proto`, hashes in hex."""

from __future__ import annotations

import base64
import json
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

from google.protobuf.json_format import ParseDict, ParseError

from profile_service.v1.policy_pb2 import Policy

HASH = "text_hash"


class PolicyFileError(Exception):
    """The file is no policy; the text says why."""


def read_policy(path: Path) -> Policy:
    """Raises `PolicyFileError`."""
    try:
        text = path.read_text(encoding="utf-8")
        document = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
        return ParseDict(_with_bytes(document), Policy())
    except (OSError, TypeError, ValueError, ParseError) as error:
        raise PolicyFileError(f"{path}: {error}") from None


def _with_bytes(value: Any) -> Any:
    """Return a document with hashes and times as the JSON of protobuf has them."""
    if isinstance(value, dict):
        return {
            name: base64.b64encode(bytes.fromhex(inner)).decode() if name == HASH else _with_bytes(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_with_bytes(one) for one in value]
    return value.isoformat() if isinstance(value, datetime) else value

"""Code blocks of Markdown documents."""

from __future__ import annotations

import re
from pathlib import Path


def code_blocks(document: Path, language: str) -> list[str]:
    """The fenced blocks of one language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", document.read_text(), re.MULTILINE | re.DOTALL)

"""How careless code writes a value: every way that a scan must see through."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable
from urllib.parse import quote, quote_plus

from hypothesis import strategies as st

CANARIES = st.text(
    st.characters(codec="utf-8", categories=("L", "N"), include_characters="@.+- '"), min_size=12, max_size=40
)


def _escaped(text: str) -> str:
    units = text.encode("utf-16-be")
    return "".join(f"\\u{units[i]:02X}{units[i + 1]:02x}" for i in range(0, len(units), 2))


WRITERS: dict[str, Callable[[str], bytes]] = {
    "utf-8": lambda text: text.encode(),
    "utf-8, lower case": lambda text: text.lower().encode(),
    "utf-8, upper case": lambda text: text.upper().encode(),
    "utf-8, case-folded": lambda text: text.casefold().encode(),
    "utf-16-le": lambda text: text.encode("utf-16-le"),
    "utf-16-be": lambda text: text.encode("utf-16-be"),
    "hex": lambda text: text.encode().hex().encode(),
    "hex, upper case": lambda text: text.encode().hex().upper().encode(),
    "url": lambda text: quote(text, safe="").encode(),
    "url, lower case": lambda text: quote(text, safe="").lower().encode(),
    "url, plus": lambda text: quote_plus(text).encode(),
    "url, every byte": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()).encode(),
    "json": lambda text: json.dumps(text).encode(),
    "json, not ASCII": lambda text: json.dumps(text, ensure_ascii=False).encode(),
    "json, every character": lambda text: _escaped(text).encode(),
    "repr of bytes": lambda text: repr(text.encode())[2:-1].encode(),
}
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zlib, fast": lambda raw: zlib.compress(raw, 1),
    "zlib": zlib.compress,
    "zlib, small": lambda raw: zlib.compress(raw, 9),
    "zlib, stored": lambda raw: zlib.compress(raw, 0),
    "zlib in gzip": lambda raw: gzip.compress(zlib.compress(raw)),
}

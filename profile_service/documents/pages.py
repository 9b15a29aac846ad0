"""Pages of HTML from templates: every value is escaped, and nothing is loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from profile_service.documents.plain import EnumName
from profile_service.documents.texts import Texts


@cache
def _environment() -> Environment:
    environment = Environment(
        autoescape=True,
        loader=PackageLoader("profile_service.documents"),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.tests["enum_name"] = lambda value: isinstance(value, EnumName)
    return environment


def page(template: str, texts: Texts, **values: Any) -> Iterator[str]:
    """Yield the pieces of a page. An iterator among `values` is gone through as the page is made."""
    # As plain text: other text put together with `Markup` would be escaped.
    return map(str, _environment().get_template(template).generate(t=texts, **values))

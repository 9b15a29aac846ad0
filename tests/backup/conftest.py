"""Commands over fresh databases of both kinds, as the commands' own tests have them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.conftest import places_of
from tests.commands.service import Places


@pytest.fixture(params=["sqlite", "postgresql"])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Places]:
    with places_of(request.param, request, tmp_path) as made:
        yield made

"""A provider of each kind, opened as the service opens it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from profile_service.keys.roots import RootProvider, open_root_provider
from tests.support.tokens import Token, new_token


@pytest.fixture(scope="session")
def token_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tokens")


@pytest.fixture
def token(token_directory: Path) -> Token:
    """A new, empty token."""
    return new_token(token_directory)


@pytest.fixture(params=["file", "pkcs11"])
def open_again(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], RootProvider]:
    """Opens the same store of root keys each time; the test runs once for each kind."""
    if request.param == "file":
        return lambda: open_root_provider(f"file:{tmp_path}/roots", data_directory=tmp_path / "data")
    uri = request.getfixturevalue("token").uri
    return lambda: open_root_provider(uri)


@pytest.fixture
def provider(open_again: Callable[[], RootProvider]) -> RootProvider:
    provider = open_again()
    provider.create("epoch-1")
    return provider

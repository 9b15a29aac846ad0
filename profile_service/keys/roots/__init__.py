"""Root keys: what a provider of them does, and the providers there are."""

from __future__ import annotations

from profile_service.keys.roots.file import FileRootProvider
from profile_service.keys.roots.opening import open_root_provider
from profile_service.keys.roots.provider import RootProvider

__all__ = ["FileRootProvider", "RootProvider", "open_root_provider"]

"""Tests with a token are skipped where none can be made, but not where one is required."""

from __future__ import annotations

import pytest

from tests.support import tokens


def test_without_a_token_in_software_a_test_is_skipped(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tokens, "_MODULES", ())
    monkeypatch.delenv("TOKENS", raising=False)
    with pytest.raises(pytest.skip.Exception, match="package softhsm2"):
        tokens.softhsm_module()


def test_where_it_is_required_the_test_fails(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tokens, "_MODULES", ())
    monkeypatch.setenv("TOKENS", "required")
    with pytest.raises(pytest.fail.Exception, match="required"):
        tokens.softhsm_module()

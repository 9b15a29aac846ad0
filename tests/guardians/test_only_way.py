"""Nothing gives consent but `SetConsent`, which asks who gives it; and a planted shortcut is noticed."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.support.repository import ROOT

PACKAGES = ("profile_service", "projections")


def calls_of(name: str, sources: dict[str, str]) -> set[str]:
    """The files that call a function or make a message of this name."""

    def names(tree: ast.AST) -> Iterator[str]:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = node.func
                yield called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")

    return {path for path, text in sources.items() if name in names(ast.parse(text))}


def sources() -> dict[str, str]:
    files = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    return {
        str(path.relative_to(ROOT)): path.read_text() for path in files if not path.name.endswith("_pb2.py")
    }


def detours(known: dict[str, str]) -> set[str]:
    """Whatever makes the fact, or decides it, beside the one way."""
    return calls_of("ConsentGiven", known) - {"profile_service/domain/consents.py"} | (
        calls_of("_set", known) | calls_of("set_consent", known)
    ) - {"profile_service/commands/consents.py", "profile_service/api/consent_service.py"}


def test_there_is_one_way_to_a_consent():
    known = sources()
    assert detours(known) == set()
    assert calls_of("giver_check", known) == {"profile_service/commands/consents.py"}


def test_a_shortcut_is_noticed():
    planted = sources()
    planted["profile_service/commands/imports.py"] += "\ndef give(): return [events.ConsentGiven()]\n"
    planted["profile_service/commands/profiles.py"] += "\ndef give(): return consents.set_consent()\n"
    assert detours(planted) == {"profile_service/commands/imports.py", "profile_service/commands/profiles.py"}


def test_a_registration_and_an_import_bring_no_consent():
    """Neither has a field for one."""
    text = (ROOT / "proto/profile_service/v1/profile_service.proto").read_text()
    assert "ConsentDecision" not in text
    assert "consent_service.proto" not in text

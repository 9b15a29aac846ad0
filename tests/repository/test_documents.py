"""What the documents point at is there: files, headings, modules and make targets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.repository import ROOT, tracked_files

DOCUMENTS = {str(path.relative_to(ROOT)): path for path in tracked_files(".md")}
EVERY_DOCUMENT = pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS.keys())
PATH = re.compile(
    r"^(?:profile_service|projections|proto|tests|benchmarks|docs|deploy|\.ci)/[\w./-]+$|^[\w-]+\.(?:toml|md|yaml)$"
)


def prose(document: Path) -> str:
    """A document without its code blocks."""
    return re.sub(r"^```.*?^```", "", document.read_text(), flags=re.MULTILINE | re.DOTALL)


def anchors(document: Path) -> set[str]:
    """The anchors of the headings, as Markdown viewers make them."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def broken_links(document: Path) -> list[str]:
    broken = []
    for target in re.findall(r"\]\(([^)]+)\)", prose(document)):
        if target.startswith(("https://", "http://", "mailto:")):
            continue
        name, _, anchor = target.partition("#")
        file = (document.parent / name).resolve() if name else document
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    return broken


@EVERY_DOCUMENT
def test_every_link_leads_somewhere(document: Path):
    assert broken_links(document) == []


def test_a_planted_link_to_nowhere_is_noticed(tmp_path: Path):
    document = tmp_path / "planted.md"
    document.write_text("# Here\n[a](#here) [b](#there) [c](none.md) `code`\n")
    assert broken_links(document) == ["#there", "none.md"]


@EVERY_DOCUMENT
def test_every_path_that_is_named_exists(document: Path):
    named = {text.rstrip("/") for text in re.findall(r"`([^`\n]+)`", prose(document)) if PATH.match(text)}
    assert {name for name in named if not (ROOT / name).exists()} == set()


@EVERY_DOCUMENT
def test_every_make_target_that_is_named_exists(document: Path):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)`", document.read_text())) <= targets


def test_every_decision_is_in_the_list_of_decisions():
    listed = (ROOT / "docs/adr/README.md").read_text()
    decisions = [path.name for path in (ROOT / "docs/adr").glob("[0-9]*.md")]
    assert decisions
    assert [name for name in sorted(decisions) if f"({name})" not in listed] == []


@pytest.mark.parametrize(
    "decision", sorted((ROOT / "docs/adr").glob("[0-9]*.md")), ids=lambda path: path.stem
)
def test_every_decision_says_what_is_good_and_what_is_bad_about_it(decision: Path):
    text = decision.read_text()
    assert re.search(r"^Good: ", text, re.MULTILINE)
    assert re.search(r"^Bad: ", text, re.MULTILINE)

"""The README's code runs as it stands, against the real service."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import typer

from profile_service.cli.app import app
from tests.support.markdown import code_blocks
from tests.support.repository import ROOT, run_tool
from tests.support.service import Databases, Service, running_service

pytestmark = pytest.mark.service

README = ROOT / "README.md"
DEFAULT = "127.0.0.1:50051"


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    directory: Path = tmp_path_factory.mktemp("readme")
    with running_service(directory, Databases.sqlite(directory), with_policy=False) as service:
        yield service


def shell_block_with(word: str) -> str:
    (block,) = [block for block in code_blocks(README, "sh") if word in block]
    return block


def test_the_policy_is_published(serving: Service):
    block = shell_block_with("policy publish")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block],
        cwd=ROOT,
        env={**serving.settings, "APROFILE_TARGET": serving.address},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Published 2026-01" in done.stdout


def test_the_python_client_registers_and_reads(serving: Service):
    (block,) = code_blocks(README, "python")
    assert DEFAULT in block
    assert run_tool("python", "-", stdin=block.replace(DEFAULT, serving.address)) == (0, "")


def test_buf_curl_registers(serving: Service):
    block = shell_block_with("buf curl")
    assert DEFAULT in block
    answers = []
    for _ in range(2):
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block.replace(DEFAULT, serving.address)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        answers.append(json.loads(done.stdout))
    assert answers[0] == answers[1], "the same request id: the same answer"
    assert str(UUID(answers[0]["profileId"])) == answers[0]["profileId"]
    assert answers[0]["etag"] == "1"


def test_the_two_commands_are_make_targets():
    block = shell_block_with("make serve")
    commands = [line.partition("#")[0].split() for line in block.splitlines()]
    assert commands == [["make", "serve"], ["make", "test"]]
    for _, target in commands:
        done = subprocess.run(
            ["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


def test_every_command_that_a_document_names_exists_with_its_options():
    documents = [README, *(ROOT / "docs").glob("*.md")]
    commands = {command for document in documents for command in commands_of(document)}
    assert len(commands) > 20
    for command in sorted(commands):
        missing = missing_in(command)
        assert not missing, f"{' '.join(command)}: {missing}"


def test_a_command_that_does_not_exist_is_noticed():
    assert missing_in(("keys", "close-epochs")) == "close-epochs"
    assert missing_in(("keys", "status", "--colour")) == "--colour"


def commands_of(document: Path) -> Iterator[tuple[str, ...]]:
    """The words and options of each `aprofile` in the shell blocks of a document."""
    for block in code_blocks(document, "sh"):
        for line in block.replace("\\\n", " ").splitlines():
            for part in line.split("#")[0].split("|"):
                words = part.split()
                if words[:1] == ["aprofile"]:
                    yield tuple(words[1:])


def missing_in(command: tuple[str, ...]) -> str:
    """What of a command the application does not know: a word, or an option; empty if it knows all."""
    found: Any = typer.main.get_command(app)
    for word in command:
        if hasattr(found, "commands"):
            found = found.commands.get(word)
            if found is None:
                return word
        elif word.startswith("--"):
            options = ["--help", *(option for parameter in found.params for option in parameter.opts)]
            if word.partition("=")[0] not in options:
                return word
    return ""

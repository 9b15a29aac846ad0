"""The help of every command names everything that can be given to it."""

from __future__ import annotations

import re
from typing import cast

import pytest
from typer.testing import CliRunner

from profile_service.cli.app import app
from profile_service.cli.errors import ExitCode
from profile_service.settings import Settings

COMMANDS = [
    "serve", "project", "migrate", "backup", "restore", "load", "demo", "replay", "health", "version",
    "projections list", "projections rebuild", "projections verify",
    "projections parked list", "projections parked show", "projections parked retry",
    "projections parked skip",
    "profile show", "profile erase", "profile export", "profile preview-erasure", "register export",
    "policy publish", "policy show", "audience select", "statistics days", "statistics living",
    "keys status", "keys close-epoch", "export parquet", "receipt get", "receipt verify",
]  # fmt: skip
LOCAL = {"serve", "project", "migrate", "backup", "restore", "demo", "version", "register export"}
CLIENTS = [name for name in COMMANDS if name not in LOCAL]


def help_of(command: str) -> str:
    result = CliRunner().invoke(
        app, [*command.split(), "--help"], env={"COLUMNS": "400", "TERMINAL_WIDTH": "400", "NO_COLOR": "1"}
    )
    assert result.exit_code == 0
    return re.sub(r"\s+", " ", re.sub(r"\x1b\[[0-9;]*m", "", result.output))


def settings_of(*groups: str) -> list[str]:
    return [
        name
        for name, field in Settings.model_fields.items()
        if cast(dict[str, str], field.json_schema_extra)["group"] in groups
    ]


def test_serve_documents_each_setting_of_the_service() -> None:
    text = help_of("serve")
    for name in settings_of("Server", "Databases", "TLS"):
        assert f"--{name.replace('_', '-')} " in text
        assert f"[env: APROFILE_{name.upper()}]" in text
        assert str(Settings.model_fields[name].description) in text
    assert "[env: APROFILE_CONFIG]" in text


def test_serve_shows_the_defaults() -> None:
    text = help_of("serve")
    for default in ("127.0.0.1:50051", "var", "root-keys", "on", "info"):
        assert f"[default: {default}]" in text


def test_every_setting_belongs_to_a_command() -> None:
    assert len(settings_of("Server", "Databases", "TLS", "Client")) == len(Settings.model_fields)


@pytest.mark.parametrize("command", CLIENTS)
def test_a_command_that_calls_the_service_can_be_pointed_to_it(command: str) -> None:
    text = help_of(command)
    assert "--timeout " in text
    for name in settings_of("Client"):
        assert f"--{name.replace('_', '-')} " in text


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_it_does(command: str) -> None:
    assert re.search(r"Usage: \S+ .* [A-Z][a-z].*\.", help_of(command))


def test_the_list_of_commands_is_complete() -> None:
    assert all(name.split()[0] in help_of("") for name in COMMANDS)


def test_every_exit_code_is_documented() -> None:
    text = help_of("")
    for code in ExitCode:
        assert f" {code.value} " in text

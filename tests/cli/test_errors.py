"""Whatever goes wrong, a command ends with one line and the documented exit code."""

from __future__ import annotations

import sys
from pathlib import Path

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest

from profile_service import cli
from profile_service.cli.errors import ExitCode, run
from tests.cli.small_service import because, refusal, refusing_service

ERASED = refusal(grpc.StatusCode.FAILED_PRECONDITION, "the person was erased", because("PROFILE_ERASED"))


@pytest.fixture
def aprofile(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path):
    """Run a command; return exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["aprofile", *arguments])
        with pytest.raises(SystemExit) as end:
            cli.main()
        captured = capsys.readouterr()
        return int(end.value.code or 0), captured.out, captured.err

    return call


def test_version(aprofile) -> None:
    code, out, _ = aprofile("version")
    assert code == ExitCode.OK
    assert out.strip().count(".") == 2


def test_a_refusal_is_one_line_with_its_reason(aprofile) -> None:
    with refusing_service(ERASED) as address:
        code, out, err = aprofile("keys", "status", "--target", address)
    assert code == ExitCode.REFUSED
    assert out == ""
    assert err == "aprofile: PROFILE_ERASED (FAILED_PRECONDITION): the person was erased\n"


def test_a_wrong_request_names_the_field(aprofile) -> None:
    wrong = BadRequest(field_violations=[BadRequest.FieldViolation(field="name", description="is too long")])
    status = refusal(grpc.StatusCode.INVALID_ARGUMENT, "wrong", because("INVALID_REQUEST"), wrong)
    with refusing_service(status) as address:
        _, _, err = aprofile("keys", "status", "--target", address)
    assert err == "aprofile: INVALID_REQUEST (INVALID_ARGUMENT): wrong (name: is too long)\n"


def test_a_refusal_without_details_shows_its_status(aprofile) -> None:
    with refusing_service(refusal(grpc.StatusCode.UNIMPLEMENTED, "no such call")) as address:
        code, _, err = aprofile("keys", "status", "--target", address)
    assert code == ExitCode.REFUSED
    assert err == "aprofile: UNIMPLEMENTED (UNIMPLEMENTED): no such call\n"


def test_nobody_listens(aprofile) -> None:
    code, _, err = aprofile("keys", "status", "--target", "127.0.0.1:1", "--timeout", "2")
    assert code == ExitCode.UNAVAILABLE
    assert err == "aprofile: the service can't be reached (UNAVAILABLE)\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["serve", "--listen", "0.0.0.0:1"], "listen: an address other than loopback needs"),
        (["serve", "--data", "d", "--root-keys", "d"], "root_keys: must be apart from data"),
        (["serve", "--config", "nothing.toml"], "config: nothing.toml can't be read"),
        (["keys", "status", "--server-ca", "nothing"], "server_ca: is not a file"),
        (["projections", "verify"], "name projections, or give --all"),
        (["projections", "verify", "--all", "profiles"], "name projections, or give --all"),
        (["replay", "--personal", "--purpose", "audit"], "--personal needs --purpose, --legal-basis"),
    ],
)
def test_a_wrong_setting_is_a_usage_error(aprofile, arguments: list[str], message: str) -> None:
    code, _, err = aprofile(*arguments)
    assert code == ExitCode.USAGE
    assert err.startswith(f"aprofile: {message}")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["serve", "--projector", "perhaps"],
        ["profile", "show", "not-a-uuid"],
        ["profile", "show", "00000000-0000-4000-8000-000000000000"],
        ["profile", "show", "00000000-0000-4000-8000-000000000000", "--at", "-1"],
        ["profile", "show", "00000000-0000-4000-8000-000000000000", "--at", "yesterday"],
        ["replay", "--from", "yesterday"],
        ["replay", "--legal-basis", "curiosity"],
        ["load", "--citizens", "0"],
    ],
)
def test_a_wrong_option_is_a_usage_error(aprofile, arguments: list[str]) -> None:
    code, _, err = aprofile(*arguments)
    assert code == ExitCode.USAGE
    assert "Usage:" in err


def test_erasing_asks_first(aprofile, monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    code, _, _ = aprofile(
        "profile", "erase", "00000000-0000-4000-8000-000000000000", "--legal-basis", "legal-obligation",
        "--requested-by", "person", "--reason", "objection", "--target", "127.0.0.1:1",
    )  # fmt: skip
    assert code == ExitCode.FAILED


def test_a_fault_of_ours_shows_where_it_was_and_never_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise ValueError("canary-8d1f@example.org")

    with pytest.raises(SystemExit) as end:
        run(fail)
    captured = capsys.readouterr()
    assert end.value.code == ExitCode.FAULT
    assert captured.err.startswith("aprofile: fault: ValueError at ")
    assert captured.err.endswith(" in fail\n")
    assert "canary" not in captured.err


def test_an_interrupt_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(SystemExit) as end:
        run(interrupt)
    assert end.value.code == ExitCode.INTERRUPTED
    assert capsys.readouterr().err == ""

"""Real PKCS#11 tokens in software (SoftHSM2), each in a directory of a test.

Without SoftHSM2 a test that needs one is skipped, and fails where the environment says `TOKENS=required`.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import pkcs11
import pytest

PIN = "a-pin-of-tests"
_MODULES = ("/usr/lib", "/usr/local/lib", "/usr/lib64", "/opt/homebrew/lib")


@dataclass(frozen=True)
class Token:
    """An initialised token."""

    label: str
    module: Path
    pin_file: Path
    configuration: Path

    @property
    def uri(self) -> str:
        """As `APROFILE_ROOT_KEYS` names it."""
        pin = quote(str(self.pin_file))
        return f"pkcs11:token={quote(self.label)}?module-path={self.module}&pin-source=file:{pin}"

    @property
    def environment(self) -> dict[str, str]:
        """What a process that uses the token has to have."""
        return {"SOFTHSM2_CONF": str(self.configuration)}


def softhsm_module() -> Path:
    """The module of SoftHSM2; skips or fails the test if there is none."""
    for directory in _MODULES:
        for found in Path(directory).glob("**/softhsm/libsofthsm2.so"):
            return found
    if os.environ.get("TOKENS") == "required":
        pytest.fail("SoftHSM2 is not installed (package softhsm2), and TOKENS=required")
    pytest.skip("SoftHSM2 is not installed (package softhsm2): no token to test with")


def new_token(directory: Path) -> Token:
    """Make a token; this process can use it too, all tokens of a process being in one `directory`."""
    module = softhsm_module()
    label = f"test {uuid4().hex[:8]}"
    configuration, pin_file = directory / "softhsm2.conf", directory / f"{label}.pin"
    (directory / "tokens").mkdir(exist_ok=True)
    configuration.write_text(f"directories.tokendir = {directory}/tokens\nlog.level = ERROR\n")
    pin_file.touch(0o600)
    pin_file.write_text(f"{PIN}\n")
    token = Token(label, module, pin_file, configuration)
    os.environ.update(token.environment)
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", token.label, "--so-pin", PIN, "--pin", PIN],
        check=True,
        capture_output=True,
    )
    pkcs11.lib(str(module)).reinitialize()  # it looks for tokens then only
    return token

"""The settings of every command: flags, then the environment, then a file, then defaults.

The only module that reads the environment.
"""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from profile_service.endpoints import (
    Address,
    DatabaseUrl,
    LinkStart,
    TlsFiles,
    database_of,
    parse_address,
    tls_files,
)
from profile_service.settings_file import SettingsError, one_line, read_file

__all__ = ["Settings", "SettingsError", "load_settings"]

PREFIX = "APROFILE_"
SERVER_TLS = ("tls_certificate", "tls_key", "tls_client_ca")
CLIENT_TLS = ("client_certificate", "client_key", "server_ca")

# Who rebuilds: processes of the server itself.
PROCESSES = "processes"

_DURATION = re.compile(r"0|\d{1,6}[smhd]")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "0": "days"}


def _sqlite_file(name: str) -> Any:
    return lambda values: f"sqlite:///{values['data'] / name}" if "data" in values else ""


def _setting(default: Any, group: str, description: str, **how: Any) -> Any:
    """Declare a field; `group` is the panel of `--help` that shows it."""
    if callable(default):
        how["default_factory"] = default
    else:
        how["default"] = default
    return Field(description=description, json_schema_extra={"group": group}, **how)


class Settings(BaseSettings):
    """What an operator can set. Made by `load_settings`, unchangeable afterwards."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True
    )

    data: Path = _setting(
        Path("var"), "Server", "Directory of the SQLite files and the lock that keeps a second server out."
    )
    listen: str = _setting(
        "127.0.0.1:50051", "Server", "Address to serve on, host:port. Anything but loopback needs TLS."
    )
    projector: bool = _setting(
        True, "Server", "Whether this process also keeps the views up to date; off beside `aprofile project`."
    )
    policy: Path | None = _setting(
        None, "Server", "Policy file that says which caller may call what. Default: the built-in one."
    )
    log_level: Literal["debug", "info", "warning", "error"] = _setting(
        "info", "Server", "What is logged at least."
    )
    log_format: Literal["auto", "json", "console"] = _setting(
        "auto", "Server", "JSON lines, or text for people; auto: text on a terminal."
    )
    events_url: DatabaseUrl = _setting(
        _sqlite_file("events.sqlite"), "Databases", "The log. Default: events.sqlite in data.", repr=False
    )
    keys_url: DatabaseUrl = _setting(
        _sqlite_file("keys.sqlite"), "Databases", "The keys, never in the log's database.", repr=False
    )
    views_url: DatabaseUrl = _setting(
        _sqlite_file("views.sqlite"), "Databases", "The views. Default: views.sqlite in data.", repr=False
    )
    root_keys: str = _setting(
        "root-keys",
        "Databases",
        "Directory of the root keys, outside data and in no backup of it; or a token, as a pkcs11: URI.",
    )
    previous_root_keys: str | None = _setting(
        None,
        "Databases",
        "Where the root keys were before `root_keys`, until the next close of the epoch has moved them.",
    )
    erasures: Path = _setting(
        lambda values: values.get("data", Path()).parent / "erasures",
        "Databases",
        "Directory of the list of erased people, outside data: what restoring an old backup can't forget."
        " Default: erasures beside data.",
    )
    signing_key: Path = _setting(
        lambda values: values.get("data", Path()).parent / "signing-key",
        "Databases",
        "File of the key that signs certificates of erasure, outside data; made if it is missing."
        " Default: signing-key beside data.",
    )
    epoch_every: str = _setting(
        "1d", "Server", "How often the epoch of the keys closes, such as 12h or 7d; 0: only when asked."
    )
    parked_margin: int = _setting(
        0, "Server", "How many more people than wait now a rebuild may park, and be swapped in.", ge=0
    )
    key_backups: Path = _setting(
        lambda values: values.get("data", Path()) / "key-backups",
        "Server",
        "Directory of the backup that each close of an epoch makes and opens. Default: key-backups in data.",
    )
    rebuild_workers: int = _setting(
        2, "Server", "Processes that rebuild a view at once, each with a lease on the keys.", ge=1, le=64
    )
    rebuild_executor: str = _setting(
        PROCESSES,
        "Server",
        "Who rebuilds views: processes of this server, or the workers of a Dask scheduler, dask://HOST:PORT;"
        " on another machine only with TLS.",
    )
    unsubscribe_url: LinkStart | None = _setting(
        None, "Server", "What the token of an unsubscribe link stands behind, https://…/ or https://…="
    )
    tls_certificate: Path | None = _setting(
        None, "TLS", "Certificate chain of the server (PEM). All three TLS files, or none."
    )
    tls_key: Path | None = _setting(None, "TLS", "Private key of the certificate (PEM).")
    tls_client_ca: Path | None = _setting(
        None, "TLS", "Authorities that sign the certificates of callers (PEM)."
    )
    target: str = _setting(
        lambda values: values.get("listen", ""), "Client", "Service to call, host:port. Default: `listen`."
    )
    client_certificate: Path | None = _setting(
        None, "Client", "Certificate to show the service (PEM). All three client files, or none."
    )
    client_key: Path | None = _setting(None, "Client", "Private key of the client certificate (PEM).")
    server_ca: Path | None = _setting(
        None, "Client", "Authorities that sign the certificate of the service (PEM)."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # The file is no source of its own: `load_settings` puts it below the environment.
        return (init_settings, env_settings)

    @field_validator("listen", "target")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        return str(parse_address(value))

    @field_validator("root_keys", "previous_root_keys")
    @classmethod
    def _is_a_root_provider(cls, value: str | None) -> str | None:
        if value is None:
            return None
        scheme = re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", value)
        if not value or (scheme and scheme[0] not in ("file:", "pkcs11:")):
            raise ValueError("must be a directory, file:DIRECTORY, or a pkcs11: URI")
        return value

    @field_validator("rebuild_executor")
    @classmethod
    def _is_an_executor(cls, value: str) -> str:
        scheme, _, address = value.partition("://")
        if value != PROCESSES and scheme != "dask":
            raise ValueError("must be processes, or dask://HOST:PORT")
        return value if value == PROCESSES else f"dask://{parse_address(address)}"

    @field_validator("epoch_every")
    @classmethod
    def _is_a_duration(cls, value: str) -> str:
        if not _DURATION.fullmatch(value):
            raise ValueError("must be a number with s, m, h or d, such as 12h; or 0")
        return value

    @field_validator("policy", *SERVER_TLS, *CLIENT_TLS)
    @classmethod
    def _is_a_file(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError("is not a file")
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> Settings:
        for other in ("events_url", "views_url"):
            if database_of(self.keys_url) == database_of(getattr(self, other)):
                raise ValueError(f"keys_url: must not be the database of {other}")
        if database_of(self.events_url) == database_of(self.views_url):
            raise ValueError("views_url: must not be the database of events_url")
        for name in ("root_keys", "previous_root_keys"):
            self._check_root_keys(name)
        if self.erasures.resolve().is_relative_to(self.data.resolve()):
            raise ValueError("erasures: must not be in data, whose backups would contain it")
        if self.signing_key.resolve().is_relative_to(self.data.resolve()):
            raise ValueError("signing_key: must not be in data, whose backups would contain it")
        if self.tls is None and not self.address.is_loopback:
            raise ValueError(
                "listen: an address other than loopback needs tls_certificate, tls_key, tls_client_ca"
            )
        _ = self.client_tls
        return self

    def _check_root_keys(self, setting: str) -> None:
        address: str | None = getattr(self, setting)
        if address is None or address.startswith("pkcs11:"):
            return
        root, data = Path(address.removeprefix("file:")).resolve(), self.data.resolve()
        if root == data or root in data.parents or data in root.parents:
            raise ValueError(f"{setting}: must be apart from data: not the same directory, nor nested")
        if root == self.key_backups.resolve() or root in self.key_backups.resolve().parents:
            raise ValueError(f"key_backups: must not be in the directory of {setting}")
        for name in ("events_url", "keys_url", "views_url"):
            kind, *place = database_of(getattr(self, name))
            if kind == "sqlite" and root in place[0].parents:
                raise ValueError(f"{name}: must not be in the directory of {setting}")

    @property
    def close_every(self) -> timedelta | None:
        """How often the epoch of the keys closes; None: only when asked."""
        every = timedelta(**{_UNITS[self.epoch_every[-1]]: float(self.epoch_every.rstrip("smhd"))})
        return every or None

    @property
    def address(self) -> Address:
        """Where to listen."""
        return parse_address(self.listen)

    @property
    def tls(self) -> TlsFiles | None:
        """The TLS files of the server; None: without TLS, on loopback."""
        return tls_files(self, *SERVER_TLS)

    @property
    def client_tls(self) -> TlsFiles | None:
        """The TLS files of a client; None: without TLS."""
        return tls_files(self, *CLIENT_TLS)


def load_settings(config: Path | str | None = None, **flags: Any) -> Settings:
    """Read all sources; a flag that is None was not given. Raises `SettingsError`.

    `config` is a TOML file whose keys are the names of `Settings`; if it is None,
    the file that `APROFILE_CONFIG` names, if any. A misspelled name is an error wherever it is.
    """
    known = {_environment_name(name) for name in (*Settings.model_fields, "CONFIG")}
    for stranger in sorted(name for name in _environment() - known if name.startswith(PREFIX)):
        raise SettingsError(f"{stranger}: there is no such setting")
    named = config or os.environ.get(f"{PREFIX}CONFIG")
    values = read_file(Path(named), set(Settings.model_fields)) if named else {}
    for name in [name for name in values if _environment_name(name) in _environment()]:
        del values[name]
    values.update({name: value for name, value in flags.items() if value is not None})
    try:
        return Settings(**values)
    except ValidationError as error:
        raise SettingsError(one_line(error)) from None


def environment_without_settings() -> dict[str, str]:
    """The environment of a child process that gets its settings by flags alone."""
    return {name: value for name, value in os.environ.items() if not name.upper().startswith(PREFIX)}


def silence_grpc_core() -> None:
    """Keep gRPC's C core from writing to stderr past our logs; to be called before grpc is imported.

    Its lines quote addresses and certificates. `GRPC_VERBOSITY` in the environment is stronger.
    """
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")


def _environment() -> set[str]:
    return {name.upper() for name in os.environ}


def _environment_name(setting: str) -> str:
    return f"{PREFIX}{setting}".upper()

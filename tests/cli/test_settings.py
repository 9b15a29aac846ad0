"""Where a setting comes from, and which settings are refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from profile_service.endpoints import Address, parse_address
from profile_service.settings import SettingsError, environment_without_settings, load_settings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("APROFILE_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "settings.toml"
    file.write_text('listen = "127.0.0.1:3"\nlog_level = "error"\nprojector = false\n')
    return file


class TestSources:
    def test_without_any_source_everything_is_beside_the_working_directory(self, tmp_path: Path) -> None:
        settings = load_settings()
        assert settings.events_url == "sqlite:///var/events.sqlite"
        assert settings.keys_url == "sqlite:///var/keys.sqlite"
        assert settings.views_url == "sqlite:///var/views.sqlite"
        assert settings.root_keys == "root-keys"
        assert settings.address == Address("127.0.0.1", 50051)
        assert settings.projector
        assert settings.tls is None

    def test_databases_follow_data(self) -> None:
        assert load_settings(data="/srv/a").keys_url == "sqlite:////srv/a/keys.sqlite"

    def test_the_file_is_stronger_than_the_default(self, config: Path) -> None:
        assert load_settings(config).listen == "127.0.0.1:3"

    def test_the_environment_is_stronger_than_the_file(
        self, config: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("APROFILE_LISTEN", "127.0.0.1:2")
        settings = load_settings(config)
        assert settings.listen == "127.0.0.1:2"
        assert settings.log_level == "error"

    def test_a_flag_is_stronger_than_everything(self, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("APROFILE_LISTEN", "127.0.0.1:2")
        assert load_settings(config, listen="127.0.0.1:1").listen == "127.0.0.1:1"

    def test_a_flag_that_was_not_given_is_no_source(self, config: Path) -> None:
        assert load_settings(config, listen=None).listen == "127.0.0.1:3"

    def test_the_environment_names_the_file(self, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("APROFILE_CONFIG", str(config))
        assert load_settings().listen == "127.0.0.1:3"

    @pytest.mark.parametrize(("text", "value"), [("on", True), ("off", False), ("true", True), ("0", False)])
    def test_on_and_off(self, text: str, value: bool, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("APROFILE_PROJECTOR", text)
        assert load_settings().projector is value

    def test_the_target_of_a_client_is_where_the_service_listens(self) -> None:
        assert load_settings(listen="127.0.0.1:9").target == "127.0.0.1:9"
        assert load_settings(listen="127.0.0.1:9", target="service:1").target == "service:1"

    @pytest.mark.parametrize("text", ["root-keys", "file:root-keys", "pkcs11:token=a?module-path=/m"])
    def test_root_keys_are_in_a_directory_or_in_a_token(self, text: str) -> None:
        assert load_settings(root_keys=text).root_keys == text
        assert load_settings(previous_root_keys=text).previous_root_keys == text

    def test_settings_do_not_change(self) -> None:
        with pytest.raises(ValueError, match="frozen"):
            load_settings().listen = "127.0.0.1:1"

    def test_postgresql_without_a_driver_means_ours(self) -> None:
        settings = load_settings(events_url="postgresql://u:p@host/events")
        assert settings.events_url == "postgresql+psycopg://u:p@host/events"

    def test_a_child_process_gets_no_setting_by_accident(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("APROFILE_LISTEN", "127.0.0.1:2")
        monkeypatch.setenv("ELSE", "kept")
        environment = environment_without_settings()
        assert "APROFILE_LISTEN" not in environment
        assert environment["ELSE"] == "kept"


REFUSED = {
    "an address without a port": ({"listen": "localhost"}, "listen: must be host:port"),
    "every address without TLS": (
        {"listen": "0.0.0.0:50051"},
        "listen: an address other than loopback needs",
    ),
    "every IPv6 address without TLS": ({"listen": "[::]:1"}, "listen: an address other than loopback needs"),
    "a name without TLS": ({"listen": "service.city:1"}, "listen: an address other than loopback needs"),
    "one TLS file of three": ({"tls_key": "file"}, "tls_certificate: is missing"),
    "one client file of three": ({"server_ca": "file"}, "client_certificate: is missing"),
    "a TLS file that is not there": ({"tls_key": "nothing"}, "tls_key: is not a file"),
    "a policy that is not there": ({"policy": "nothing"}, "policy: is not a file"),
    "root keys in data": ({"data": "d", "root_keys": "d"}, "root_keys: must be apart from data"),
    "root keys under data": ({"data": "d", "root_keys": "d/r"}, "root_keys: must be apart from data"),
    "data under root keys": ({"data": "r/d", "root_keys": "r"}, "root_keys: must be apart from data"),
    "root keys in data by a detour": ({"data": "d", "root_keys": "x/../d/r"}, "root_keys: must be apart"),
    "root keys as files in data": (
        {"data": "d", "root_keys": "file:d/r"},
        "root_keys: must be apart from data",
    ),
    "root keys of before in data": (
        {"data": "d", "previous_root_keys": "d/r"},
        "previous_root_keys: must be apart from data",
    ),
    "root keys with an unknown provider": ({"root_keys": "kms:key"}, "root_keys: must be a directory, file:"),
    "a database among root keys": (
        {"keys_url": "sqlite:///root-keys/keys.sqlite"},
        "keys_url: must not be in the directory of root_keys",
    ),
    "keys in the database of the log": ({"keys_url": "sqlite:///var/events.sqlite"}, "keys_url: must not be"),
    "keys in the database of the views": (
        {"keys_url": "sqlite:///var/views.sqlite"},
        "keys_url: must not be",
    ),
    "views in the database of the log": (
        {"events_url": "postgresql://u@h/a", "views_url": "postgresql+psycopg://v@h:5432/a"},
        "views_url: must not be",
    ),
    "another kind of database": ({"events_url": "mysql://h/a"}, "events_url: must begin with"),
    "a database in memory": ({"events_url": "sqlite://"}, "events_url: must name a database"),
    "no URL": ({"events_url": "events"}, "events_url: is not a SQLAlchemy URL"),
    "a link without https": (
        {"unsubscribe_url": "http://city.example/u/"},
        "unsubscribe_url: must",
    ),
    "a link that nothing can follow": ({"unsubscribe_url": "https://city.example"}, "unsubscribe_url: must"),
    "a link that ends a header": ({"unsubscribe_url": "https://a>\r\nTo: b/"}, "unsubscribe_url: must"),
    "another level": ({"log_level": "loud"}, "log_level: "),
    "another word for on": ({"projector": "perhaps"}, "projector: "),
}


@pytest.mark.parametrize(("flags", "message"), REFUSED.values(), ids=REFUSED)
def test_refused(flags: dict[str, str], message: str) -> None:
    Path("file").touch()
    with pytest.raises(SettingsError) as refusal:
        load_settings(**flags)
    assert str(refusal.value).startswith(message)
    assert "\n" not in str(refusal.value)


def test_a_refusal_shows_no_password() -> None:
    for url in ("mysql://user:hunter2@host/a", "postgresql://user:hunter2@host", "hunter2"):
        with pytest.raises(SettingsError) as refusal:
            load_settings(events_url=url)
        assert "hunter2" not in str(refusal.value)


def test_settings_as_text_show_no_password() -> None:
    assert "hunter2" not in repr(load_settings(events_url="postgresql://user:hunter2@host/a"))


def test_other_addresses_are_served_with_all_three_tls_files() -> None:
    Path("file").touch()
    settings = load_settings(listen="0.0.0.0:1", tls_certificate="file", tls_key="file", tls_client_ca="file")
    assert settings.tls is not None
    assert settings.tls.authority == Path("file")


@pytest.mark.parametrize(
    ("content", "message"),
    [("lisen = 'x'", "unknown setting: lisen"), ("= 1", "is not TOML"), ("\ufeff\x00", "is not TOML")],
)
def test_a_file_that_is_wrong_is_refused(content: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(content)
    with pytest.raises(SettingsError, match=message):
        load_settings(file)


def test_a_variable_that_names_no_setting_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APROFILE_LISEN", "127.0.0.1:1")
    with pytest.raises(SettingsError, match="APROFILE_LISEN: there is no such setting"):
        load_settings()


def test_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(SettingsError, match="can't be read"):
        load_settings("nothing.toml")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:1", Address("127.0.0.1", 1)),
        ("[::1]:50051", Address("::1", 50051)),
        ("localhost:0", Address("localhost", 0)),
    ],
)
def test_addresses_are_read_and_written(text: str, address: Address) -> None:
    assert parse_address(text) == address
    assert str(address) == text
    assert address.is_loopback


@pytest.mark.parametrize("text", ["", ":1", "a", "a:", "a:b", "a:70000", "a:1/x", "u@a:1", "http://a:1"])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="host:port"):
        parse_address(text)

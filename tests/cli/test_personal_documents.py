"""Exports, previews and registers on the command line: what is written, for whom, and what is left alone."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from profile_service.cli.errors import ExitCode
from tests.api import calls
from tests.cli.test_service import REASON, aprofile
from tests.support import people
from tests.support.other_sources import SOURCE_NAME, with_sources
from tests.support.people import Person
from tests.support.service import Databases, Service, running_service

pytestmark = pytest.mark.service


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    directory = tmp_path_factory.mktemp("documents")
    with running_service(directory, Databases.sqlite(directory)) as service:
        yield service


@pytest.fixture(scope="module")
def person() -> Person:
    return people.new_person()


@pytest.fixture(scope="module")
def profile_id(service: Service, person: Person) -> str:
    with service.stubs() as stubs:
        profile_id = calls.register(stubs, person).profile_id
        stubs.consents.SetConsent(people.consent(profile_id), timeout=calls.SECONDS)
    return profile_id


@pytest.fixture(scope="module")
def erased_id(service: Service) -> str:
    with service.stubs() as stubs:
        profile_id = calls.register(stubs).profile_id
        stubs.rights.EraseProfile(people.erase(profile_id), timeout=calls.SECONDS)
    return profile_id


def test_an_export_is_written_for_its_owner_alone(
    service: Service, profile_id: str, person: Person, tmp_path: Path
):
    path = tmp_path / "export.json"
    done = aprofile(service, "profile", "export", profile_id, "--output", str(path), *REASON)
    assert done.returncode == ExitCode.OK, done.stderr
    assert (done.stdout, person.mark in done.stderr) == ("", False)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    document = json.loads(path.read_text())
    assert (document["profile_id"], document["kind"]) == (profile_id, "EXPORT_KIND_ACCESS")
    assert document["state"]["profile"]["email"] == person.email
    assert [fact["type"] for fact in document["facts"]] == ["ProfileRegistered", "ConsentGiven"]


def test_a_page_and_what_a_person_takes_along_are_asked_for(
    service: Service, profile_id: str, person: Person, tmp_path: Path
):
    page, portable = tmp_path / "page.html", tmp_path / "portable.json"
    wanted = ["--format", "html", "--language", "en"]
    done = aprofile(service, "profile", "export", profile_id, "--output", str(page), *wanted, *REASON)
    assert done.returncode == ExitCode.OK, done.stderr
    assert "<h1>Your data with the City</h1>" in page.read_text()
    assert person.email in page.read_text()
    wanted = ["--kind", "portability"]
    done = aprofile(service, "profile", "export", profile_id, "--output", str(portable), *wanted, *REASON)
    assert done.returncode == ExitCode.OK, done.stderr
    assert [fact["type"] for fact in json.loads(portable.read_text())["facts"]] == ["ProfileRegistered"]


def test_a_file_that_is_there_is_left_alone(service: Service, profile_id: str, tmp_path: Path):
    path = tmp_path / "export.json"
    path.write_text("of somebody else")
    done = aprofile(service, "profile", "export", profile_id, "--output", str(path), *REASON)
    assert done.returncode == ExitCode.USAGE
    assert done.stderr == f"aprofile: {path} exists, and is not overwritten\n"
    assert path.read_text() == "of somebody else"
    nowhere = tmp_path / "nowhere" / "export.json"
    done = aprofile(service, "profile", "export", profile_id, "--output", str(nowhere), *REASON)
    assert done.returncode == ExitCode.USAGE
    assert "can't be written" in done.stderr


def test_an_export_that_is_refused_leaves_no_file(service: Service, erased_id: str, tmp_path: Path):
    for nobody, said in ((erased_id, "erased"), (str(uuid4()), "profile")):
        path = tmp_path / f"{nobody}.json"
        done = aprofile(service, "profile", "export", nobody, "--output", str(path), *REASON)
        assert done.returncode not in (ExitCode.OK, ExitCode.USAGE)
        assert said in done.stderr
        assert not path.exists()


def test_a_preview_shows_names_and_counts_and_no_value(service: Service, profile_id: str, person: Person):
    done = aprofile(service, "profile", "preview-erasure", profile_id, *REASON)
    assert done.returncode == ExitCode.OK, done.stderr
    assert done.stdout.index("What goes") < done.stdout.index("What stays")
    assert "ProfileRegistered" in done.stdout
    assert "evidence" in done.stdout
    assert person.mark not in done.stdout
    wanted = ["--format", "json", "--language", "nl"]
    answer = json.loads(aprofile(service, "profile", "preview-erasure", profile_id, *REASON, *wanted).stdout)
    (goes,) = answer["goes"]
    assert (goes["fact_type"], int(goes["facts"])) == ("ProfileRegistered", 1)
    assert "email" in goes["fields"]
    assert {one["fact_type"] for one in answer["stays"]} == {
        "EventHeader",
        "ProfileRegistered",
        "ConsentGiven",
    }
    assert any(one["why"].startswith("Het bewijst") for one in answer["stays"])


def test_a_preview_of_the_erased_is_refused(service: Service, erased_id: str):
    done = aprofile(service, "profile", "preview-erasure", erased_id, *REASON)
    assert done.returncode not in (ExitCode.OK, ExitCode.USAGE)
    assert "erased" in done.stderr


def test_registers_are_written_without_a_service(tmp_path: Path):
    nowhere = Service(tmp_path, Databases.sqlite(tmp_path))
    output = tmp_path / "registers"
    said = ["--controller", "The City, Town Square 1", "--contact", "privacy@city.example"]
    done = aprofile(nowhere, "register", "export", "--output", str(output), *said)
    assert done.returncode == ExitCode.OK, done.stderr
    written = sorted(output.iterdir())
    assert done.stdout.split("\n")[:-1] == [str(path) for path in sorted(written, key=_as_written)]
    assert {path.suffix for path in written} == {".json", ".csv", ".html"}
    assert len(written) == 12
    assert all("privacy@city.example" in path.read_text() for path in written)
    register = json.loads((output / "register.en.json").read_text())
    assert {"profile", "legal-claims", "evidence"} <= {row["purpose_id"] for row in register["rows"]}


def _as_written(path: Path) -> tuple[int, ...]:
    name, language, form = path.name.split(".")
    order = (["nl", "en"], ["register", "notice"], ["json", "csv", "html"])
    return tuple(those.index(one) for those, one in zip(order, (language, name, form), strict=True))


def test_a_register_that_is_there_is_replaced_only_if_asked(tmp_path: Path):
    nowhere = Service(tmp_path, Databases.sqlite(tmp_path))
    export = ["register", "export", "--output", str(tmp_path)]
    assert aprofile(nowhere, *export).returncode == ExitCode.OK
    path = tmp_path / "register.nl.json"
    path.write_text("signed")
    done = aprofile(nowhere, *export)
    assert done.returncode == ExitCode.USAGE
    assert done.stderr.startswith("aprofile: ")
    assert "see --overwrite" in done.stderr
    assert path.read_text() == "signed"
    assert aprofile(nowhere, *export, "--overwrite").returncode == ExitCode.OK
    assert path.read_text() != "signed"
    (tmp_path / "file").write_text("")
    done = aprofile(nowhere, "register", "export", "--output", str(tmp_path / "file"))
    assert done.returncode == ExitCode.FAILED
    assert "can't be written" in done.stderr


def test_the_registers_name_the_sources_of_a_policy(tmp_path: Path) -> None:
    nowhere = Service(tmp_path, Databases.sqlite(tmp_path))
    policy = with_sources(tmp_path)["APROFILE_POLICY"]
    export = ["register", "export", "--output", str(tmp_path / "registers")]
    assert aprofile(nowhere, *export, "--policy", policy).returncode == ExitCode.OK
    for name in ("register.nl.html", "notice.en.csv"):
        assert SOURCE_NAME in (tmp_path / "registers" / name).read_text()
    done = aprofile(nowhere, *export, "--policy", str(tmp_path / "none.toml"), "--overwrite")
    assert done.returncode == ExitCode.USAGE
    assert "none.toml" in done.stderr

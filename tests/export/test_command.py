"""`aprofile export parquet` beside a running service: counted with two readers, and searched for canaries."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from profile_service.cli.errors import ExitCode
from profile_service.v1.profile_pb2 import Profile
from tests.api import calls
from tests.api.calls import SECONDS
from tests.cli.test_service import aprofile, facts
from tests.export.events import files, rows, table
from tests.support import people
from tests.support.canaries import scan
from tests.support.markdown import code_blocks
from tests.support.repository import ROOT
from tests.support.service import Databases, Service, running_service

pytestmark = pytest.mark.service


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service in which 30 citizens have lived."""
    directory = tmp_path_factory.mktemp("service")
    with running_service(directory, Databases.sqlite(directory)) as service:
        done = aprofile(service, "load", "--citizens", "30", "--seed", "4")
        assert done.returncode == ExitCode.OK, done.stdout + done.stderr
        yield service


@pytest.fixture(scope="module")
def canaries(service: Service) -> list[str]:
    """Marks of people in every kind of fact; the last one is erased."""
    living, erased = people.new_person(), people.new_person()
    with service.stubs() as stubs:
        campaign_id = calls.open_campaign(stubs)
        for person in (living, erased):
            profile_id = calls.register(stubs, person).profile_id
            completion = people.update(profile_id, person.completion, *people.COMPLETED)
            stubs.profiles.UpdateProfile(completion, timeout=SECONDS)
            change = people.update(profile_id, Profile(email=f"new.{person.email}"), "email")
            stubs.profiles.UpdateProfile(change, timeout=SECONDS)
            stubs.campaigns.SignUp(people.sign_up(profile_id, campaign_id, person.mark), timeout=SECONDS)
        stubs.rights.EraseProfile(people.erase(profile_id), timeout=SECONDS)
    return [value for person in (living, erased) for value in (person.mark, person.phone)]


@pytest.fixture(scope="module")
def exported(service: Service, canaries: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("exported") / "log"
    done = export(service, directory)
    assert done["facts"] == done["facts_in_all"] == done["position"] == len(facts(service))
    return directory


def export(service: Service, directory: Path, *arguments: str) -> dict[str, Any]:
    done = aprofile(service, "export", "parquet", "--out", str(directory), *arguments, "--format", "json")
    assert done.returncode == ExitCode.OK, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def asked(query: str) -> list[Any]:
    with duckdb.connect() as connection:
        return connection.execute(query).fetchall()


def test_both_readers_count_what_a_replay_counts(service: Service, exported: Path):
    """As many rows as positions, as many of each type and day, in the order of the log."""
    replayed = facts(service)
    expected = Counter((fact["type"], fact["time"][:10]) for fact in replayed)
    found = ds.dataset(exported, partitioning="hive", exclude_invalid_files=False).to_table()
    assert (
        Counter(zip(found["type"].to_pylist(), map(str, found["date"].to_pylist()), strict=True)) == expected
    )
    assert sorted(found["position"].to_pylist()) == list(range(1, len(replayed) + 1))
    counted = asked(f"SELECT type, date::text, count(*) FROM '{exported}/*/*.parquet' GROUP BY ALL")
    assert {(kind, date): count for kind, date, count in counted} == expected


def test_every_row_says_what_a_replay_says(service: Service, exported: Path):
    for row, fact in zip(rows(exported), facts(service), strict=True):
        for name in ("position", "type", "stream", "version", "schema"):
            assert row[name] == fact[name]
        assert f"{row['time']:%Y-%m-%dT%H:%M:%S.%fZ}" == fact["time"]
        assert row["profile_id"] == fact.get("profile_id")
        assert row["has_personal_half"] == (fact["personal_half"] == "withheld")


def test_sums_of_values_are_those_of_a_replay(service: Service, exported: Path):
    given = [fact["fact"]["purpose"] for fact in facts(service, "--type", "ConsentGiven")]
    found = asked(
        f"SELECT consent_given.purpose, count(*) FROM '{exported}/*/*.parquet'"
        " WHERE type = 'ConsentGiven' GROUP BY ALL"
    )
    assert dict(found) == Counter(given)
    assert len(given) > 10


def test_an_export_goes_on_where_the_last_one_ended(service: Service, exported: Path, tmp_path: Path):
    whole = rows(exported)
    middle = whole[len(whole) // 2]["time"]
    first = export(service, tmp_path, "--until", "7")
    assert (first["facts"], first["position"]) == (7, 7)
    second = export(service, tmp_path, "--until", middle.isoformat())
    before = sum(row["time"] < middle for row in whole)
    assert second["position"] == second["facts_in_all"] == before > 7
    assert export(service, tmp_path)["facts_in_all"] == len(whole)
    assert export(service, tmp_path)["facts"] == 0
    assert rows(tmp_path) == whole


def test_a_part_of_the_log_can_be_exported(service: Service, exported: Path, tmp_path: Path):
    export(service, tmp_path, "--after", "5", "--type", "ConsentGiven", "--type", "ProfileErased")
    assert rows(tmp_path) == [
        row
        for row in rows(exported)
        if row["position"] > 5 and row["type"] in ("ConsentGiven", "ProfileErased")
    ]


def test_what_does_not_fit_is_refused_in_one_line(service: Service, exported: Path, tmp_path: Path):
    for arguments, code, said in (
        (["--out", str(exported), "--type", "SignedUp"], ExitCode.FAILED, "has all types"),
        (["--out", str(exported), "--after", "1"], ExitCode.FAILED, "leave out --after"),
        (["--out", str(tmp_path), "--type", "Nothing"], ExitCode.REFUSED, "INVALID_REQUEST"),
        (["--out", str(tmp_path), "--after", "1000000"], ExitCode.REFUSED, "POSITION_OF_ANOTHER_LOG"),
    ):
        done = aprofile(service, "export", "parquet", *arguments)
        assert done.returncode == code
        assert done.stderr.count("\n") == 1
        assert said in done.stderr


def test_the_queries_of_the_document_run(service: Service, exported: Path, tmp_path: Path):
    (block,) = code_blocks(ROOT / "docs/analysing-the-log.md", "python")
    (tmp_path / "log").symlink_to(exported)
    done = subprocess.run(
        [sys.executable, "-"], input=block, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for word in ("ProfileRegistered", "newsletter", "ERASURE_REASON_"):
        assert word in done.stdout


def test_the_commands_of_the_document_run(service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (block,) = code_blocks(ROOT / "docs/analysing-the-log.md", "sh")
    monkeypatch.chdir(tmp_path)
    for line in block.splitlines():
        done = aprofile(service, *line.partition("#")[0].split()[1:])
        assert done.returncode == ExitCode.OK, done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"log", "consents"}


def opened(exported: Path, scratch: Path) -> Path:
    """The same tables without compression or dictionaries: every value lies there as it is."""
    for number, path in enumerate(files(exported)):
        plain = scratch / f"{number}.parquet"
        pq.write_table(table(path), plain, compression="none", use_dictionary=False, write_statistics=False)
    return scratch


def test_nothing_personal_leaves(exported: Path, canaries: list[str], tmp_path: Path):
    """Neither in the files as they are, with their statistics, nor in the pages that are compressed."""
    assert scan([exported], canaries) == []
    assert scan([opened(exported, tmp_path)], canaries) == []
    # What is open is found there, so the pages were opened.
    assert scan([tmp_path], ["ConsentGiven", "ERASURE_REASON_CONSENT_WITHDRAWN"])


def test_a_planted_leak_is_found_in_compressed_pages(exported: Path, canaries: list[str], tmp_path: Path):
    leaky = table(files(exported)[0]).slice(0, 50)
    place = leaky.schema.get_field_index("actor")
    leaky = leaky.set_column(place, "actor", pa.array([f"{n} {canaries[0]}" for n in range(50)]))
    planted = tmp_path / "leak/date=2026-01-01/facts-000000000001-000000000050.parquet"
    planted.parent.mkdir(parents=True)
    pq.write_table(leaky, planted, compression="zstd", write_statistics=False)
    (tmp_path / "plain").mkdir()
    assert {found.canary for found in scan([opened(tmp_path / "leak", tmp_path / "plain")], canaries)} == {
        canaries[0]
    }


def test_without_pyarrow_the_command_says_what_to_install(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    for module in ("columns", "run"):
        monkeypatch.delitem(sys.modules, f"profile_service.export.{module}")
    done = aprofile(service, "export", "parquet", "--out", str(tmp_path / "log"))
    assert done.returncode == ExitCode.FAILED
    assert done.stderr == "aprofile: Parquet needs pyarrow: install a-profile[parquet]\n"

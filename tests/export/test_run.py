"""The files of an export: by day, each fact once, whatever runs there were and however they ended."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profile_service.domain.registry import FACT_TYPES
from profile_service.export import dataset, run
from profile_service.export.columns import facts_schema, row_of
from profile_service.export.dataset import ExportedFile, open_dataset
from profile_service.export.errors import ExportError
from profile_service.v1.audit_service_pb2 import ReplayedEvent
from profile_service.v1.events_pb2 import CampaignClosed, ConsentGiven, SignUpWithdrawn
from tests.domain.strategies import messages
from tests.export.events import DAY, LOG, exported, files, pages, replayed, rows, table

BEGIN = 20_000 * DAY


def log(days: list[int]) -> list[ReplayedEvent]:
    """A log with so many facts on each day; a day without facts leaves no file."""
    times = [BEGIN + day * DAY + number for day, facts in enumerate(days) for number in range(facts)]
    kinds = [ConsentGiven(purpose="newsletter"), SignUpWithdrawn(campaign_id=bytes(16)), CampaignClosed()]
    return [replayed(at, time, kinds[at % len(kinds)]) for at, time in enumerate(times, 1)]


@settings(max_examples=20)
@given(
    facts=st.lists(
        st.tuples(st.sampled_from(list(FACT_TYPES.values())).flatmap(messages), st.integers(0, DAY)),
        max_size=12,
    ),
    ends=st.lists(st.integers(0, 12), max_size=3),
)
def test_any_log_in_any_runs_is_written_whole(tmp_path_factory, facts, ends):
    directory = tmp_path_factory.mktemp("export")
    time, events = BEGIN, []
    for position, (fact, later) in enumerate(facts, 1):
        time += later
        events.append(replayed(position, time, fact))
    for end in [*sorted(ends), len(events)]:
        exported(directory, events[:end])
    expected = pa.Table.from_pylist([row_of(event) for event in events], schema=facts_schema())
    assert rows(directory) == expected.to_pylist()
    for path in files(directory):
        (day,) = set(table(path)["time"].cast(pa.date32()).to_pylist())
        assert path.parent.name == f"date={day}"


def test_the_manifest_names_every_file_and_how_far_it_goes(tmp_path: Path):
    manifest = exported(tmp_path, log([3, 0, 4]))
    assert (manifest.log_id, manifest.position, manifest.facts) == (LOG, 7, 7)
    assert manifest.files == [
        ExportedFile("date=2024-10-04/facts-000000000001-000000000003.parquet", 1, 3, 3),
        ExportedFile("date=2024-10-06/facts-000000000004-000000000007.parquet", 4, 7, 4),
    ]
    assert [str(path.relative_to(tmp_path)) for path in files(tmp_path)] == [
        file.path for file in manifest.files
    ]
    about = pq.read_metadata(files(tmp_path)[1])
    assert about.metadata[b"log_id"] == LOG.encode()
    assert (about.metadata[b"first_position"], about.metadata[b"last_position"]) == (b"4", b"7")
    assert about.row_group(0).column(0).compression == "ZSTD"


def test_the_same_runs_write_the_same_bytes(tmp_path: Path):
    for name in ("a", "b"):
        for end in (2, 7):
            exported(tmp_path / name, log([3, 4])[:end])
    ours, theirs = files(tmp_path / "a"), files(tmp_path / "b")
    assert [path.name for path in ours] == [path.name for path in theirs]
    assert [path.read_bytes() for path in ours] == [path.read_bytes() for path in theirs]


def test_a_large_day_has_several_files_and_row_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name, rows_of_it in (("BATCH", 2), ("ROW_GROUP", 4), ("FILE", 8)):
        monkeypatch.setattr(run, name, rows_of_it)
    manifest = exported(tmp_path, log([21]))
    assert [file.facts for file in manifest.files] == [8, 8, 5]
    assert [pq.read_metadata(path).num_row_groups for path in files(tmp_path)] == [2, 2, 2]
    assert [row["position"] for row in rows(tmp_path)] == list(range(1, 22))


def test_a_run_that_broke_off_leaves_nothing_that_counts_twice(tmp_path: Path):
    """Killed between a file and its mention in the manifest: the next run writes that part anew."""
    events = log([5, 5])
    exported(tmp_path, events[:3])
    before = (tmp_path / "_manifest.json").read_bytes()
    exported(tmp_path, events[:8])
    (tmp_path / "_manifest.json").write_bytes(before)
    (tmp_path / "_partial").mkdir()
    (tmp_path / "_partial/facts.parquet").write_bytes(b"half a file")
    manifest = exported(tmp_path, events)
    assert [row["position"] for row in rows(tmp_path)] == list(range(1, 11))
    assert len(files(tmp_path)) == len(manifest.files) == 3
    assert not (tmp_path / "_partial").exists()


def test_a_file_that_is_not_ours_is_left_alone(tmp_path: Path):
    exported(tmp_path, log([2]))
    note = files(tmp_path)[0].with_name("facts-of-mine.parquet")
    shutil.copy(files(tmp_path)[0], note)
    exported(tmp_path, log([3]))
    assert note.exists()


def test_an_interrupt_keeps_what_was_finished_and_nothing_else(tmp_path: Path):
    events = log([4, 4])
    with open_dataset(tmp_path, (), None) as begun, pytest.raises(KeyboardInterrupt):
        export = run.Export(begun)
        for number, page in enumerate(pages(events, 8)):
            if number == 2:
                raise KeyboardInterrupt
            export.take(page)
    assert [file.last for file in begun.manifest.files] == [4]
    exported(tmp_path, events)
    assert [row["position"] for row in rows(tmp_path)] == list(range(1, 9))


def test_a_run_ends_before_what_is_not_wanted(tmp_path: Path):
    manifest = exported(tmp_path, log([4, 4]), is_behind=lambda event: event.position > 6)
    assert (manifest.position, manifest.facts) == (6, 6)
    assert exported(tmp_path, log([4, 4]), is_behind=lambda event: event.position > 2).position == 6
    assert exported(tmp_path, log([4, 4])).facts == 8


def test_what_was_filtered_out_is_not_looked_at_again(tmp_path: Path):
    some = [event for event in log([9]) if event.header.type.endswith("ConsentGiven")][:2]
    with open_dataset(tmp_path, ["ConsentGiven"], None) as begun:
        export = run.Export(begun)
        for page in pages(some, 9):
            export.take(page)
        export.finish()
    assert (begun.manifest.position, begun.manifest.facts) == (9, 2)


def test_what_was_begun_otherwise_is_not_gone_on_with(tmp_path: Path):
    exported(tmp_path, log([2]), types=["ConsentGiven", "SignedUp"])
    with open_dataset(tmp_path, ["SignedUp", "ConsentGiven"], 2):
        pass
    for types, after, message in (
        ((), None, "has ConsentGiven, SignedUp: go on with the same"),
        (["ConsentGiven"], None, "has ConsentGiven, SignedUp"),
        (["ConsentGiven", "SignedUp"], 1, "goes on after position 2"),
    ):
        with pytest.raises(ExportError, match=message), open_dataset(tmp_path, types, after):
            pass


def test_facts_of_another_log_are_refused(tmp_path: Path):
    exported(tmp_path, log([2]))
    (page,) = pages(log([3])[2:], 3)
    page.log_id = LOG.replace("0b7c", "1111")
    with open_dataset(tmp_path, (), None) as begun, pytest.raises(ExportError, match="facts of another log"):
        run.Export(begun).take(page)


def test_two_runs_at_once_are_refused(tmp_path: Path):
    with (
        open_dataset(tmp_path, (), None),
        pytest.raises(ExportError, match="another export"),
        open_dataset(tmp_path, (), None),
    ):
        pass


@pytest.mark.parametrize("content", ["", "{", "{}", '{"format": 1}', "[]", '{"format": 2, "files": []}'])
def test_a_manifest_that_is_not_ours_is_refused(tmp_path: Path, content: str):
    (tmp_path / dataset.MANIFEST).write_text(content)
    with pytest.raises(ExportError, match="export into a new directory"), open_dataset(tmp_path, (), None):
        pass


def test_files_without_a_manifest_are_refused(tmp_path: Path):
    exported(tmp_path, log([2]))
    (tmp_path / dataset.MANIFEST).unlink()
    with pytest.raises(ExportError, match="files and no manifest"), open_dataset(tmp_path, (), None):
        pass

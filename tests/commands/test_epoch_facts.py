"""The log says of each epoch once that it was closed, however often the close died on the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from profile_service.commands.closing import EpochCloser
from profile_service.commands.epoch_facts import STREAM, EpochFacts
from profile_service.commands.unfinished import UnfinishedErasures
from profile_service.keys.closing import EpochClosing
from profile_service.keys.epochs import EpochState
from tests.commands.service import Places, open_commands


class PowerCutError(Exception):
    """The process is no more."""


def cut(*_: object) -> None:
    raise PowerCutError


def test_a_close_that_died_behind_its_fact_says_it_once(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with open_commands(places) as commands:
        facts = EpochFacts(commands.keys, commands.reader, commands.log)
        unfinished = UnfinishedErasures(commands.keys, commands.reader, commands.eraser)
        closer = EpochCloser(commands.keys.closing(tmp_path / "key-backups"), facts, unfinished)
        for died in (EpochFacts, EpochClosing):  # before the fact, and between the fact and the key database
            with monkeypatch.context() as patch, pytest.raises(PowerCutError):
                patch.setattr(died, "record" if died is EpochFacts else "finish", cut)
                list(closer.run())
            assert len(commands.reader.stream(STREAM)) == (died is EpochClosing)
        *_, last = closer.run()
        (stored,) = commands.reader.stream(STREAM)
        assert (last.state, last.position) == (EpochState.CLOSED, stored.position)

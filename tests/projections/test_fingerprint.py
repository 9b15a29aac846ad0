"""A projector is another one as soon as anything that decides what is in its rows is another."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from google.protobuf.message import Message

from profile_service.v1.events_pb2 import ProfileErased, ProfileUpdated
from projections import fingerprint
from projections.fingerprint import fingerprint_of
from projections.view import View
from projections.views import VIEWS
from projections.views.audience import AUDIENCE_VIEW
from projections.views.consents_per_day import CONSENTS_PER_DAY_VIEW

SELECTION = "profile_service/domain/selection.py"
CALENDAR = "projections/calendar.py"
OPENING = "projections/opening.py"
FOLDING = "projections/folding.py"
READING = "projections/reading.py"


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project's modules as another version could have them."""
    for part in ("projections", "profile_service/domain"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(fingerprint.ROOT / part, tmp_path / part, ignore=ignored)
    monkeypatch.setattr(fingerprint, "ROOT", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("view", "module", "same"),
    [
        (AUDIENCE_VIEW, SELECTION, False),
        (AUDIENCE_VIEW, OPENING, False),
        (AUDIENCE_VIEW, FOLDING, False),
        (AUDIENCE_VIEW, CALENDAR, True),
        (AUDIENCE_VIEW, READING, True),
        (CONSENTS_PER_DAY_VIEW, CALENDAR, False),
        (CONSENTS_PER_DAY_VIEW, SELECTION, True),
    ],
)
def test_a_module_that_a_view_calls_makes_it_another(
    copied: Path, view: View, module: str, *, same: bool
) -> None:
    before = replace(view).fingerprint
    with (copied / module).open("a") as file:
        file.write("\n# another version\n")
    assert (replace(view).fingerprint == before) is same


def test_a_message_makes_it_another() -> None:
    of = partial(fingerprint_of, AUDIENCE_VIEW.layout, AUDIENCE_VIEW.source)
    assert of([ProfileUpdated]) != of([ProfileErased])
    # In whatever order, and with all that it holds.
    pair: list[type[Message]] = [ProfileUpdated, ProfileErased]
    assert of(pair) == of(pair[::-1])


def test_every_view_has_one_of_its_own() -> None:
    assert len({view.fingerprint for view in VIEWS}) == len(VIEWS)

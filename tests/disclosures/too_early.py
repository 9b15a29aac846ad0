"""`python -m tests.disclosures.too_early notify`: a notifier that notes its progress too early."""

from __future__ import annotations

import time

from profile_service.cli.app import run_app
from profile_service.notices.notifier import Notifier


def advance_first(notifier: Notifier) -> None:
    notifier._notices.advance(notifier._sources.log.head())
    time.sleep(60)


if __name__ == "__main__":
    Notifier._open = advance_first  # type: ignore[assignment,method-assign]  # planted
    run_app()

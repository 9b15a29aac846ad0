"""A provider that fails, is slow, or does what it says it did not: no epoch is called closed before proof."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from profile_service.keys import closing as closing_module
from profile_service.keys.closing import EpochClosing
from profile_service.keys.epochs import EpochState
from profile_service.keys.errors import CloseError, KeyDatabaseError, RootError, UnknownRootsError
from profile_service.keys.lease import LEASE_SECONDS
from profile_service.keys.roots import FileRootProvider
from profile_service.keys.store import KeyStore
from tests.epochs.city import City, close
from tests.support.faulty_roots import Fault, FaultyRootProvider

METHODS = ("create", "wrap", "unwrap", "exists", "destroy")
TRIES = 30


@pytest.fixture
def provider(roots: Path, engine: Engine) -> FaultyRootProvider:
    """Of the directory in which the first root key was made, with the engine's database."""
    return FaultyRootProvider(FileRootProvider(roots), delay=lambda: time.sleep(0.05))


@pytest.fixture
def city(
    provider: FaultyRootProvider,
    new_store: Callable[..., KeyStore],
    engine: Engine,
    roots: Path,
    tmp_path: Path,
) -> City:
    city = City(new_store(provider), engine, roots, tmp_path / "backups")
    city.settle(40)
    city.erase(5)
    return city


def expect_proved(closing: EpochClosing, provider: FaultyRootProvider, epoch: int) -> None:
    """What is called closed has no root key, by a look at the files; one root key is there."""
    closed = closing.epoch(epoch)
    if closed.state in (EpochState.DESTROYED, EpochState.CLOSED):
        assert not provider.inner.exists(closed.root_id)


def close_in_spite_of(closing: EpochClosing, provider: FaultyRootProvider) -> None:
    for _ in range(TRIES):
        try:
            epoch = close(closing)
        except UnknownRootsError as error:  # a provider that said twice what was not so; an operator looks
            with suppress(RootError, CloseError):  # and is told if it fails once more
                closing.destroy_unknown(error.root_ids)
            continue
        except (RootError, CloseError, KeyDatabaseError):
            expect_proved(closing, provider, closing.first_unclosed().epoch)
            continue
        expect_proved(closing, provider, epoch)
        return
    pytest.fail("it never closed")


@pytest.mark.parametrize("fault", list(Fault))
@pytest.mark.parametrize("method", METHODS)
def test_a_fault_of_each_kind_delays_the_close_at_most(
    city: City, provider: FaultyRootProvider, method: str, fault: Fault, roots: Path
):
    provider.plan(method, fault)
    close_in_spite_of(city.closing(), provider)
    city.expect_all_readable()
    fresh = city.fresh()
    fresh.start()
    try:
        city.expect_all_readable(fresh)
    finally:
        fresh.stop()
    left = [path.stem for path in roots.glob("*.key")]
    assert len([name for name in left if name.startswith("epoch-2-")]) == 1


def test_a_provider_slower_than_a_lease_keeps_nobody_waiting(city: City, provider: FaultyRootProvider):
    """The close waits for it; leases are renewed and people register meanwhile."""
    slow = threading.Event()

    def take_long() -> None:
        slow.set()
        time.sleep(LEASE_SECONDS + 1)
        slow.clear()

    provider.delay = take_long
    provider.plan("wrap", Fault.SLOW)
    provider.plan("destroy", Fault.SLOW)
    with ThreadPoolExecutor(1) as pool:
        closed = pool.submit(close, city.closing())
        waits = 0
        while not closed.done():
            if slow.wait(0.05):
                city.settle(1)
                waits += slow.is_set()
                time.sleep(0.2)
        expect_proved(city.closing(), provider, closed.result())
    assert waits > 2, "some registered and had their answer while it was slow"
    city.expect_all_readable()


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(METHODS), st.lists(st.sampled_from([None, *Fault]), max_size=4)), max_size=4
    )
)
# A root key that was made all the same, is said to be gone and is not, and that an operator can't destroy.
@example(
    [
        ("create", [Fault.DONE_BUT_ERROR]),
        ("destroy", [Fault.SAID_DONE, Fault.ERROR]),
        ("exists", [Fault.SAID_DONE]),
    ]
)
def test_any_faults_in_any_order(
    city: City, provider: FaultyRootProvider, faults: list[tuple[str, list[Fault | None]]]
):
    provider.forget()  # what the example before did not come to
    for method, planned in faults:
        provider.plan(method, *planned)
    close_in_spite_of(city.closing(), provider)
    city.expect_all_readable()


def test_a_destruction_that_was_said_and_not_done_is_not_a_close(city: City, provider: FaultyRootProvider):
    closing = city.closing()
    close(closing, EpochState.BACKED_UP)
    provider.plan("destroy", Fault.SAID_DONE)
    with pytest.raises(CloseError):
        closing.destroy(closing.first_unclosed())
    assert closing.first_unclosed().state is EpochState.BACKED_UP
    close(closing)


def test_a_destruction_that_was_done_and_answered_an_error_is_one(city: City, provider: FaultyRootProvider):
    closing = city.closing()
    close(closing, EpochState.BACKED_UP)
    provider.plan("destroy", Fault.DONE_BUT_ERROR)
    closing.destroy(closing.first_unclosed())
    assert closing.first_unclosed().state is EpochState.DESTROYED


def test_a_planted_close_without_proof_is_found(
    city: City, provider: FaultyRootProvider, monkeypatch: pytest.MonkeyPatch
):
    def believing(self: EpochClosing, root_id: str, place: str | None) -> None:
        self._root.destroy(root_id)

    monkeypatch.setattr(closing_module.EpochClosing, "_destroy", believing)
    monkeypatch.setattr(closing_module.EpochClosing, "_prove", lambda self, epoch: None)
    closing = city.closing()
    close(closing, EpochState.BACKED_UP)
    provider.plan("destroy", Fault.SAID_DONE)
    closing.destroy(closing.first_unclosed())
    with pytest.raises(AssertionError):
        expect_proved(closing, provider, 1)

"""Old logs with new keys, old keys with new logs, everything old: nobody erased is ever readable."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from drills.claims import Claim
from drills.town import READABLE, Town


def _gone(seen: Counter[str]) -> bool:
    """Whether every answer said that the person is erased."""
    return set(seen) <= {"PROFILE_ERASED"}


def old_log_and_new_keys(town: Town, size: int) -> Iterator[Claim]:
    """The log forgets erasures that the keys remember."""
    town.settle(size)
    old = town.back_up("old-log")
    before = town.head()
    some = _some(town)
    town.erase(some)
    later = town.settle(size // 4)
    new = town.back_up("new-keys")
    refused = town.restore(old, "--keys", str(new))
    for number in later:
        del town.living[number]
    yield Claim("a log older than its keys is restored", refused or f"{size} people", not refused)
    yield from _after(town, some, "old log, new keys", unused=len(later))
    yield _older_positions(town, before)


def old_keys_of_the_same_epoch(town: Town, size: int) -> Iterator[Claim]:
    """The keys forget erasures that the log remembers."""
    town.settle(size)
    old = town.back_up("old-keys")
    some = _some(town)
    town.erase(some)
    new = town.back_up("new-log")
    refused = town.restore(new, "--keys", str(old))
    yield Claim(
        "keys older than the last erasures only are restored", refused or "no key is missing", not refused
    )
    yield from _after(town, some, "new log, old keys")


def keys_older_than_the_log(town: Town, size: int) -> Iterator[Claim]:
    """Whoever registered since the keys were copied would be lost."""
    town.settle(size)
    old = town.back_up("older-keys")
    lost = town.settle(size // 10 + 1)
    new = town.back_up("newer-log")
    refused = town.restore(new, "--keys", str(old))
    named = sum(town.living[number] in refused for number in lost)
    yield Claim(
        "keys older than the log are refused, with the list of who is missing",
        f"{named} of {len(lost)} people without a key were named",
        bool(refused) and named == len(lost),
    )
    seen = town.start_reading(town.living.values())
    yield Claim(
        "a restore that is refused has changed nothing",
        f"{len(town.living)} people, {seen.total()} reads of them, {seen[READABLE]} opened",
        seen[READABLE] >= len(town.living) and set(seen) == {READABLE},
    )


def everything_old(town: Town, size: int) -> Iterator[Claim]:
    """Log and keys both forget; the list of erasures, which is in no backup, remembers."""
    town.settle(size)
    old = town.back_up("everything")
    some = _some(town)
    town.erase(some)
    refused = town.restore(old)
    yield Claim("log, keys and views of one backup are restored", refused or f"{size} people", not refused)
    yield from _after(town, some, "everything old, same epoch")


def everything_of_a_closed_epoch(town: Town, size: int) -> Iterator[Claim]:
    """A copy of the keys from before the last close is useless, as it is meant to be."""
    town.settle(size)
    old = town.back_up("before-close")
    some = _some(town)
    town.erase(some)
    town.close_epoch()
    new = town.back_up("after-close")
    refused = town.restore(old)
    yield Claim(
        "keys of a closed epoch are refused before anything is written",
        "restore said that the root key was destroyed" if "destroyed" in refused else refused or "restored",
        "destroyed" in refused,
    )
    refused = town.restore(old, "--keys", str(new))
    yield Claim(
        "the old log is restored with keys of the new epoch", refused or f"{size} people", not refused
    )
    yield from _after(town, some, "old log, keys after the close")
    closed = town.closed_epochs()
    yield Claim("the old log says again which epochs were closed", f"{len(closed)} of 1 epoch", closed == [1])


def views_of_another_log(town: Town, size: int) -> Iterator[Claim]:
    """Views that are ahead of a restored log are made anew before anybody reads them."""
    town.settle(size)
    old = town.back_up("without-views", "--no-views")
    late = town.settle(size // 4)
    town.read([town.living[number] for number in late])
    refused = town.restore(old, "--keys", str(town.back_up("keys-for-it", "--no-views")))
    gone = [town.living.pop(number) for number in late]
    seen = town.start_reading(town.living.values())
    unknown = town.read(gone)
    yield Claim(
        "views ahead of a restored log are rebuilt before the service serves",
        refused
        or f"{seen[READABLE]} of {seen.total()} reads of {len(town.living)} people in it opened,"
        f" {unknown[READABLE]} of {len(gone)} people after its end",
        not refused and set(seen) == {READABLE} and set(unknown) == {"PROFILE_NOT_FOUND"},
    )


def beside_a_busy_service(town: Town, size: int) -> Iterator[Claim]:
    """A backup that was made while people registered and were erased has everybody's key."""
    town.settle(size)
    with ThreadPoolExecutor(2) as pool:
        registering = pool.submit(town.settle, size)
        made = town.back_up("busy")
        registering.result()
    everybody = set(town.living.values())
    refused = town.restore(made)
    seen = town.start_reading(sorted(everybody))
    yield Claim(
        "a backup made beside a busy service is one whole",
        refused or f"{seen[READABLE]} reads opened, {seen['PROFILE_NOT_FOUND']} of people who came after it",
        not refused and seen[READABLE] >= size and set(seen) <= {READABLE, "PROFILE_NOT_FOUND"},
    )


def _some(town: Town) -> list[int]:
    """One in twenty, to be erased."""
    return list(town.living)[: max(3, len(town.living) // 20)]


def _after(town: Town, erased: list[int], how: str, unused: int = 0) -> Iterator[Claim]:
    """Start, and look at everybody: those who were erased from the first call on.

    `unused`: keys of people whom the restored log does not know.
    """
    seen = town.start_reading([town.erased[number] for number in erased])
    keys = town.count_keys() - unused
    yield Claim(
        f"nobody erased has a key again ({how})",
        f"{keys} keys of {len(town.living)} people",
        keys == len(town.living),
    )
    yield Claim(
        f"nobody erased is readable, not for one call ({how})",
        f"{seen.total()} reads of {len(erased)} people from before it served: {seen[READABLE]} opened",
        not seen[READABLE] and _gone(seen),
    )
    found = town.find(erased)
    yield Claim(
        f"nobody erased is found by an address ({how})",
        f"{found[READABLE]} of {len(erased)} addresses found somebody",
        not found[READABLE],
    )
    survivors = town.read(town.living.values())
    yield Claim(
        f"everybody else is readable ({how})",
        f"{survivors[READABLE]} of {len(town.living)} people",
        survivors[READABLE] == len(town.living),
    )


def _older_positions(town: Town, before: object) -> Claim:
    somebody = next(iter(town.living.values()))
    reason = town.read_at(somebody, before)  # type: ignore[arg-type]  # a Position
    return Claim(
        "positions of the log before the restore are refused",
        f"a read with one answers {reason}",
        reason == "POSITION_OF_ANOTHER_LOG" and town.read_at(somebody, town.head()) == READABLE,
    )


def forget_erasures(town: Town) -> None:
    """What no drill does unless it is to fail: lose the list of erasures."""
    shutil.rmtree(town.service.directory / "erasures")


Drill = Callable[[Town, int], Iterator[Claim]]

DRILLS: tuple[Drill, ...] = (
    old_log_and_new_keys,
    old_keys_of_the_same_epoch,
    keys_older_than_the_log,
    everything_old,
    everything_of_a_closed_epoch,
    views_of_another_log,
    beside_a_busy_service,
)

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
    town.move(_sixth(town, 1))
    old = town.back_up("old-log")
    before = town.head()
    some, moving = _some(town), _sixth(town, 2)
    town.move(moving)
    town.erase(some)
    later = town.settle(size // 4)
    new = town.back_up("new-keys")
    refused = town.restore(old, "--keys", str(new))
    for number in later:
        del town.living[number]
    town.forget_moves(moving)
    yield Claim("a log older than its keys is restored", refused or f"{size} people", not refused)
    yield from _after(town, some, "old log, new keys", unused=len(later))
    yield _older_positions(town, before)


def old_log_once_more(town: Town, size: int) -> Iterator[Claim]:
    """The keys are of the log that the first restore made, so nothing but a comparison says that they fit."""
    town.settle(size)
    old = town.back_up("old-log")
    refused = town.restore(old)
    town.service.start()
    some, moving = _some(town), _sixth(town, 2)
    town.move(moving)
    town.erase(some)
    new = town.back_up("keys-of-the-second-log")
    refused = refused or town.restore(old, "--keys", str(new))
    town.forget_moves(moving)
    yield Claim("an old log is restored a second time", refused or f"{size} people", not refused)
    yield from _after(town, some, "old log, once more")


def old_keys_of_the_same_epoch(town: Town, size: int) -> Iterator[Claim]:
    """The keys forget erasures that the log remembers."""
    town.settle(size)
    town.move(_sixth(town, 1))
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
    """Whoever registered since the keys were copied would be lost, and whoever moved could not be found."""
    town.settle(size)
    town.move(_sixth(town, 1))
    old = town.back_up("older-keys")
    moving = _sixth(town, 2)
    town.move(moving)
    lost = [*town.settle(size // 10 + 1), *moving]
    new = town.back_up("newer-log")
    refused = town.restore(new, "--keys", str(old))
    named = sum(town.living[number] in refused for number in lost)
    yield Claim(
        "keys older than the log are refused, with the list of who is missing",
        f"{named} of {len(lost)} people without a key or their address were named",
        bool(refused) and named == len(lost),
    )
    seen = town.start_reading(town.living.values())
    yield Claim(
        "a restore that is refused has changed nothing",
        f"{len(town.living)} people, {seen.total()} reads of them, {seen[READABLE]} opened",
        seen[READABLE] >= len(town.living) and set(seen) == {READABLE},
    )
    yield _owners(town, "a refused restore")


def everything_old(town: Town, size: int) -> Iterator[Claim]:
    """Log and keys both forget; the list of erasures, which is in no backup, remembers."""
    town.settle(size)
    town.move(_sixth(town, 1))
    old = town.back_up("everything")
    some, moving = _some(town), _sixth(town, 2)
    town.move(moving)
    town.erase(some)
    refused = town.restore(old)
    town.forget_moves(moving)
    yield Claim("log, keys and views of one backup are restored", refused or f"{size} people", not refused)
    yield from _after(town, some, "everything old, same epoch")


def everything_of_a_closed_epoch(town: Town, size: int) -> Iterator[Claim]:
    """A copy of the keys from before the last close is useless, as it is meant to be."""
    town.settle(size)
    town.move(_sixth(town, 1))
    old = town.back_up("before-close")
    some, moving = _some(town), _sixth(town, 2)
    town.move(moving)
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
    town.forget_moves(moving)
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
    """A backup that was made while people registered and changed address has everybody's key and address."""
    moving = town.settle(size)[:MOST]
    before = [town.address(number) for number in moving]
    with ThreadPoolExecutor(2) as pool:
        registering = pool.submit(town.settle, size)
        changing = pool.submit(town.move, moving)
        made = town.back_up("busy")
        registering.result()
        changing.result()
    everybody = set(town.living.values())
    refused = town.restore(made)
    seen = town.start_reading(sorted(everybody))
    yield Claim(
        "a backup made beside a busy service is one whole",
        refused or f"{seen[READABLE]} reads opened, {seen['PROFILE_NOT_FOUND']} of people who came after it",
        not refused and seen[READABLE] >= size and set(seen) <= {READABLE, "PROFILE_NOT_FOUND"},
    )
    # Whether a change is in the copy is not known here: one of both addresses is theirs.
    found = zip(town.find(before), town.find([town.address(number) for number in moving]), strict=True)
    right = [
        sorted(both) == sorted([town.living[number], "PROFILE_NOT_FOUND"])
        for number, both in zip(moving, found, strict=True)
    ]
    yield Claim(
        "whoever changed address meanwhile is found by one of both",
        f"{sum(right)} of {len(moving)} people",
        all(right),
    )


# Changes of address in one drill, at most.
MOST = 500


def _sixth(town: Town, first: int) -> list[int]:
    """One in six of the living, to change address: of `_some` as well."""
    return list(town.living)[first::6][:MOST]


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
    found = set(town.find([town.address(number) for number in erased]))
    yield Claim(
        f"nobody erased is found by an address ({how})",
        f"addresses of {len(erased)} people: {', '.join(sorted(found))}",
        found == {"PROFILE_NOT_FOUND"},
    )
    yield _owners(town, how)
    survivors = town.read(town.living.values())
    yield Claim(
        f"everybody else is readable ({how})",
        f"{survivors[READABLE]} of {len(town.living)} people",
        survivors[READABLE] == len(town.living),
    )


def _owners(town: Town, how: str) -> Claim:
    """Whoever changed address, and some others, have the one that the log says, and no other."""
    numbers = [number for number in town.living if number in town.moved or number % 6 == 2][: 2 * MOST]
    owners = town.find([town.address(number) for number in numbers])
    right = sum(town.living[number] == owner for number, owner in zip(numbers, owners, strict=True))
    nobodys = town.find(sorted(town.left))
    found = sum(owner != "PROFILE_NOT_FOUND" for owner in nobodys)
    return Claim(
        f"who changed address has the one that the log says, and no other ({how})",
        f"{right} of {len(numbers)} people were found, and somebody by {found} of {len(nobodys)} they left",
        right == len(numbers) > 0 and not found,
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
    old_log_once_more,
    old_keys_of_the_same_epoch,
    keys_older_than_the_log,
    everything_old,
    everything_of_a_closed_epoch,
    views_of_another_log,
    beside_a_busy_service,
)

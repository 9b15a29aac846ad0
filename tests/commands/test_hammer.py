"""Many registrations of few addresses from two processes: each address has exactly one owner."""

from __future__ import annotations

from collections import Counter, defaultdict

from tests.commands.checks import expect_all_well, living
from tests.commands.dying import hammer
from tests.commands.service import Places, open_commands
from tests.support.processes import FORKS, START_SECONDS, expect_end, start

ADDRESSES = 10
EACH = 100


def test_200_registrations_of_10_addresses_from_2_processes(postgres_places: Places):
    go, results = FORKS.Event(), FORKS.Queue()
    processes = [start(hammer, postgres_places, ADDRESSES, EACH, go, results) for _ in range(2)]
    go.set()
    outcomes = [outcome for _ in processes for outcome in results.get(timeout=START_SECONDS)]
    for process in processes:
        expect_end(process)
    owners = defaultdict(list)
    refusals: Counter[str] = Counter()
    for number, outcome in outcomes:
        if outcome.endswith("Error"):
            refusals[outcome] += 1
        else:
            owners[number].append(outcome)
    assert {number: len(found) for number, found in owners.items()} == dict.fromkeys(range(ADDRESSES), 1)
    assert refusals == {"EmailTakenError": 2 * EACH - ADDRESSES}
    with open_commands(postgres_places) as commands:
        assert {str(profile_id) for profile_id in living(commands)} == {ids[0] for ids in owners.values()}
        expect_all_well(commands)

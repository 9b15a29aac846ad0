"""What must be true of log and keys together, whatever happened; each fails with an AssertionError."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from profile_service.domain import profile
from profile_service.domain.email import canonical_address
from profile_service.keys.schema import profile_keys, tags
from profile_service.keys.tree import SERVICE_ID
from profile_service.log.facts import open_fact
from profile_service.log.streams import PROFILE, stream_name
from tests.commands.service import Commands
from tests.log.logs import expect_gapless, stored_closed, stored_facts


def living(commands: Commands) -> dict[UUID, str]:
    """Everybody who has a profile by the log, with their canonical address."""
    closed = stored_closed(commands.events)
    subjects = {fact.profile_id for fact in stored_facts(commands.events) if fact.profile_id}
    found = {}
    for profile_id in subjects - set(closed):
        facts = commands.reader.stream(stream_name(PROFILE, profile_id))
        cipher = commands.keys.ciphers([profile_id]).get(profile_id)
        assert cipher is not None, "a living profile has its key"
        state = profile.fold(open_fact(fact, cipher).message for fact in facts)
        assert isinstance(state, profile.Active)
        found[profile_id] = canonical_address(state.profile.email)
    return found


def expect_one_owner(commands: Commands) -> None:
    """No address has two living owners."""
    owners = defaultdict(list)
    for profile_id, address in living(commands).items():
        owners[address].append(profile_id)
    assert all(len(found) == 1 for found in owners.values())


def expect_silence_after_erasure(commands: Commands) -> None:
    """No fact follows `ProfileErased`, in whatever stream of that person; and no key is left."""
    closed = stored_closed(commands.events)
    last = {fact.profile_id: fact for fact in stored_facts(commands.events) if fact.profile_id in closed}
    assert {profile_id: fact.position for profile_id, fact in last.items()} == closed
    assert all(fact.type == "profile_service.v1.ProfileErased" for fact in last.values())
    assert not commands.keys.ciphers(list(closed))


def expect_no_leftovers(commands: Commands, besides: Iterable[str] = ()) -> None:
    """Every living profile has its key and the tag of its address; there is no other key and no other tag.

    `besides` are canonical addresses whose leftover is known.
    """
    people = living(commands)
    expected = {
        (bytes(commands.keys.address_tag(address).tag), profile_id) for profile_id, address in people.items()
    }
    known = {bytes(commands.keys.address_tag(address).tag) for address in besides}
    with commands.keys_engine.connect() as connection:
        stored_tags = {
            (bytes(row.tag), row.profile_id)
            for row in connection.execute(select(tags.c.tag, tags.c.profile_id))
            if bytes(row.tag) not in known
        }
        stored_keys = set(connection.execute(select(profile_keys.c.profile_id)).scalars())
    assert stored_tags == expected
    assert stored_keys == {SERVICE_ID, *people}


def expect_all_well(commands: Commands, besides: Iterable[str] = ()) -> None:
    expect_gapless(commands.events)
    expect_one_owner(commands)
    expect_silence_after_erasure(commands)
    expect_no_leftovers(commands, besides)

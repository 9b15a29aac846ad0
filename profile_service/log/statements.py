"""Statements over the log that are run again and again, made once."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import BindParameter, CompoundSelect, bindparam, func, select, union_all

from profile_service.log.schema import closed_profiles, facts

COLUMNS = (
    facts.c.position,
    facts.c.time,
    facts.c.stream,
    facts.c.version,
    facts.c.profile_id,
    facts.c.type,
    facts.c.record,
)

OWN_STREAM = select(
    select(func.max(facts.c.version))
    .where(facts.c.stream == bindparam("stream"))
    .scalar_subquery()
    .label("version"),
    select(closed_profiles.c.position)
    .where(closed_profiles.c.profile_id == bindparam("profile_id"))
    .scalar_subquery()
    .label("closed_at"),
)


@cache
def last_facts_of(streams: int, types: int) -> CompoundSelect[Any]:
    """From the end of each stream backwards, so that what came long before costs nothing."""
    names: list[BindParameter[str]] = [bindparam(f"type{number}") for number in range(types)]
    last = (
        select(*COLUMNS)
        .where(facts.c.stream == bindparam(f"stream{number}"), facts.c.type.in_(names))
        .order_by(facts.c.version.desc())
        .limit(1)
        .subquery()
        for number in range(streams)
    )
    return union_all(*(select(one) for one in last))

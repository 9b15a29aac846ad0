"""A view that no version knows any more leaves nothing behind: no erasure would reach its tables."""

from __future__ import annotations

from concurrent.futures import Executor

from sqlalchemy import inspect, select, update

from projections import catalogue
from projections.catalogue import ABANDONED, LIVE, PREVIOUS
from projections.schema import generations, rebuilds
from projections.sources import now
from projections.views import VIEWS
from projections.views.sign_ups import SIGN_UPS_VIEW
from tests.projections.test_rebuilding import generations as generations_of
from tests.projections.test_rebuilding import rebuilt
from tests.projections.world import Step, World

LEFT = [view for view in VIEWS if view is not SIGN_UPS_VIEW]


def start_without(world: World) -> None:
    """As the first start of the version that has the view no more."""
    assert catalogue.prepare(world.sources.views, LEFT, world.log.log_id, world.log.head()) == []


def tables_of_the_view(world: World) -> list[str]:
    begin = tuple(f"{table.name}_g" for table in SIGN_UPS_VIEW.tables)
    return [name for name in inspect(world.sources.views).get_table_names() if name.startswith(begin)]


def test_a_view_that_is_no_more_is_removed_with_every_generation(world: World, executor: Executor) -> None:
    world.happen([Step("open"), Step("register"), Step("sign_up")])
    world.follow()
    rebuilt(world, SIGN_UPS_VIEW, executor)
    # Another version may still serve it: it was followed until a moment ago.
    start_without(world)
    assert generations_of(world, SIGN_UPS_VIEW) == {1: PREVIOUS, 2: LIVE}
    with world.sources.views.begin() as connection:
        of_the_view = generations.c.view == SIGN_UPS_VIEW.name
        connection.execute(update(generations).where(of_the_view).values(update_time=now() - 2 * ABANDONED))
    # While the version that knows it starts, it stays, however long it was not followed.
    assert catalogue.prepare(world.sources.views, VIEWS, world.log.log_id, world.log.head()) == []
    assert tables_of_the_view(world)
    start_without(world)
    assert generations_of(world, SIGN_UPS_VIEW) == {}
    assert tables_of_the_view(world) == []
    with world.sources.views.connect() as connection:
        assert SIGN_UPS_VIEW.name not in connection.execute(select(rebuilds.c.view)).scalars().all()
    # Where it comes back it is a view like any that is new.
    assert catalogue.prepare(world.sources.views, VIEWS, world.log.log_id, world.log.head()) == ["sign_ups"]
    rebuilt(world, SIGN_UPS_VIEW, executor)
    assert generations_of(world, SIGN_UPS_VIEW) == {3: LIVE}

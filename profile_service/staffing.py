"""Who can be had for a rebuild, by the settings of this process: a pool of processes, or a Dask cluster.

A log that is folded sooner than processes start is this process's own work.
"""

from __future__ import annotations

from functools import partial

from profile_service.dask_cluster import dask_cluster, has_workers
from profile_service.domain.operator_errors import ExecutorNotAllowedError
from profile_service.settings import PROCESSES, Settings
from profile_service.workers import own_sources, own_view, places_of, process_pool, work
from projections.crew import Staffing, Workforce, in_this_process
from projections.sources import Sources

# Facts that are folded in a tenth of the time in which a worker starts.
FEW = 5_000


def staffing(settings: Settings, sources: Sources) -> Staffing:
    """The workforces that these settings allow; what a caller may name is one of them.

    Whoever names neither executor nor number has no processes started for a log of few facts.
    """
    here = in_this_process(sources, own_view)

    def staff(executor: str, workers: int) -> Workforce:
        named = executor or workers or settings.rebuild_executor != PROCESSES
        if not named and sources.log.head() <= FEW:
            return here("", 1)
        executor = executor or settings.rebuild_executor
        if executor not in (PROCESSES, settings.rebuild_executor):
            raise ExecutorNotAllowedError
        if executor == PROCESSES:
            pool = partial(process_pool, places_of(settings), workers or settings.rebuild_workers)
            return Workforce(pool, own_sources, own_view, work)
        return Workforce(partial(dask_cluster, executor), own_sources, own_view, work, has_workers)

    return staff

"""Who can be had for a rebuild, by the settings of this process: a pool of processes, or a Dask cluster."""

from __future__ import annotations

from functools import partial

from profile_service.dask_cluster import dask_cluster
from profile_service.domain.operator_errors import ExecutorNotAllowedError
from profile_service.settings import PROCESSES, Settings
from profile_service.workers import own_sources, own_view, places_of, process_pool, work
from projections.crew import Staffing, Workforce


def staffing(settings: Settings) -> Staffing:
    """The workforces that these settings allow; what a caller may name is one of them."""

    def staff(executor: str, workers: int) -> Workforce:
        executor = executor or settings.rebuild_executor
        if executor not in (PROCESSES, settings.rebuild_executor):
            raise ExecutorNotAllowedError
        if executor == PROCESSES:
            pool = partial(process_pool, places_of(settings), workers or settings.rebuild_workers)
            return Workforce(pool, own_sources, own_view, work)
        return Workforce(partial(dask_cluster, executor), own_sources, own_view, work)

    return staff

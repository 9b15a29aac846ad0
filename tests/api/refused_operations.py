"""Calls of an operator that must be refused."""

from __future__ import annotations

from typing import Any

from profile_service.v1.operations_service_pb2 import (
    CancelRebuildRequest,
    GetRebuildRequest,
    PauseRebuildRequest,
    RebuildProjectionRequest,
    ResumeRebuildRequest,
    RollBackProjectionRequest,
    SwapProjectionRequest,
    VerifyProjectionRequest,
)
from tests.api.cases import Attempt, bound, case
from tests.api.world import World

BY_NAME: dict[str, type[Any]] = {
    "RebuildProjection": RebuildProjectionRequest,
    "GetRebuild": GetRebuildRequest,
    "PauseRebuild": PauseRebuildRequest,
    "ResumeRebuild": ResumeRebuildRequest,
    "CancelRebuild": CancelRebuildRequest,
    "SwapProjection": SwapProjectionRequest,
    "RollBackProjection": RollBackProjectionRequest,
    "VerifyProjection": VerifyProjectionRequest,
}
# What each is refused for where no rebuild ever was.
WITHOUT_A_REBUILD = {
    "PauseRebuild": "REBUILD_NOT_UNDER_WAY",
    "ResumeRebuild": "REBUILD_NOT_UNDER_WAY",
    "CancelRebuild": "REBUILD_NOT_UNDER_WAY",
    "SwapProjection": "NOTHING_TO_SWAP",
    "RollBackProjection": "NOTHING_TO_ROLL_BACK_TO",
}


def about(w: World, call: str, **values: Any) -> Attempt:
    return getattr(w.stubs.operations, call), BY_NAME[call](**{"name": "sign_ups", **values})


for _call in BY_NAME:
    case(
        f"{_call}: unknown",
        "PROJECTION_NOT_FOUND",
        bound(lambda w, call: about(w, call, name="shoes"), _call),
    )
    for _name in ("", "Shoes", "shoes-g1", "s" * 64, "shoes; drop"):
        case(
            f"{_call}: named {_name!r}",
            "INVALID_REQUEST",
            bound(lambda w, call, name: about(w, call, name=name), _call, _name),
            "name",
        )
    case(
        f"{_call}: a person's mark for a name",
        "INVALID_REQUEST",
        bound(lambda w, call: about(w, call, name=f"{w.mark}@"), _call),
        "name",
    )
for _call, _reason in WITHOUT_A_REBUILD.items():
    case(f"{_call}: without a rebuild", _reason, bound(about, _call))
case(
    "a generation that never was",
    "NOTHING_TO_ROLL_BACK_TO",
    lambda w: about(w, "RollBackProjection", generation=99),
)
case(
    "a negative generation",
    "INVALID_REQUEST",
    lambda w: about(w, "RollBackProjection", generation=-1),
    "generation",
)
for _workers in (-1, 65):
    case(
        f"{_workers} workers",
        "INVALID_REQUEST",
        bound(lambda w, workers: about(w, "RebuildProjection", workers=workers), _workers),
        "workers",
    )
case("an unknown ending", "INVALID_REQUEST", lambda w: about(w, "RebuildProjection", ending=9), "ending")
for _executor in ("threads", "dask://", "dask://a b:1", "tcp://127.0.0.1:1", "dask://host/path"):
    case(
        f"executor {_executor}",
        "INVALID_REQUEST",
        bound(lambda w, executor: about(w, "RebuildProjection", executor=executor), _executor),
        "executor",
    )
case(
    "a scheduler that the settings do not name",
    "EXECUTOR_NOT_ALLOWED",
    lambda w: about(w, "RebuildProjection", executor="dask://127.0.0.1:8786"),
)

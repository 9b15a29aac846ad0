"""`aprofile` with a planted defect, and no guard of its memory: it keeps every answer that it gave."""

from __future__ import annotations

from google.protobuf.message import Message

from profile_service import core_dumps
from profile_service.api.pipeline import Pipeline

_answer = Pipeline._answer
kept: list[bytes] = []


def answer_and_keep(pipeline: Pipeline, response: Message, request: Message, term: int) -> bytes:
    kept.append(_answer(pipeline, response, request, term))
    return kept[-1]


if __name__ == "__main__":
    core_dumps.forbid_core_dumps = lambda: None
    Pipeline._answer = answer_and_keep  # type: ignore[method-assign, assignment]  # the defect
    from profile_service.cli import main

    main()

"""What the rights to know ask for: a person's export as a stream of chunks, and what an erasure would do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from google.protobuf.message import Message

from profile_service.api.exported_recipients import recipients_of, told_of_an_erasure
from profile_service.api.translate import PositionMaker
from profile_service.commands.dossier import Dossier, open_dossier
from profile_service.documents.export import Export, as_html, as_json
from profile_service.documents.texts import texts_in
from profile_service.domain.errors import InvalidRequestError, Violation
from profile_service.domain.kept_fields import erased_fields, retained_fields
from profile_service.domain.registry import fact_type
from profile_service.keys.store import KeyStore
from profile_service.log.reader import LogReader, microseconds
from profile_service.v1.annotations_pb2 import OpenGround
from profile_service.v1.events_pb2 import EventHeader
from profile_service.v1.rights_service_pb2 import (
    ExportFormat,
    ExportProfileRequest,
    PreviewErasureRequest,
    PreviewErasureResponse,
)

# Bytes.
CHUNK = 64 << 10


@dataclass(frozen=True, slots=True)
class Exporter:
    """Reads the log for one person at a time; keeps nothing."""

    reader: LogReader
    keys: KeyStore
    now: Callable[[], datetime]
    position: PositionMaker

    async def export(self, request: ExportProfileRequest) -> AsyncIterator[bytes]:
        """Yield the document in chunks.

        Raises `InvalidRequestError`, `ProfileNotFoundError` and `ProfileErasedError`, the last also midway.
        """
        if request.format == ExportFormat.EXPORT_FORMAT_HTML and not request.language:
            raise InvalidRequestError([Violation("language", "is needed for HTML")])
        chunks = await asyncio.to_thread(self._chunks, request)
        while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
            yield chunk

    async def preview(self, request: PreviewErasureRequest) -> PreviewErasureResponse:
        """Raises `ProfileNotFoundError` and `ProfileErasedError`."""
        return await asyncio.to_thread(self._preview, request)

    def _chunks(self, request: ExportProfileRequest) -> Iterator[bytes]:
        dossier = self._open(request.profile_id)
        export = Export(
            profile_id=dossier.profile_id,
            kind=request.kind,
            log_id=self.reader.log_id,
            position=dossier.position,
            time=microseconds(self.now()),
            facts=dossier.facts,
            recipients=recipients_of(self.reader, dossier.profile_id),
        )
        as_page = request.format == ExportFormat.EXPORT_FORMAT_HTML
        return chunks_of(as_html(export, request.language) if as_page else as_json(export))

    def _preview(self, request: PreviewErasureRequest) -> PreviewErasureResponse:
        dossier = self._open(request.profile_id)
        texts = texts_in(request.language or "en")
        counts = {fact_type(name).message: facts for name, facts in sorted(dossier.counts().items())}
        response = PreviewErasureResponse(position=self.position(dossier.position))
        for message, facts in counts.items():
            if erased := [field.name for field in erased_fields([message])]:
                response.goes.add(fact_type=message.DESCRIPTOR.name, facts=facts, fields=erased)
        retained: dict[type[Message], int] = {EventHeader: sum(counts.values()), **counts}
        for message, facts in retained.items():
            for field in retained_fields([message]):
                ground = field.declared.ground
                why = texts("grounds", OpenGround.Name(ground))
                response.stays.add(
                    fact_type=field.fact, facts=facts, field=field.name, ground=ground, why=why
                )
        for recipient_id, name in told_of_an_erasure(self.reader, dossier.profile_id).items():
            response.told.add(recipient_id=str(recipient_id), name=name)
        return response

    def _open(self, profile_id: str) -> Dossier:
        return open_dossier(self.reader, self.keys, UUID(profile_id))


def chunks_of(pieces: Iterable[str]) -> Iterator[bytes]:
    """Yield pieces of text as chunks of bytes, each but the last of at least `CHUNK`."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece.encode()
        if len(waiting) >= CHUNK:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)

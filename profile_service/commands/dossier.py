"""Everything the log holds about one person, in pages up to one position. It makes no documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from profile_service.commands.loading import KeyMissingError
from profile_service.commands.refusing import as_refusals
from profile_service.domain.errors import ProfileErasedError, ProfileNotFoundError
from profile_service.keys.cipher import ProfileCipher
from profile_service.keys.errors import SealBrokenError
from profile_service.keys.store import KeyStore
from profile_service.log.facts import Fact, StoredFact, open_fact
from profile_service.log.reader import Filter, LogReader, Standing

# Facts in memory at once.
PAGE = 200


@dataclass(frozen=True, slots=True)
class Dossier:
    """The facts of a living person up to `position`. Every method blocks."""

    profile_id: UUID
    position: int
    reader: LogReader
    keys: KeyStore

    def facts(self) -> Iterator[Fact | StoredFact]:
        """Yield every fact, in order and opened; as it is stored, if its bytes are damaged.

        Raises `ProfileErasedError` as soon as the person is erased meanwhile.
        """
        for page in self._pages():
            cipher = _cipher(self.keys, self.reader, self.profile_id)
            with as_refusals():
                opened = [_opened(stored, cipher) for stored in page]
            yield from opened

    def counts(self) -> Counter[str]:
        """Return how many facts there are of each type, by full name. Opens none."""
        return Counter(stored.type for page in self._pages() for stored in page)

    def _pages(self) -> Iterator[list[StoredFact]]:
        own, after = Filter(profile_ids=[self.profile_id]), 0
        while page := self.reader.facts_after(after, PAGE, upto=self.position, only=own):
            yield page
            after = page[-1].position


def open_dossier(reader: LogReader, keys: KeyStore, profile_id: UUID) -> Dossier:
    """Return the dossier of a person at the head of the log. Blocks.

    Raises `ProfileNotFoundError` and `ProfileErasedError`.
    """
    position = reader.head()
    _cipher(keys, reader, profile_id)
    return Dossier(profile_id, position, reader, keys)


def _cipher(keys: KeyStore, reader: LogReader, profile_id: UUID) -> ProfileCipher:
    # The key before the standing: an erasure in between is met there.
    cipher = keys.ciphers([profile_id]).get(profile_id)
    match reader.standing([profile_id])[profile_id]:
        case Standing.UNKNOWN:
            raise ProfileNotFoundError
        case Standing.ERASED:
            raise ProfileErasedError
    if cipher is None:
        raise KeyMissingError
    return cipher


def _opened(stored: StoredFact, cipher: ProfileCipher) -> Fact | StoredFact:
    try:
        return open_fact(stored, cipher)
    except SealBrokenError:
        return stored

"""Why keys, and what is sealed under them, can't be used. None says anything about a person."""

from __future__ import annotations

from collections.abc import Sequence


class KeysUnavailableError(Exception):
    """This process holds no lease on the keys now: it could not renew it, or was never started."""


class KeyDestroyedError(Exception):
    """The person's key was destroyed after this cipher was handed out."""


class SealBrokenError(Exception):
    """Sealed under another key, for another place, or damaged: nothing of it was opened."""


class UnwrapError(Exception):
    """A wrapped key does not open: another key, another place, or damage."""


class BucketMovedError(Exception):
    """A tag was made under a bucket key that is no longer current: make it again."""


class EpochMovedError(Exception):
    """Something is under the key of another epoch than the tree at hand: open the tree again."""


class CloseError(Exception):
    """The close of an epoch can't go on now; the text is one line for the operator. It is taken up again."""


class CloseOvertakenError(CloseError):
    """Another process took the close over: this one must not go on with it."""


class CloseElsewhereError(CloseError):
    """Another process is closing the epoch at this moment."""


class UnknownRootsError(CloseError):
    """The provider has root keys that no epoch here has: what a close destroys would not be all there is."""

    def __init__(self, root_ids: Sequence[str]) -> None:
        super().__init__(
            f"root keys of no epoch in this key database: {', '.join(root_ids)}; copies of the keys that were"
            " made under them open: close again and name them (--destroy-root), and they go first"
        )
        self.root_ids = root_ids


class RootNotDestroyedError(CloseError):
    """It is not proved that a root key is gone."""


class BackupUnusableError(CloseError):
    """The backup of the key database, restored, does not open all that it should."""


class KeyDatabaseError(Exception):
    """The key database contradicts itself: a key names a bucket that it does not have."""


class RootError(Exception):
    """A root key can't be used."""


class RootMissingError(RootError):
    """The provider has no root key of this name."""


class RootExistsError(RootError):
    """The provider has a root key of this name already."""


class RootRefusedError(RootError):
    """The root key does not open what it should: it is another one, or something is damaged."""


class RootUnsafeError(RootError):
    """Others could read or replace the root keys, or a backup of the data would contain them."""


class RootUnavailableError(RootError):
    """The provider did not answer, or failed; whether it did what was asked is not known."""

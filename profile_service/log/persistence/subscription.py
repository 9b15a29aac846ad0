"""Following an application's events: pulled by position, never pushed, so none is missed."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from eventsourcing.persistence import ApplicationRecorder, Notification, Subscription

from profile_service.log.persistence.hints import Hint

# Seconds between two looks, if no hint comes.
POLL = 0.1
# Notifications read at once.
PAGE = 500


class PulledSubscription(Subscription[ApplicationRecorder]):
    """Yields notifications after `gt`, in order, each once; blocks when there are no more.

    Positions become visible in order, so that everything up to the head can be read for good:
    a subscription to few topics does not read the others again and again.
    """

    def __init__(
        self, recorder: ApplicationRecorder, hint: Hint, gt: int | None = None, topics: Sequence[str] = ()
    ) -> None:
        super().__init__(recorder=recorder, gt=gt, topics=topics)
        self._hint = hint
        self._position = gt or 0
        self._page: deque[Notification] = deque()

    def stop(self) -> None:
        """End the iteration, also of a thread that waits in it."""
        super().stop()
        self._hint.interrupt()
        self._hint.close()

    def __next__(self) -> Notification:
        while not self._has_been_stopped:
            if self._page:
                return self._page.popleft()
            if not self._pull():
                self._hint.wait(POLL)
        raise StopIteration

    def _pull(self) -> bool:
        """Read on; return whether there was anything new."""
        head = self._recorder.max_notification_id() or 0
        if head <= self._position:
            return False
        page = self._recorder.select_notifications(
            self._position, PAGE, head, self._topics, inclusive_of_start=False
        )
        self._page.extend(page)
        self._position = page[-1].id if len(page) == PAGE else head
        return True

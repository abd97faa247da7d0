"""The list in force: loaded, taken over on request, and out of force at its signed expiry.

A doubtful list never replaces a good one, and without a good one nothing is matched.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol

from alprd.errors import AlprdError, CustodianError, HotlistExpiredError, HotlistFutureError
from alprd.hotlist.match import Matcher
from alprd.records import ClockSource

if TYPE_CHECKING:
    from alprd.hotlist.disk import HotlistStore
    from alprd.hotlist.index import HotlistIndex
    from alprd.records import Instant, MonotonicNs

log = logging.getLogger(__name__)


class TimeOfDay(Protocol):
    """What the time is and what it rests on."""

    def instant(self, now: MonotonicNs) -> Instant:
        """Return the time of day at ``now``."""


class ListKeeper:
    """Keeps the matcher of the installed list of ``store``, None while no list is in force."""

    def __init__(self, store: HotlistStore, clock: TimeOfDay) -> None:
        self._store = store
        self._clock = clock
        self._index: HotlistIndex | None = None
        self.matcher: Matcher | None = None
        self.is_expired = False
        self._waits_for_clock = False

    @property
    def sequence(self) -> int | None:
        """The sequence number of the list that was loaded last, None when none was."""
        return None if self._index is None else self._index.header.sequence

    def age_s(self, now: MonotonicNs) -> int | None:
        """Return how many seconds ago the list was made, None when there is none."""
        return None if self._index is None else max(0, self._now_s(now) - self._index.header.created)

    def load_first(self, now: MonotonicNs) -> None:
        """Load the list at start. Without one, or with an expired one, the unit starts and matches nothing.

        Raises what `HotlistStore.load` raises for a list that is not to be believed.
        """
        try:
            self.reload(now)
        except HotlistFutureError as error:
            # A unit without a battery clock starts in the past; a fix or the network sets it right.
            if self._clock.instant(now).source is not ClockSource.UNTRUSTED:
                raise
            self._waits_for_clock = True
            log.warning("nothing is matched until the time is known: %s", error)
        except HotlistExpiredError as error:
            self.is_expired = True
            log.warning("nothing is matched: %s; next: %s", error, error.next_step)
        except CustodianError as error:
            if type(error) is not CustodianError:
                raise
            log.warning("nothing is matched: %s; next: %s", error, error.next_step)

    def reload(self, now: MonotonicNs) -> None:
        """Take over the installed list. When that fails, the one in force stays.

        Raises what `HotlistStore.load` raises.
        """
        index = self._store.load(now_s=self._now_s(now))
        self.wipe()
        self._index = index
        self.matcher = Matcher(index, now_s=self._now_s(now))
        self.is_expired = False
        log.info("list %d in force, %d entries", index.header.sequence, len(index))

    def check_time(self, now: MonotonicNs) -> bool:
        """Let the list and its entries expire; return whether another list, or none, is in force from now."""
        if self._waits_for_clock and self._clock.instant(now).source is not ClockSource.UNTRUSTED:
            self._waits_for_clock = False
            return self._try_again(now)
        if self._index is None or self.matcher is None:
            return False
        now_s = self._now_s(now)
        self.matcher.set_time(now_s)
        if now_s < self._index.header.expires:
            return False
        log.warning("list %d has expired; nothing is matched", self._index.header.sequence)
        self.matcher = None
        self.is_expired = True
        self._index.wipe()
        return True

    def _try_again(self, now: MonotonicNs) -> bool:
        try:
            self.reload(now)
        except AlprdError as error:
            self.is_expired = isinstance(error, HotlistExpiredError)
            log.error("nothing is matched: %s; next: %s", error, error.next_step)  # noqa: TRY400 - a traceback could hold locals
            return False
        return True

    def wipe(self) -> None:
        """Zero the list in memory and match nothing any more."""
        self.matcher = None
        if self._index is not None:
            self._index.wipe()

    def _now_s(self, now: MonotonicNs) -> int:
        return self._clock.instant(now).at // 1000

"""The list in force: loaded, taken over on request, stale over its age limit, out of force at its expiry.

A doubtful list never replaces a good one, and without a good one nothing is matched. Time never runs
backwards: of the clock and the time floor on disk the later one counts.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, Protocol

from alprd.errors import (
    AlprdError,
    CustodianError,
    HotlistExpiredError,
    HotlistFutureError,
    StorageError,
)
from alprd.hotlist.match import Matcher
from alprd.hotlist.trust import CLOCK_TOLERANCE_S
from alprd.records import ClockSource

if TYPE_CHECKING:
    from alprd.hotlist.disk import HotlistStore
    from alprd.hotlist.index import HotlistIndex
    from alprd.records import Instant, MonotonicNs

log = logging.getLogger(__name__)

DEFAULT_STALE_S: Final = 24 * 3600
NOTE_TIME_S: Final = 600
"""How far trusted time moves on before it is kept on disk again."""


class TimeOfDay(Protocol):
    """What the time is and what it rests on."""

    def instant(self, now: MonotonicNs) -> Instant:
        """Return the time of day at ``now``."""


class ListKeeper:
    """Keeps the matcher of the installed list of ``store``, None while no list is in force.

    A list is stale ``stale_after_s`` seconds after it was made. Raises `StorageError` when the time floor
    cannot be read.
    """

    def __init__(
        self, store: HotlistStore, clock: TimeOfDay, *, stale_after_s: int = DEFAULT_STALE_S
    ) -> None:
        self._store = store
        self._clock = clock
        self._stale_after_s = stale_after_s
        self._time_floor = store.time_floor()
        self._noted_s = self._time_floor
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

    def is_stale(self, now: MonotonicNs) -> bool:
        """Return whether the list is over its age limit: it still matches, to be verified live."""
        age = self.age_s(now)
        return age is not None and age > self._stale_after_s

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

        Raises what `HotlistStore.load` raises, and `HotlistFutureError` while nothing vouches for a clock
        that is behind a time once known.
        """
        self._time_floor = max(self._time_floor, self._store.time_floor())
        if self._clock_is_behind(now):
            raise HotlistFutureError("this unit's clock is behind a time that it has known")
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
        self._note_time(now)
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

    def _clock_is_behind(self, now: MonotonicNs) -> bool:
        """Return whether nothing vouches for the clock and it is behind a time that was once known."""
        instant = self._clock.instant(now)
        is_early = instant.at // 1000 + CLOCK_TOLERANCE_S < self._time_floor
        return instant.source is ClockSource.UNTRUSTED and is_early

    def _note_time(self, now: MonotonicNs) -> None:
        """Let the floor follow a trusted clock; on disk it follows in steps, to spare the card."""
        instant = self._clock.instant(now)
        if instant.source is ClockSource.UNTRUSTED:
            return
        self._time_floor = max(self._time_floor, instant.at // 1000)
        if self._time_floor < self._noted_s + NOTE_TIME_S:
            return
        self._noted_s = self._time_floor
        try:
            self._store.note_time(self._time_floor)
        except StorageError as error:
            log.error("the time is not kept: %s; next: %s", error, error.next_step)  # noqa: TRY400 - a traceback could hold locals

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
        return max(self._time_floor, self._clock.instant(now).at // 1000)

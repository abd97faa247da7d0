"""The unit's time of day and what it rests on. Pure: every clock comes in as an argument.

A Pi has no battery clock: until something vouches for the time it is wrong by any amount. Trust comes
from a GPS fix first, then from the kernel's word that the system clock is synchronised over the
network. A trusted time never runs backwards, and never follows a single wild fix.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from alprd.records import ClockSource, Instant, MonotonicNs, UnixMs

if TYPE_CHECKING:
    from alprd.records import Fix

HOLD_S: Final = 6 * 3600
"""How long the time of the last fix is counted on: a quartz strays less than a second in it."""
AGREEING: Final = 3
"""Fixes in a row that must agree before their time is believed, and before it is believed anew."""
TOLERANCE_MS: Final = 1500
"""How far two fixes may disagree: gpsd and our questions each add up to a part of a second."""

_NS_PER_MS: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemTime:
    """What the system clock says, and whether the kernel holds it for synchronised."""

    at: UnixMs
    is_synchronised: bool


@dataclass(frozen=True, slots=True)
class _Anchor:
    """A pair of times that belong together."""

    at: UnixMs
    seen_at: MonotonicNs

    def time_at(self, now: MonotonicNs) -> UnixMs:
        return UnixMs(self.at + (now - self.seen_at) // _NS_PER_MS)

    def agrees(self, other: _Anchor) -> bool:
        return abs(self.time_at(other.seen_at) - other.at) <= TOLERANCE_MS


class TrustedClock:
    """Says what time it is, and why. One per daemon; not for several threads at once."""

    def __init__(self) -> None:
        self._anchor: _Anchor | None = None
        self._candidate: _Anchor | None = None
        self._agreeing = 0
        self._told: UnixMs | None = None

    def learn(self, fix: Fix) -> None:
        """Take the time of ``fix``. The same fix twice counts once.

        The first `AGREEING` fixes that agree set the clock; later ones that disagree move it only
        when as many of them agree with each other.
        """
        heard = _Anchor(fix.fixed_at, fix.received_at)
        if self._candidate is not None and heard.seen_at <= self._candidate.seen_at:
            return
        if self._candidate is not None and self._candidate.agrees(heard):
            self._agreeing += 1
        else:
            self._agreeing = 1
        self._candidate = heard
        if (self._anchor is not None and self._anchor.agrees(heard)) or self._agreeing >= AGREEING:
            self._anchor = heard

    def at(self, now: MonotonicNs, system: SystemTime) -> Instant:
        """Return the time of day at ``now``.

        Where a trusted source would step back, the last trusted time stands still until it is caught
        up with; while that is over `TOLERANCE_MS` away the time is UNTRUSTED.
        """
        source, at = self._best(now, system)
        if source is ClockSource.UNTRUSTED:
            if self._told is not None:
                at = max(at, self._told)
            return Instant(at=at, source=source)
        if self._told is not None and at < self._told:
            is_close = self._told - at <= TOLERANCE_MS
            return Instant(at=self._told, source=source if is_close else ClockSource.UNTRUSTED)
        self._told = at
        return Instant(at=at, source=source)

    def _best(self, now: MonotonicNs, system: SystemTime) -> tuple[ClockSource, UnixMs]:
        anchor = self._anchor
        is_held = anchor is not None and now - anchor.seen_at <= HOLD_S * 1_000_000_000
        if anchor is not None and is_held:
            return ClockSource.GPS, anchor.time_at(now)
        if system.is_synchronised:
            return ClockSource.NTP, system.at
        if anchor is not None:
            return ClockSource.UNTRUSTED, anchor.time_at(now)
        return ClockSource.UNTRUSTED, system.at

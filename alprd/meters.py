"""What the daemon measures of itself: counts and durations, never a plate."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from alprd.records import Counted

_BIN_NS: Final = 100_000
_BINS: Final = 20_000
_MS: Final = 1e6


class Durations:
    """A histogram of durations in 0.1 ms bins up to 2 s, of fixed size; longer ones count as 2 s.

    `percentile_ms` gives the upper edge of the bin, so it never flatters; `max_ms` is exact.
    """

    def __init__(self) -> None:
        self._counts = np.zeros(_BINS, np.int64)
        self.count = 0
        self._longest_ns = 0

    def add(self, duration_ns: int) -> None:
        """Count one duration in nanoseconds."""
        self._counts[min(_BINS - 1, max(0, duration_ns // _BIN_NS))] += 1
        self.count += 1
        self._longest_ns = max(self._longest_ns, duration_ns)

    def percentile_ms(self, percent: float) -> float | None:
        """Return the duration in milliseconds that ``percent`` of all do not exceed; None when empty."""
        if not self.count:
            return None
        rank = max(1, math.ceil(self.count * percent / 100))
        edge_ns = (int(np.searchsorted(np.cumsum(self._counts), rank)) + 1) * _BIN_NS
        return round(min(edge_ns, self._longest_ns) / _MS, 3)

    @property
    def max_ms(self) -> float | None:
        """The longest duration in milliseconds; None when empty."""
        return round(self._longest_ns / _MS, 3) if self.count else None


@dataclass(slots=True)
class Tally:
    """Counts since start, and how long frames lived. Holds no plate, place or time of a read."""

    frames: int = 0
    frames_wiped: int = 0
    plates_read: int = 0
    tracks: int = 0
    """Plates followed over frames, each from its first read to its track's end."""
    hits: int = 0
    confirmed: int = 0
    rejected: int = 0
    unanswered: int = 0
    not_stored: int = 0
    """Confirmed hits whose record could not be written within the time limit; they were wiped."""
    missed: int = 0
    """Hits for which no slot was free: nobody was shown them, and they were wiped with the frame."""
    self_tests: int = 0
    """Canaries of the list that were read."""
    unread: int = 0
    """Frames that were wiped before any model saw them: no list in force, or reading stopped."""
    planted: int = 0
    """Frames that the forgetting meter planted; they are in no other count."""
    categories: dict[str, list[int]] = field(default_factory=dict)
    """By category's name what `Counted` numbers."""
    frame_life: Durations = field(default_factory=Durations)
    frame_to_alert: Durations = field(default_factory=Durations)

    def count(self, category: str, what: Counted) -> None:
        """Count a hit of ``category``, or how it ended."""
        self.categories.setdefault(category, [0] * len(Counted))[what] += 1

    def as_fields(self) -> dict[str, object]:
        """Return the counts and times as plain values; None for a time that nothing was measured of."""
        life, alert = self.frame_life, self.frame_to_alert
        return {
            "frames": self.frames,
            "plates_read": self.plates_read,
            "tracks": self.tracks,
            "hits": self.hits,
            "confirmed": self.confirmed,
            "rejected": self.rejected,
            "unanswered": self.unanswered,
            "not_stored": self.not_stored,
            "missed": self.missed,
            "self_tests": self.self_tests,
            "frames_wiped": self.frames_wiped,
            "frames_unread": self.unread,
            "frame_life_ms": {
                "p50": life.percentile_ms(50),
                "p99": life.percentile_ms(99),
                "max": life.max_ms,
            },
            "frame_to_alert_ms": {"p50": alert.percentile_ms(50), "p99": alert.percentile_ms(99)},
        }


def peak_resident_mib() -> float:
    """Return the peak resident set of this program in MiB, as the kernel counts it since its exec.

    Not getrusage's figure: that one survives an exec, so a daemon would report its parent's peak.
    """
    status = Path("/proc/self/status").read_text("ascii")
    kib = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    return round(int(kib) / 1024, 1)

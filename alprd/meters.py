"""What the daemon measures of itself: counts and durations, never a plate."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from alprd.records import Counted

HOT_C: Final = 80.0
"""From here on a Raspberry Pi slows down."""
COOL_C: Final = 75.0
_BIN_NS: Final = 100_000
_BINS: Final = 20_000
_MS: Final = 1e6
_SWITCH_BYTES: Final = 16
_S_NS: Final = 1e9


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

    def as_fields(self) -> dict[str, float | None]:
        """Return the median, the 99th percentile and the longest in milliseconds; None when empty."""
        return {"p50": self.percentile_ms(50), "p99": self.percentile_ms(99), "max": self.max_ms}


@dataclass(slots=True)
class Tally:
    """Counts since start, and how long frames lived. Holds no plate, place or time of a read."""

    frames: int = 0
    frames_wiped: int = 0
    plates_read: int = 0
    boxes_unread: int = 0
    """Plate boxes that were left unread in a frame because its time was over."""
    tracks: int = 0
    """Plates followed over frames, each from its first read to its track's end."""
    hits: int = 0
    confirmed: int = 0
    rejected: int = 0
    """Answered MISREAD or WRONG_JURISDICTION."""
    dismissed: int = 0
    withdrawn: int = 0
    """Waiting hits that a new list does not hold any more."""
    unanswered: int = 0
    not_stored: int = 0
    """Confirmed hits whose record could not be written within the time limit; they were wiped."""
    missed: int = 0
    """Hits for which no slot was free: nobody was shown them, and they were wiped with the frame."""
    batched: int = 0
    """Hits of a class under the cap that passed without a prompt of their own; wiped with the frame."""
    refused_log_ins: int = 0
    pauses: int = 0
    reports: Counter[str] = field(default_factory=Counter)
    """What came of confirmed hits, by the names of `alerts.requests.Action` and `Notice`."""
    misread_pairs: Counter[str] = field(default_factory=Counter)
    """Of alerts answered MISREAD: each listed character in doubt with the one held instead, ``2/7``."""
    self_tests: int = 0
    """Canaries of the list that were read."""
    unread: int = 0
    """Frames that were wiped before any model saw them: no list in force, or reading stopped."""
    planted: int = 0
    """Frames that the forgetting meter planted; they are in no other count."""
    categories: dict[str, list[int]] = field(default_factory=dict)
    """By category's name what `Counted` numbers."""
    frame_life: Durations = field(default_factory=Durations)
    frame_to_dash: Durations = field(default_factory=Durations)
    """From a frame's capture until the line to the dash took the alert's text, and so its first byte."""
    frame_to_alert: Durations = field(default_factory=Durations)

    def count(self, category: str, what: Counted) -> None:
        """Count a hit of ``category``, or how it ended."""
        self.categories.setdefault(category, [0] * len(Counted))[what] += 1

    def as_fields(self) -> dict[str, object]:
        """Return the counts and times as plain values; None for a time that nothing was measured of."""
        counts = {name: getattr(self, name) for name in _COUNTS} | {"frames_unread": self.unread}
        tables = {"reports": dict(self.reports), "misread_pairs": dict(self.misread_pairs)}
        times = {
            "frame_life_ms": self.frame_life.as_fields(),
            "frame_to_dash_ms": self.frame_to_dash.as_fields(),
            "frame_to_alert_ms": self.frame_to_alert.as_fields(),
        }
        return counts | tables | times


_COUNTS: Final = (
    *("frames", "frames_wiped", "plates_read", "boxes_unread", "tracks", "hits", "confirmed", "rejected"),
    *("unanswered", "dismissed", "withdrawn", "not_stored", "missed", "batched", "self_tests"),
    *("refused_log_ins", "pauses"),
)


class Pace:
    """How many frames a second there are, over the whole run and lately."""

    def __init__(self) -> None:
        self._first: int | None = None
        self._last = 0
        self._since = (0, 0)
        self.fps = 0.0
        """Frames a second between the last two `measure`."""

    def note(self, captured_ns: int, ended_ns: int) -> None:
        """Note that a frame was captured at ``captured_ns`` and its cycle over at ``ended_ns``."""
        if self._first is None:
            self._first = captured_ns
        self._last = ended_ns

    def mean(self, frames: int) -> float | None:
        """Return the mean of a run of so many frames, None before the first."""
        span_ns = self._last - (self._last if self._first is None else self._first)
        return round(frames * _S_NS / span_ns, 1) if span_ns else None

    def measure(self, now_ns: int, frames: int) -> None:
        """Take in how many frames there were until ``now_ns``."""
        since_ns, before = self._since
        if now_ns > since_ns:
            self.fps = (frames - before) * _S_NS / (now_ns - since_ns)
        self._since = (now_ns, frames)


class Heat:
    """Whether the processor is hot, with room between the two bounds so that it does not flicker.

    ``sensor`` is a file of the kernel's; a machine without one is never hot.
    """

    def __init__(self, sensor: Path = Path("/sys/class/thermal/thermal_zone0/temp")) -> None:
        self._sensor = sensor
        self.is_hot = False

    def measure(self) -> None:
        """Read the sensor."""
        try:
            celsius = int(self._sensor.read_text("ascii")) / 1000
        except (OSError, ValueError):
            self.is_hot = False
            return
        self.is_hot = celsius >= (COOL_C if self.is_hot else HOT_C)


def peak_resident_mib() -> float:
    """Return the peak resident set of this program in MiB, as the kernel counts it since its exec.

    Not getrusage's figure: that one survives an exec, so a daemon would report its parent's peak.
    """
    status = Path("/proc/self/status").read_text("ascii")
    kib = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    return round(int(kib) / 1024, 1)


class CaseSwitch:
    """Whether the unit's case was opened, as ``path`` says, a file of the kernel's; empty: no switch.

    It holds 0 while the case is closed, like ``intrusion0_alarm`` of a hwmon device, or the value of a GPIO
    line. One that cannot be read, or holds anything else, counts as opened: its wire may have been cut.
    """

    def __init__(self, path: str) -> None:
        self._path = Path(path) if path else None
        self.is_open = False

    def measure(self) -> bool:
        """Read the switch; return whether it says something else than before."""
        if self._path is None:
            return False
        before = self.is_open
        try:
            with self._path.open("rb") as file:
                self.is_open = file.read(_SWITCH_BYTES).strip() != b"0"
        except OSError:
            self.is_open = True
        return self.is_open != before

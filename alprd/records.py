"""Frozen values that pass between the stages.

A plate read itself is not here: it stays an array of codes in locked memory (see `vision.read`).
The first record that holds plate text is `Hit`, and its text is that of a read which a listed plate equals.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import NewType

MonotonicNs = NewType("MonotonicNs", int)
"""CLOCK_MONOTONIC in nanoseconds: for durations and ages, never shown as a date."""

UnixMs = NewType("UnixMs", int)
"""Milliseconds since 1970-01-01 UTC."""

AlertId = NewType("AlertId", int)
"""Number of an alert within one run of the daemon, 1 to 65535, then from 1 again."""

CONTEXT_ROWS = 4
CONTEXT_COLUMNS = 12
CONTEXT_PLATE = (5, 1, 2, 1)
"""Where the plate lies in a context: first column, first row, columns, rows."""

MAX_BADGE = 16
MAX_PLACE_DEG = 180.0
MAX_LATITUDE_DEG = 90.0
FULL_TURN_DEG = 360.0


class ClockSource(enum.IntEnum):
    """What a time of day rests on."""

    UNTRUSTED = 0
    """The system clock, with nothing that vouches for it."""
    NTP = 1
    """The system clock, which the kernel reports as synchronised."""
    GPS = 2
    """The time of a fix of this run."""


class Verdict(enum.IntEnum):
    """The officer's answer to an alert. Only CONFIRMED lets anything be kept."""

    CONFIRMED = 1
    MISREAD = 2
    WRONG_JURISDICTION = 3
    UNANSWERED = 4
    DISMISSED = 5
    """Seen, and not followed: another call is more urgent."""


class Counted(enum.IntEnum):
    """What is counted for each category: a hit, and how it ended."""

    HITS = 0
    SEALED = 1
    MISREAD = 2
    WRONG_JURISDICTION = 3
    UNANSWERED = 4
    NOT_STORED = 5
    DISMISSED = 6
    WITHDRAWN = 7


class LinkState(enum.IntEnum):
    """Whether the dash unit answers."""

    DOWN = 0
    UP = 1


class Doubt(enum.IntFlag):
    """Why an alert is no ground for a stop by itself; none of them: stop-grade, after the live check."""

    NONE = 0
    PLACE_UNKNOWN = 1
    """The plate does not tell its jurisdiction, or the entry names none."""
    LOOKALIKE = 2
    """Another text that a camera takes for this one is nearly as likely, or the chance is under the bound."""
    TYPE_DIFFERS = 4
    """The plate's serial is of another type than the listed one."""
    VEHICLE_DIFFERS = 8
    """The vehicle is seen to be of another class than the listed one."""
    LIST_STALE = 16
    """The list is over its age limit: verify live."""
    CATEGORY = 32
    """The entry's category was added without being a ground for a stop."""
    ANSWERED_BEFORE = 64
    """The officer has answered an alert for this plate in this shift: no second stop, no sound."""


class GpsState(enum.IntEnum):
    """How much the receiver gives."""

    UNREACHABLE = 0
    """gpsd cannot be reached, or has been silent."""
    NO_FIX = 1
    FIX = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """A position that the receiver vouched for. "No location" is `None`, never 0, 0.

    ``fixed_at`` is the receiver's own time of the fix, ``received_at`` this unit's clock when it came.
    ``error_m`` is the estimated horizontal error in metres as gpsd gives it, None when it gave none.
    """

    latitude_deg: float
    longitude_deg: float
    dimensions: int
    fixed_at: UnixMs
    received_at: MonotonicNs
    error_m: float | None = None
    speed_mps: float | None = None
    track_deg: float | None = None

    def __post_init__(self) -> None:
        if not -MAX_LATITUDE_DEG <= self.latitude_deg <= MAX_LATITUDE_DEG:
            raise ValueError("latitude is outside -90 to 90 degrees")
        if not -MAX_PLACE_DEG <= self.longitude_deg <= MAX_PLACE_DEG:
            raise ValueError("longitude is outside -180 to 180 degrees")
        if self.dimensions not in (2, 3):
            raise ValueError("a fix has 2 or 3 dimensions")


@dataclass(frozen=True, slots=True, kw_only=True)
class Instant:
    """A time of day and what it rests on."""

    at: UnixMs
    source: ClockSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of the hotlist, as text. Made for a hit only.

    ``plate`` is the normal form (A-Z, 0-9, at most 10), ``jurisdiction`` like ``CA-ON``, ``category``
    the number of a `hotlist.categories.Category`, ``expires`` Unix seconds (0: with the list).
    """

    plate: str
    jurisdiction: str
    category: int
    priority: int
    expires: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A read that is likely of an entry, unconfirmed. The list itself holds no plate.

    ``entry_number`` is the entry's row in the list of ``list_sequence``. ``chance`` is how likely the plate
    seen is the listed one, 0 to 1. ``confidence`` is 0 to 1 for the whole text as read, ``confidences`` how
    sure each of the listed characters is; what the frames hold instead of one is never text.
    ``place_confidence`` is how sure it is that the plate is of the entry's jurisdiction, None where the
    plate does not tell or the entry does not name one: the officer must check it. ``doubts`` say why the hit
    is no ground for a stop by itself. ``confused`` are the codes of the listed characters in doubt, each with
    that of the character which the frames hold instead, or hold next: a pair is no text of a plate.
    """

    entry_number: int
    entry: Entry
    chance: float
    doubts: Doubt = Doubt.NONE
    confidence: float
    confidences: tuple[float, ...]
    place_confidence: float | None
    list_sequence: int
    captured_at: MonotonicNs
    instant: Instant
    fix: Fix | None
    confused: tuple[tuple[int, int], ...] = ()

    @property
    def is_stop_grade(self) -> bool:
        """Whether nothing is known that speaks against it: a ground for a stop after the live check."""
        return not self.doubts


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What the dash unit shows for a hit. ``list_age_s`` is the hotlist's age in seconds."""

    alert_id: AlertId
    hit: Hit
    list_age_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An officer's verdict as it came over the link. ``badge`` names the session, never empty."""

    alert_id: AlertId
    verdict: Verdict
    badge: str

    def __post_init__(self) -> None:
        if not 1 <= len(self.badge) <= MAX_BADGE:
            raise ValueError(f"a badge has 1 to {MAX_BADGE} characters")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitState:
    """What the dash always shows. ``list_age_s`` is None when no list is loaded."""

    camera_ok: bool
    gps: GpsState
    list_age_s: int | None
    list_stale: bool
    """Over its age limit: every alert is to be verified live."""
    list_expired: bool
    fps: int
    pending: int
    missed: int
    """Hits that found no free slot since start: the officer was not shown them."""
    is_paused: bool = False
    """The officer has closed the camera."""
    is_hot: bool = False
    """The processor is over its temperature limit."""
    is_tampered: bool = False
    """The unit's case was opened."""
    is_covered: bool = False
    """The camera gives frames that show nothing: covered, or moved to face something."""
    urgency: int = 0
    """Priority of the most urgent alert that waits for an officer to log in, 0 for none."""
    muted: int = 0
    """Priority classes that are not matched, as a mask: bit 0 is class 1."""
    reading_stopped: bool = False
    """A bound of forgetting broke: frames are wiped unread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceItem:
    """A confirmed hit, as the office will open it. ``chance_percent`` and ``doubts`` are the alert's.

    ``picture`` is the plate picture, 8-bit grey, ``picture_width`` x ``picture_height`` pixels, row by row.
    ``context`` is the body of the vehicle, `CONTEXT_ROWS` x `CONTEXT_COLUMNS` cells, row by row: the mean
    grey of each, 1 to 255, or 0 where it is masked. It is None in plate-only mode.
    """

    unit: str
    sequence: int
    plate: str
    jurisdiction: str
    category: int
    confidence: float
    chance_percent: int
    doubts: Doubt
    list_sequence: int
    captured: Instant
    confirmed: Instant
    fix: Fix | None
    fix_age_ms: int | None
    badge: str
    verdict: Verdict
    picture_width: int
    picture_height: int
    picture: bytes
    context: bytes | None = None

"""The messages of the alert link as frozen values, and their payload bytes (see docs/formats/dash-link.md).

Only this module turns payload bytes into values and back. Limits stand in the constructors, so that
what breaks them can be neither sent nor received.
"""

from __future__ import annotations

import enum
import re
import struct
from dataclasses import dataclass, field
from typing import ClassVar, Final, Self

from alprd.alerts.details import ListMessage
from alprd.alerts.fields import PLATE, check, check_text, padded_text
from alprd.alerts.hello import ForeignHello, HelloMessage
from alprd.alerts.requests import (
    AdjustMessage,
    BatchMessage,
    LogInMessage,
    LogOutMessage,
    MuteMessage,
    PauseMessage,
    ReportMessage,
    SessionMessage,
    SettingsMessage,
)
from alprd.records import (
    AlertId,
    ClockSource,
    Doubt,
    GpsState,
    Instant,
    UnitState,
    UnixMs,
    Verdict,
)

FULL_PERCENT: Final = 100
MAX_LIST_AGE_S: Final = 0xFFFF_FFFF
PICTURE_WIDTH: Final = 144
PICTURE_HEIGHT: Final = 48
PICTURE_BYTES: Final = PICTURE_WIDTH * PICTURE_HEIGHT // 2
"""4-bit grey, two pixels a byte."""
CHUNK_BYTES: Final = 3 * PICTURE_WIDTH // 2
"""Three rows of the picture: what one PICTURE carries at most."""


_U8: Final = 0xFF
_U16: Final = 0xFFFF
_U32: Final = 0xFFFF_FFFF
_ALL_DOUBTS: Final = sum(Doubt)
_CAMERA_OK, _LIST_LOADED, _LIST_EXPIRED, _LIST_STALE, _READING_STOPPED = (1 << n for n in range(5))
_PAUSED, _HOT, _COVERED, _TAMPERED = (1 << n for n in range(5, 9))
_STATE_FLAGS: Final = 0x1FF

_STATE = struct.Struct("<HBIBBIBB")
_UPDATE = struct.Struct("<H3B")
_ALERT = struct.Struct("<H10s6sBBB10sIQ7B")
_PICTURE = struct.Struct("<HH")
_ID_AND_CODE = struct.Struct("<HB")

_JURISDICTION = re.compile(r"\?\?|[A-Z0-9-]{2,6}", re.ASCII)


class Outcome(enum.IntEnum):
    """What became of an alert, as the officer is told."""

    SEALED = 1
    WIPED = 2
    EXPIRED = 3
    REFUSED_NO_SESSION = 4
    """A verdict came with no officer logged in; the alert still waits."""
    FAILED_TO_STORE = 5
    WITHDRAWN = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bare:
    LENGTHS: ClassVar[range] = range(1)

    def to_payload(self) -> bytes:
        """Return no bytes."""
        return b""

    @classmethod
    def from_payload(cls, _payload: bytes) -> Self:
        """Return the message."""
        return cls()


class AckMessage(_Bare):
    """The message with this frame's sequence has come."""

    TYPE: ClassVar[int] = 0x02
    __slots__ = ()


class HeartbeatMessage(_Bare):
    """The dash unit is there."""

    TYPE: ClassVar[int] = 0x20
    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StateMessage:
    """The unit's state. Counts past their field's size are sent as its largest value."""

    TYPE: ClassVar[int] = 0x10
    LENGTHS: ClassVar[range] = range(_STATE.size, _STATE.size + 1)
    state: UnitState

    def to_payload(self) -> bytes:
        """Return the payload bytes."""
        state = self.state
        is_loaded = state.list_age_s is not None
        flags = _CAMERA_OK * state.camera_ok | _LIST_LOADED * is_loaded
        flags |= _LIST_EXPIRED * state.list_expired | _LIST_STALE * state.list_stale
        flags |= _PAUSED * state.is_paused | _HOT * state.is_hot | _COVERED * state.is_covered
        flags |= _TAMPERED * state.is_tampered
        flags |= _READING_STOPPED * state.reading_stopped
        return _STATE.pack(
            flags,
            state.gps,
            min(state.list_age_s or 0, MAX_LIST_AGE_S),
            min(state.fps, _U8),
            min(state.pending, _U8),
            min(state.missed, _U32),
            state.urgency,
            state.muted,
        )

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        """Return the message in ``payload``; ValueError outside the limits."""
        flags, gps, age_s, fps, pending, missed, urgency, muted = _STATE.unpack(payload)
        check("flags", flags, 0, _STATE_FLAGS)
        if not flags & _LIST_LOADED:
            check("list age", age_s, 0, 0)
            check("stale list", flags & _LIST_STALE, 0, 0)
        return cls(
            state=UnitState(
                camera_ok=bool(flags & _CAMERA_OK),
                gps=GpsState(gps),
                list_age_s=age_s if flags & _LIST_LOADED else None,
                list_stale=bool(flags & _LIST_STALE),
                list_expired=bool(flags & _LIST_EXPIRED),
                reading_stopped=bool(flags & _READING_STOPPED),
                fps=fps,
                pending=pending,
                missed=missed,
                is_paused=bool(flags & _PAUSED),
                is_hot=bool(flags & _HOT),
                is_covered=bool(flags & _COVERED),
                is_tampered=bool(flags & _TAMPERED),
                urgency=urgency,
                muted=muted,
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertMessage:
    """A hit as the officer sees it, without its picture. Confidences are percent.

    ``place_confidence`` is how sure it is that the plate is of ``jurisdiction``; 0: the officer must check.
    ``chance`` is that of the plate seen being the listed one; with any of the ``doubts`` the alert is no
    ground for a stop.
    """

    TYPE: ClassVar[int] = 0x11
    LENGTHS: ClassVar[range] = range(_ALERT.size, _ALERT.size + 1)
    alert_id: AlertId
    plate: str = field(repr=False)
    jurisdiction: str
    category: int
    priority: int
    confidence: int
    confidences: tuple[int, ...]
    list_age_s: int
    captured: Instant
    has_location: bool
    place_confidence: int
    picture_width: int
    picture_height: int
    chance: int
    doubts: Doubt

    def __post_init__(self) -> None:
        check("alert id", self.alert_id, 1, _U16)
        check_text("plate", PLATE, self.plate)
        check_text("jurisdiction", _JURISDICTION, self.jurisdiction)
        check("category", self.category, 1, _U8)
        check("priority", self.priority, 0, _U8)
        check("characters with a confidence", len(self.confidences), len(self.plate), len(self.plate))
        for percent in (self.confidence, self.place_confidence, self.chance, *self.confidences):
            check("confidence", percent, 0, FULL_PERCENT)
        check("doubts", self.doubts, 0, _ALL_DOUBTS)
        check("list age", self.list_age_s, 0, MAX_LIST_AGE_S)
        check("capture time", self.captured.at, 0, 2**64 - 1)
        if (self.picture_width, self.picture_height) not in ((PICTURE_WIDTH, PICTURE_HEIGHT), (0, 0)):
            raise ValueError(f"picture size: expected {PICTURE_WIDTH} x {PICTURE_HEIGHT} or 0 x 0")

    def to_payload(self) -> bytes:
        """Return the payload bytes."""
        return _ALERT.pack(
            self.alert_id,
            self.plate.encode("ascii"),
            self.jurisdiction.encode("ascii"),
            self.category,
            self.priority,
            self.confidence,
            bytes(self.confidences),
            self.list_age_s,
            self.captured.at,
            self.captured.source,
            self.has_location,
            self.place_confidence,
            self.picture_width,
            self.picture_height,
            self.chance,
            self.doubts,
        )

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        """Return the message in ``payload``; ValueError outside the limits."""
        fields = _ALERT.unpack(payload)
        alert_id, plate, jurisdiction, category, priority, confidence, confidences = fields[:7]
        age_s, captured_ms, clock, has_location, place_confidence, width, height, chance, doubts = fields[7:]
        text = padded_text(plate)
        if confidences[len(text) :].strip(b"\0"):
            raise ValueError("padding: expected zeros")
        check("location", has_location, 0, 1)
        return cls(
            alert_id=AlertId(alert_id),
            plate=text,
            jurisdiction=padded_text(jurisdiction),
            category=category,
            priority=priority,
            confidence=confidence,
            confidences=tuple(confidences[: len(text)]),
            list_age_s=age_s,
            captured=Instant(at=UnixMs(captured_ms), source=ClockSource(clock)),
            has_location=bool(has_location),
            place_confidence=place_confidence,
            picture_width=width,
            picture_height=height,
            chance=chance,
            doubts=Doubt(doubts),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureMessage:
    """A part of an alert's plate picture, from byte ``offset`` on."""

    TYPE: ClassVar[int] = 0x12
    LENGTHS: ClassVar[range] = range(_PICTURE.size + 1, _PICTURE.size + CHUNK_BYTES + 1)
    alert_id: AlertId
    offset: int
    chunk: bytes = field(repr=False)

    def __post_init__(self) -> None:
        check("alert id", self.alert_id, 1, _U16)
        check("chunk", len(self.chunk), 1, CHUNK_BYTES)
        check("offset", self.offset, 0, PICTURE_BYTES - len(self.chunk))

    def to_payload(self) -> bytes:
        """Return the payload bytes."""
        return _PICTURE.pack(self.alert_id, self.offset) + self.chunk

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        """Return the message in ``payload``; ValueError outside the limits."""
        alert_id, offset = _PICTURE.unpack_from(payload)
        return cls(alert_id=AlertId(alert_id), offset=offset, chunk=payload[_PICTURE.size :])


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeMessage:
    """What became of an alert."""

    TYPE: ClassVar[int] = 0x13
    LENGTHS: ClassVar[range] = range(_ID_AND_CODE.size, _ID_AND_CODE.size + 1)
    alert_id: AlertId
    outcome: Outcome

    def __post_init__(self) -> None:
        check("alert id", self.alert_id, 1, _U16)

    def to_payload(self) -> bytes:
        """Return the payload bytes."""
        return _ID_AND_CODE.pack(self.alert_id, self.outcome)

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        """Return the message in ``payload``; ValueError outside the limits."""
        alert_id, outcome = _ID_AND_CODE.unpack(payload)
        return cls(alert_id=AlertId(alert_id), outcome=Outcome(outcome))


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateMessage:
    """What later frames say of an alert that the dash holds; the fields as in `AlertMessage`."""

    TYPE: ClassVar[int] = 0x18
    LENGTHS: ClassVar[range] = range(_UPDATE.size, _UPDATE.size + 1)
    alert_id: AlertId
    chance: int
    place_confidence: int
    doubts: Doubt

    def __post_init__(self) -> None:
        check("alert id", self.alert_id, 1, _U16)
        check("chance", self.chance, 0, FULL_PERCENT)
        check("confidence", self.place_confidence, 0, FULL_PERCENT)
        check("doubts", self.doubts, 0, _ALL_DOUBTS)

    def to_payload(self) -> bytes:
        """Return the payload bytes."""
        return _UPDATE.pack(self.alert_id, self.chance, self.place_confidence, self.doubts)

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        """Return the message in ``payload``; ValueError outside the limits."""
        alert_id, chance, place_confidence, doubts = _UPDATE.unpack(payload)
        check("doubts", doubts, 0, _ALL_DOUBTS)
        return cls(
            alert_id=AlertId(alert_id),
            chance=chance,
            place_confidence=place_confidence,
            doubts=Doubt(doubts),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictMessage:
    """The officer's answer to an alert."""

    TYPE: ClassVar[int] = 0x22
    LENGTHS: ClassVar[range] = range(_ID_AND_CODE.size, _ID_AND_CODE.size + 1)
    alert_id: AlertId
    verdict: Verdict

    def __post_init__(self) -> None:
        check("alert id", self.alert_id, 1, _U16)
        if self.verdict is Verdict.UNANSWERED:
            raise ValueError("verdict: no answer is not sent")

    def to_payload(self) -> bytes:
        """Return the payload bytes."""
        return _ID_AND_CODE.pack(self.alert_id, self.verdict)

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        """Return the message in ``payload``; ValueError outside the limits."""
        alert_id, verdict = _ID_AND_CODE.unpack(payload)
        return cls(alert_id=AlertId(alert_id), verdict=Verdict(verdict))


FromUnit = (
    StateMessage
    | AlertMessage
    | PictureMessage
    | OutcomeMessage
    | ListMessage
    | SessionMessage
    | SettingsMessage
    | UpdateMessage
    | BatchMessage
)
FromDash = (
    HeartbeatMessage
    | LogInMessage
    | VerdictMessage
    | LogOutMessage
    | PauseMessage
    | MuteMessage
    | AdjustMessage
    | ReportMessage
)
Message = HelloMessage | AckMessage | FromUnit | FromDash
"""What can be sent."""
Received = Message | ForeignHello
"""What can come out of a frame."""

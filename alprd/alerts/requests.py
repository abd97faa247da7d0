"""Messages of the alert link beside the alerts: the officer's session, the dash's settings and requests.

See docs/formats/dash-link.md. Limits stand in the constructors, as in `messages`.
"""

from __future__ import annotations

import enum
import re
import struct
from dataclasses import dataclass, field
from typing import ClassVar, Final, Self

from alprd.alerts.fields import check, check_text, padded_text
from alprd.alerts.pairing import SECRET_BYTES
from alprd.records import MAX_BADGE, AlertId

MAX_CLASSES: Final = 8
"""Priority classes that a mask has a bit for: bit 0 is class 1."""
MAX_LEVEL: Final = 10
"""Brightness and volume go from 0 to this."""

_U8: Final = 0xFF
_U16: Final = 0xFFFF
_U32: Final = 0xFFFF_FFFF
_BADGE = re.compile(r"[!-~]{1,16}", re.ASCII)
_SECRET = re.compile(r"[!-~]{4,16}", re.ASCII)
_LOG_IN = struct.Struct("<I16s16s")
_SETTINGS = struct.Struct("<BBBB")
_BATCH = struct.Struct("<BHH")
_REPORT = struct.Struct("<HBBB")


class SessionCode(enum.IntEnum):
    """What the unit says of the officer's session."""

    NOBODY = 0
    ACTIVE = 1
    WRONG = 2
    """Badge unknown, or PIN wrong: nobody is told which."""
    TRAINING_OVER = 3
    NO_UNDERTAKING = 4
    LOCKED = 5
    """Too many wrong PINs: no log-in for a while."""
    ENDED = 6
    """The shift's time is over, or the dash was away for too long: logged out by the unit."""


class Tongue(enum.IntEnum):
    """Language of the dash's words."""

    ENGLISH = 1
    FRENCH = 2


class Light(enum.IntEnum):
    """Colours of the dash's display."""

    AUTO = 0
    """By the dash's light sensor."""
    DAY = 1
    NIGHT = 2


class LiveCheck(enum.IntEnum):
    """What the live system said of a confirmed hit before a stop."""

    NOT_MADE = 0
    AGREES = 1
    DIFFERS = 2
    NOT_REACHED = 3


class Action(enum.IntEnum):
    """What came of a confirmed hit."""

    NO_STOP = 1
    WARNING = 2
    TICKET = 3
    ARREST = 4
    RELEASED = 5
    WRONG_DRIVER = 6


class Notice(enum.IntEnum):
    """Whether the person stopped was told that the plate was read by a machine."""

    NOT_DUE = 0
    GIVEN = 1
    WITHHELD_FOR_SAFETY = 2


def check_secret(secret: str) -> None:
    """Refuse a PIN or token that is not 4 to 16 printable ASCII characters without spaces."""
    check_text("PIN", _SECRET, secret)


def check_badge(badge: str) -> None:
    """Refuse a badge that is not 1 to 16 printable ASCII characters without spaces."""
    check_text("badge", _BADGE, badge)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionMessage:
    """Who is logged in at the unit, or why nobody is. ``badge`` is empty unless ``code`` is ACTIVE."""

    TYPE: ClassVar[int] = 0x1A
    LENGTHS: ClassVar[range] = range(1, 1 + MAX_BADGE + 1)
    code: SessionCode
    badge: str = ""

    def __post_init__(self) -> None:
        if self.code is SessionCode.ACTIVE:
            check_badge(self.badge)
        else:
            check("badge", len(self.badge), 0, 0)

    def to_payload(self) -> bytes:
        """Return the payload bytes."""
        return bytes((self.code,)) + self.badge.encode("ascii")

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        """Return the message in ``payload``; ValueError outside the limits."""
        return cls(code=SessionCode(payload[0]), badge=payload[1:].decode("ascii"))


@dataclass(frozen=True, slots=True, kw_only=True)
class LogInMessage:
    """An officer's badge and PIN or token; ``covered`` is the latter as `SessionKeys.mask` leaves it.

    ``attempt`` counts the log-ins of a connection from 1.
    """

    TYPE: ClassVar[int] = 0x21
    LENGTHS: ClassVar[range] = range(_LOG_IN.size, _LOG_IN.size + 1)
    attempt: int
    badge: str
    covered: bytes = field(repr=False)

    def __post_init__(self) -> None:
        check("attempt", self.attempt, 1, _U32)
        check_badge(self.badge)
        check("covered PIN", len(self.covered), SECRET_BYTES, SECRET_BYTES)

    def to_payload(self) -> bytes:
        """Return the payload bytes."""
        return _LOG_IN.pack(self.attempt, self.badge.encode("ascii"), self.covered)

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        """Return the message in ``payload``; ValueError outside the limits."""
        attempt, badge, covered = _LOG_IN.unpack(payload)
        return cls(attempt=attempt, badge=padded_text(badge), covered=covered)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogOutMessage:
    """The officer ends the session."""

    TYPE: ClassVar[int] = 0x23
    LENGTHS: ClassVar[range] = range(1)

    def to_payload(self) -> bytes:
        """Return no bytes."""
        return b""

    @classmethod
    def from_payload(cls, _payload: bytes) -> Self:
        """Return the message."""
        return cls()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Levels:
    """Brightness and volume, 0 to 10, the colours and the language."""

    LENGTHS: ClassVar[range] = range(_SETTINGS.size, _SETTINGS.size + 1)
    brightness: int
    volume: int
    light: Light
    tongue: Tongue

    def __post_init__(self) -> None:
        check("brightness", self.brightness, 0, MAX_LEVEL)
        check("volume", self.volume, 0, MAX_LEVEL)

    def to_payload(self) -> bytes:
        """Return the payload bytes."""
        return _SETTINGS.pack(self.brightness, self.volume, self.light, self.tongue)

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        """Return the message in ``payload``; ValueError outside the limits."""
        brightness, volume, light, tongue = _SETTINGS.unpack(payload)
        return cls(brightness=brightness, volume=volume, light=Light(light), tongue=Tongue(tongue))


class SettingsMessage(_Levels):
    """How the dash is to look and sound."""

    TYPE: ClassVar[int] = 0x17
    __slots__ = ()


class AdjustMessage(_Levels):
    """How the officer has set the dash; the unit gives it back after a restart of the dash."""

    TYPE: ClassVar[int] = 0x26
    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchMessage:
    """Hits of ``category`` that passed without a prompt of their own, in the last ``seconds``."""

    TYPE: ClassVar[int] = 0x19
    LENGTHS: ClassVar[range] = range(_BATCH.size, _BATCH.size + 1)
    category: int
    count: int
    seconds: int

    def __post_init__(self) -> None:
        check("category", self.category, 1, _U8)
        check("count", self.count, 1, _U16)
        check("seconds", self.seconds, 1, _U16)

    def to_payload(self) -> bytes:
        """Return the payload bytes."""
        return _BATCH.pack(self.category, self.count, self.seconds)

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        """Return the message in ``payload``; ValueError outside the limits."""
        category, count, seconds = _BATCH.unpack(payload)
        return cls(category=category, count=count, seconds=seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseMessage:
    """The officer closes the camera, or opens it again."""

    TYPE: ClassVar[int] = 0x24
    LENGTHS: ClassVar[range] = range(1, 2)
    is_paused: bool

    def to_payload(self) -> bytes:
        """Return the payload bytes."""
        return bytes((self.is_paused,))

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        """Return the message in ``payload``; ValueError outside the limits."""
        check("pause", payload[0], 0, 1)
        return cls(is_paused=bool(payload[0]))


@dataclass(frozen=True, slots=True, kw_only=True)
class MuteMessage:
    """The priority classes that the officer wants left out, as a mask: bit 0 is class 1."""

    TYPE: ClassVar[int] = 0x25
    LENGTHS: ClassVar[range] = range(1, 2)
    classes: int

    def __post_init__(self) -> None:
        check("classes", self.classes, 0, _U8)

    def to_payload(self) -> bytes:
        """Return the payload bytes."""
        return bytes((self.classes,))

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        """Return the message in ``payload``; ValueError outside the limits."""
        return cls(classes=payload[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportMessage:
    """What came of a confirmed hit. A stop without a live check, or why there was none, cannot be said."""

    TYPE: ClassVar[int] = 0x27
    LENGTHS: ClassVar[range] = range(_REPORT.size, _REPORT.size + 1)
    alert_id: AlertId
    live_check: LiveCheck
    action: Action
    notice: Notice

    def __post_init__(self) -> None:
        check("alert id", self.alert_id, 1, _U16)
        is_stop = self.action is not Action.NO_STOP
        if is_stop and self.live_check is LiveCheck.NOT_MADE:
            raise ValueError("live check: a stop needs one, or why it was not reached")
        if is_stop == (self.notice is Notice.NOT_DUE):
            raise ValueError("notice: given or withheld at a stop, and at no other time")

    def to_payload(self) -> bytes:
        """Return the payload bytes."""
        return _REPORT.pack(self.alert_id, self.live_check, self.action, self.notice)

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        """Return the message in ``payload``; ValueError outside the limits."""
        alert_id, live_check, action, notice = _REPORT.unpack(payload)
        return cls(
            alert_id=AlertId(alert_id),
            live_check=LiveCheck(live_check),
            action=Action(action),
            notice=Notice(notice),
        )

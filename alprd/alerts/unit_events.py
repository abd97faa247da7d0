"""What happens at the unit's end of the alert link, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from alprd.records import Answer

if TYPE_CHECKING:
    from alprd.alerts.requests import MuteMessage, PauseMessage, ReportMessage
    from alprd.records import AlertId, MonotonicNs


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The line has taken an alert's text, for the first time: its first byte went at ``at`` or before."""

    alert_id: AlertId
    at: MonotonicNs


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The dash unit has acknowledged an alert's text, for the first time, at ``at``."""

    alert_id: AlertId
    at: MonotonicNs


@dataclass(frozen=True, slots=True, kw_only=True)
class LogIn:
    """An officer asks for a session; the PIN or token is not kept."""

    badge: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogOut:
    """The officer ends the session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """What else the dash asks for, or reports; ``badge`` is the officer's, empty for nobody."""

    message: PauseMessage | MuteMessage | ReportMessage
    badge: str


UnitEvent = Sent | Shown | Answer | LogIn | LogOut | Requested

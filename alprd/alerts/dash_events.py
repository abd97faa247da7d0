"""What the dash holds, and what happens at its end of the alert link, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from alprd.alerts.messages import PICTURE_BYTES

if TYPE_CHECKING:
    from alprd.alerts.details import CategoryMessage, PersonMessage, VehicleMessage
    from alprd.alerts.messages import AlertMessage, Outcome
    from alprd.alerts.requests import BatchMessage, SessionMessage, SettingsMessage
    from alprd.records import AlertId, MonotonicNs, UnitState, Verdict


@dataclass(slots=True, kw_only=True)
class DashAlert:
    """An alert that the dash holds. ``picture`` is 4-bit grey, ``drawn`` of its 3,456 bytes have come.

    ``vehicle`` is None until it has come. ``name`` is what its category is called, None for one of the closed
    set.
    """

    message: AlertMessage
    name: CategoryMessage | None = None
    vehicle: VehicleMessage | None = None
    picture: bytearray = field(default_factory=lambda: bytearray(PICTURE_BYTES), repr=False)
    drawn: int = 0
    verdict: Verdict | None = None

    @property
    def is_drawn(self) -> bool:
        """Whether the whole picture is here."""
        return self.drawn == PICTURE_BYTES

    def wipe(self) -> None:
        """Zero the picture, and let go of what the list says."""
        self.picture[:] = bytes(PICTURE_BYTES)
        self.vehicle = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DashPerson:
    """The owner of a confirmed plate, shown until ``until``."""

    message: PersonMessage
    until: MonotonicNs


@dataclass(frozen=True, slots=True, kw_only=True)
class StateArrived:
    """The unit's state, every second or so."""

    state: UnitState


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertArrived:
    """An alert to show. ``is_repeat``: it was shown before the link was lost; no second sound."""

    alert_id: AlertId
    is_repeat: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleArrived:
    """What the list says of the vehicle of an alert is here."""

    alert_id: AlertId


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonArrived:
    """The owner of a confirmed plate is here."""

    alert_id: AlertId


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonGone:
    """An owner was taken down: by the officer, at the time limit, or with the link."""

    alert_id: AlertId


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertUpdated:
    """Later frames say more of an alert."""

    alert_id: AlertId


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionChanged:
    """Who is logged in at the unit, or why nobody is."""

    session: SessionMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsArrived:
    """How this dash is to look and sound."""

    settings: SettingsMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchArrived:
    """Hits passed that were not worth a prompt each."""

    batch: BatchMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureArrived:
    """The picture of an alert is whole."""

    alert_id: AlertId


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeArrived:
    """What became of an alert, and the verdict given here, None if it was given none."""

    alert_id: AlertId
    outcome: Outcome
    verdict: Verdict | None


DashEvent = (
    StateArrived
    | AlertArrived
    | VehicleArrived
    | PersonArrived
    | PersonGone
    | PictureArrived
    | OutcomeArrived
    | AlertUpdated
    | SessionChanged
    | SettingsArrived
    | BatchArrived
)

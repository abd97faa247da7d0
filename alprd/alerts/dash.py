"""The daemon's side of the dash unit: a thread that serves the link, and what the daemon says to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from alprd.alerts.line import LineThread, new_nonce, new_session, now_ns, serial_opener
from alprd.alerts.link import LinkChanged
from alprd.alerts.messages import PICTURE_BYTES, PICTURE_HEIGHT, PICTURE_WIDTH, Outcome
from alprd.alerts.slots import alert_message
from alprd.alerts.unit_events import LogIn, LogOut, Requested, Sent, Shown
from alprd.alerts.unit_link import UnitLink
from alprd.memory import locked_array, wipe
from alprd.records import Answer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alprd.alerts.details import CategoryMessage, PersonMessage, VehicleMessage
    from alprd.alerts.pairing import Pairing
    from alprd.alerts.requests import BatchMessage, SessionMessage, SettingsMessage
    from alprd.records import Alert, AlertId, Doubt, UnitState

__all__ = [
    "Answer",
    "Dash",
    "Event",
    "LinkChanged",
    "LogIn",
    "LogOut",
    "Outcome",
    "Requested",
    "Sent",
    "Shown",
]

Event = Answer | Sent | Shown | LogIn | LogOut | Requested | LinkChanged
"""What `Dash.events` gives: what the officer did, an alert's way to the dash, the link coming and going."""

_HIGH_NIBBLE = np.uint8(0xF0)
_NIBBLE_BITS = np.uint8(4)


class Dash(LineThread):
    """The dash unit at serial device ``port``; ``slots`` alerts at most wait for a verdict at once."""

    def __init__(
        self,
        port: str,
        baud: int,
        build: str,
        *,
        pairing: Pairing,
        slots: int = 8,
        settings: SettingsMessage | None = None,
    ) -> None:
        self._pictures: NDArray[np.uint8] = locked_array((slots, PICTURE_BYTES), "u1")
        self._low: NDArray[np.uint8] = locked_array((PICTURE_HEIGHT, PICTURE_WIDTH // 2), "u1")
        self._unit = UnitLink(
            build=build,
            session=new_session(),
            nonce=new_nonce(),
            baud=baud,
            pairing=pairing,
            pictures=self._pictures,
            **({} if settings is None else {"settings": settings}),
        )
        super().__init__("dash", self._unit, serial_opener(port, baud))

    @property
    def badge(self) -> str | None:
        """The officer who is logged in, None when nobody is."""
        return self._unit.badge

    @property
    def forged_frames(self) -> int:
        """Well-formed frames that the paired dash did not make."""
        return self._unit.forged_frames

    def set_session(self, session: SessionMessage) -> None:
        """Say who is logged in from now on, or why nobody is."""
        with self.lock:
            self._unit.set_session(session)
        self.wake()

    def update(
        self, alert_id: AlertId, *, chance: float, place_confidence: float | None, doubts: Doubt
    ) -> None:
        """Tell the dash what later frames say of an alert."""
        with self.lock:
            self._unit.update(alert_id, chance=chance, place_confidence=place_confidence, doubts=doubts)
        self.wake()

    def batch(self, message: BatchMessage) -> None:
        """Tell the dash of hits that passed without a prompt each."""
        with self.lock:
            self._unit.batch(message)
        self.wake()

    def show(self, alert: Alert, picture: NDArray[np.uint8]) -> bool:
        """Put an alert to the officer; False when every slot is taken, and after `stop`.

        ``picture`` is uint8 (48, 144), 8-bit grey; its upper 4 bits go into this object's own locked
        slot, nothing else of it is kept. While the link is down the alert waits for it to come up.
        """
        message = alert_message(alert)
        with self.lock:
            packed = None if self._is_stopping else self._unit.show(message)
            if packed is None:
                return False
            pairs = packed.reshape(PICTURE_HEIGHT, PICTURE_WIDTH // 2)
            np.bitwise_and(picture[:, 0::2], _HIGH_NIBBLE, out=pairs)
            np.right_shift(picture[:, 1::2], _NIBBLE_BITS, out=self._low)
            np.bitwise_or(pairs, self._low, out=pairs)
            wipe(self._low)
        self.wake()
        return True

    def name_category(self, name: CategoryMessage) -> None:
        """Have the dash call an added category so, from the next alert of it on."""
        with self.lock:
            self._unit.name_category(name)

    def describe(self, vehicle: VehicleMessage) -> None:
        """Have the dash show what the list says of the vehicle of a waiting alert."""
        with self.lock:
            self._unit.describe(vehicle)
        self.wake()

    def disclose(self, person: PersonMessage) -> None:
        """Have the dash show the owner of a confirmed plate; without a link it is forgotten."""
        with self.lock:
            if not self._is_stopping:
                self._unit.disclose(person)
        self.wake()

    def conclude(self, alert_id: AlertId, outcome: Outcome) -> None:
        """End an alert: wipe and free its slot, and have the dash take it down."""
        with self.lock:
            self._unit.conclude(alert_id, outcome)
        self.wake()

    def update_state(self, state: UnitState) -> None:
        """Note what the dash always shows; what matters of a change is sent within 0.2 s."""
        with self.lock:
            is_urgent = self._unit.update_state(state, now_ns())
        if is_urgent:
            self.wake()

    def events(self) -> list[Event]:
        """Return what happened since the last call, oldest first."""
        with self.lock:
            return self._unit.events()

    def stop(self, timeout_s: float = 1.0) -> None:
        """Withdraw every alert, which wipes its slot; forget every owner; end the thread in ``timeout_s``."""
        with self.lock:
            self._is_stopping = True
            self._unit.withhold()
            self._unit.conclude_all(Outcome.WITHDRAWN)
        super().stop(timeout_s)

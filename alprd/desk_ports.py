"""What the alert desk asks of the dash, the disk, the surroundings, the list and the books."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from alprd.alerts.details import CategoryMessage, PersonMessage, VehicleMessage
    from alprd.alerts.messages import Outcome
    from alprd.alerts.requests import BatchMessage
    from alprd.records import Alert, AlertId, Doubt, Fix, Hit, Instant, MonotonicNs, Verdict


class AlertPort(Protocol):
    """The dash link, as the desk uses it."""

    def show(self, alert: Alert, picture: NDArray[np.uint8]) -> bool:
        """Queue ``alert`` with its picture (48, 144); False when the queue is full."""

    def name_category(self, name: CategoryMessage) -> None:
        """Call an added category so, from the next alert of it on."""

    def describe(self, vehicle: VehicleMessage) -> None:
        """Add what the list says of the vehicle of an alert that was shown."""

    def disclose(self, person: PersonMessage) -> None:
        """Show the owner of a plate that an officer has CONFIRMED, for a while."""

    def update(
        self, alert_id: AlertId, *, chance: float, place_confidence: float | None, doubts: Doubt
    ) -> None:
        """Say what later frames make of an alert."""

    def batch(self, message: BatchMessage) -> None:
        """Say in one line what passed without a prompt of its own."""

    def conclude(self, alert_id: AlertId, outcome: Outcome) -> None:
        """Say how the alert ended and forget its picture."""


class EvidenceSink(Protocol):
    """Where sealed records go."""

    def next_sequence(self) -> int:
        """Return the number of the next record."""

    def append(self, blob: bytes, sequence: int) -> None:
        """Write one sealed record durably; StorageError when that fails."""


class Surroundings(Protocol):
    """What is known of place and time at a moment."""

    def fix(self, now: MonotonicNs) -> Fix | None:
        """Return a fix that is fresh at ``now``, else None."""

    def instant(self, now: MonotonicNs) -> Instant:
        """Return the time of day at ``now`` and what it rests on."""


class ListClock(Protocol):
    """How old the list in force is."""

    def age_s(self, now: MonotonicNs) -> int | None:
        """Return its age in seconds, None when there is none."""

    def is_stale(self, now: MonotonicNs) -> bool:
        """Return whether it is over its age limit."""


class Books(Protocol):
    """What is written down of verdicts; who they were and why."""

    def answered(self, hit: Hit, verdict: Verdict, badge: str) -> None:
        """Note a verdict; nobody gave UNANSWERED."""

    def sealed(self, hit: Hit, badge: str, sequence: int) -> None:
        """Note that the record ``sequence`` was sealed for a confirmed hit."""

    def owner_shown(self, hit: Hit, badge: str) -> None:
        """Note that the registered owner was shown."""

"""Alerts that wait at the unit: their phases as a table, and what is sent of each."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from alprd.alerts.messages import (
    CHUNK_BYTES,
    FULL_PERCENT,
    MAX_LIST_AGE_S,
    PICTURE_HEIGHT,
    PICTURE_WIDTH,
    AlertMessage,
    PictureMessage,
    UpdateMessage,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from alprd.alerts.details import VehicleMessage
    from alprd.records import Alert


class AlertPhase(enum.Enum):
    """Where an alert stands at the unit."""

    QUEUED = "queued"
    DRAWING = "drawing"
    """The dash shows it, its picture is on the way."""
    SHOWN = "shown"
    GONE = "gone"


class AlertTrigger(enum.Enum):
    """What moves an alert from one phase to another."""

    ACKED = "ALERT acknowledged"
    DRAWN = "whole picture acknowledged, or none wanted"
    LINK_LOST = "link lost"
    TAKEN_DOWN = "session changed"
    CONCLUDED = "concluded"


ALERT_TRANSITIONS: Final[Mapping[AlertPhase, Mapping[AlertTrigger, AlertPhase]]] = {
    AlertPhase.QUEUED: {
        AlertTrigger.ACKED: AlertPhase.DRAWING,
        AlertTrigger.LINK_LOST: AlertPhase.QUEUED,
        AlertTrigger.TAKEN_DOWN: AlertPhase.QUEUED,
        AlertTrigger.CONCLUDED: AlertPhase.GONE,
    },
    AlertPhase.DRAWING: {
        AlertTrigger.DRAWN: AlertPhase.SHOWN,
        AlertTrigger.LINK_LOST: AlertPhase.QUEUED,
        AlertTrigger.TAKEN_DOWN: AlertPhase.QUEUED,
        AlertTrigger.CONCLUDED: AlertPhase.GONE,
    },
    AlertPhase.SHOWN: {
        AlertTrigger.LINK_LOST: AlertPhase.QUEUED,
        AlertTrigger.TAKEN_DOWN: AlertPhase.QUEUED,
        AlertTrigger.CONCLUDED: AlertPhase.GONE,
    },
    AlertPhase.GONE: {},
}


@dataclass(slots=True, kw_only=True)
class Slot:
    """An alert that waits; ``sent`` bytes of its picture are at the dash."""

    message: AlertMessage
    picture: NDArray[np.uint8]
    phase: AlertPhase = AlertPhase.QUEUED
    sent: int = 0
    vehicle: VehicleMessage | None = None
    is_described: bool = False
    was_sent: bool = False
    was_shown: bool = False
    is_answered: bool = False
    is_updated: bool = False
    """The dash holds an older chance or doubts than ``message``."""

    def step(self, trigger: AlertTrigger) -> None:
        """Move on by the table."""
        self.phase = ALERT_TRANSITIONS[self.phase][trigger]


def most_urgent(slots: list[Slot]) -> Slot:
    """Return the slot of the highest priority, the oldest of equals."""
    return max(slots, key=lambda slot: slot.message.priority)


def chunk(slot: Slot, offset: int | None = None) -> PictureMessage:
    """Return the part of the picture from ``offset``, of what the dash has not acknowledged the first."""
    start = slot.sent if offset is None else offset
    part = slot.picture[start : start + CHUNK_BYTES].tobytes()
    return PictureMessage(alert_id=slot.message.alert_id, offset=start, chunk=part)


def update_of(message: AlertMessage) -> UpdateMessage:
    """Return what of an alert may change while it waits."""
    return UpdateMessage(
        alert_id=message.alert_id,
        chance=message.chance,
        place_confidence=message.place_confidence,
        doubts=message.doubts,
    )


def percent(share: float) -> int:
    """Return a share of 0 to 1 as the link carries it."""
    return min(FULL_PERCENT, max(0, round(share * FULL_PERCENT)))


def place_percent(share: float | None) -> int:
    """Return how sure a jurisdiction is as the link carries it: 0 where it is not known."""
    return 0 if share is None else max(1, percent(share))


def alert_message(alert: Alert) -> AlertMessage:
    """Return ``alert`` as it goes over the link, announcing a picture."""
    hit = alert.hit
    return AlertMessage(
        alert_id=alert.alert_id,
        plate=hit.entry.plate,
        jurisdiction=hit.entry.jurisdiction,
        category=hit.entry.category,
        priority=hit.entry.priority,
        confidence=percent(hit.confidence),
        confidences=tuple(percent(share) for share in hit.confidences),
        list_age_s=min(alert.list_age_s, MAX_LIST_AGE_S),
        captured=hit.instant,
        has_location=hit.fix is not None,
        place_confidence=place_percent(hit.place_confidence),
        picture_width=PICTURE_WIDTH,
        picture_height=PICTURE_HEIGHT,
        chance=percent(hit.chance),
        doubts=hit.doubts,
    )


def detail(at_dash: list[Slot]) -> UpdateMessage | VehicleMessage | PictureMessage | None:
    """Return what is to follow the alerts ``at_dash``, which the dash holds, of the most urgent first."""
    updated = [slot for slot in at_dash if slot.is_updated]
    if updated:
        return update_of(most_urgent(updated).message)
    untold = [slot for slot in at_dash if slot.vehicle and not slot.is_described]
    if untold:
        return most_urgent(untold).vehicle
    drawing = [slot for slot in at_dash if slot.phase is AlertPhase.DRAWING]
    return chunk(most_urgent(drawing)) if drawing else None

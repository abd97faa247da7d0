"""A unit's and a dash's end of the link on a simulated line, and the alerts that tests send over it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from alprd.alerts.dash_link import DashLink
from alprd.alerts.link import Phase
from alprd.alerts.messages import PICTURE_BYTES, AlertMessage
from alprd.alerts.unit_link import UnitLink
from alprd.alerts.wire import Decoder
from alprd.records import Alert, AlertId, ClockSource, Entry, Hit, Instant, MonotonicNs, UnixMs
from tests.sim.dash_unit import SimulatedLine
from tests.vectors.dash_link.generate import ALERT

if TYPE_CHECKING:
    from collections.abc import Callable

BAUD = 115_200


PLATE = ALERT.plate
PICTURE = np.random.default_rng(0).integers(0, 256, (48, 144)).astype(np.uint8)


def daemon_alert(number: int) -> Alert:
    """Return an alert as the daemon has it."""
    entry = Entry(plate=PLATE, jurisdiction="CA-ON", category=11, priority=3, expires=0)
    hit = Hit(
        entry_number=number,
        entry=entry,
        chance=0.97,
        confidence=0.97,
        confidences=(0.9,) * len(PLATE),
        place_confidence=None,
        list_sequence=1,
        captured_at=MonotonicNs(1),
        instant=Instant(at=UnixMs(1000 + number), source=ClockSource.GPS),
        fix=None,
    )
    return Alert(alert_id=AlertId(number), hit=hit, list_age_s=60)


def alert(number: int, priority: int = 1) -> AlertMessage:
    captured = dataclasses.replace(ALERT.captured, at=UnixMs(1000 + number))
    return dataclasses.replace(ALERT, alert_id=AlertId(number), priority=priority, captured=captured)


def unit_link(slots: int = 8, session: int = 1) -> UnitLink:
    pictures = np.zeros((slots, PICTURE_BYTES), np.uint8)
    return UnitLink(build="unit", session=session, baud=BAUD, pictures=pictures)


def dash_link(badge: str = "4711", session: int = 1000, **display: int) -> DashLink:
    link = DashLink(build="dash", session=session, baud=BAUD, **display)
    link.log_in(badge)
    return link


class Pair:
    """A unit and a dash on a line that works, with all their events by the time they came."""

    def __init__(
        self,
        unit: UnitLink | None = None,
        dash: DashLink | None = None,
        spoil: Callable[[bytes], bytes] = lambda data: data,
    ) -> None:
        self.unit = unit or unit_link()
        self.dash = dash or dash_link()
        self.line = SimulatedLine(self.unit, self.dash, spoil)
        self.at_unit: list[Any] = []
        self.at_dash: list[Any] = []
        self.unit.connect(self.line.now)
        self.dash.connect(self.line.now)

    def collect(self) -> None:
        self.at_unit += self.unit.events()
        self.at_dash += self.dash.events()

    def run(self, duration_s: float) -> None:
        self.line.run(duration_s, self.collect)

    def restart_dash(self, dash: DashLink) -> None:
        self.dash = dash
        self.line.ends = (self.unit, dash)
        dash.connect(self.line.now)

    def seen(self, kind: type) -> list[Any]:
        return [event for event in self.at_unit + self.at_dash if isinstance(event, kind)]


def linked(**links: Any) -> Pair:
    pair = Pair(**links)
    pair.run(0.5)
    assert pair.unit.phase is pair.dash.phase is Phase.UP
    pair.at_unit.clear()
    pair.at_dash.clear()
    return pair


def messages_in(data: bytes) -> list[Any]:
    return [f.message for f in Decoder().feed(data)]

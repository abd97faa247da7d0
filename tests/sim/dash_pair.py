"""A unit's and a dash's end of the link on a simulated line, and the alerts that tests send over it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from alprd.alerts.dash_link import DashLink
from alprd.alerts.hello import PEER_AT, HelloMessage, Role
from alprd.alerts.link import Link, LinkChanged
from alprd.alerts.messages import PICTURE_BYTES, AlertMessage, Message
from alprd.alerts.pairing import NO_NONCE, Pairing
from alprd.alerts.phases import Phase
from alprd.alerts.requests import SessionCode, SessionMessage
from alprd.alerts.unit_events import LogIn, LogOut
from alprd.alerts.unit_link import UnitLink
from alprd.alerts.wire import Decoder
from alprd.records import Alert, AlertId, ClockSource, Entry, Hit, Instant, LinkState, MonotonicNs, UnixMs
from tests.sim.dash_unit import SimulatedLine
from tests.vectors.dash_link.generate import ALERT

if TYPE_CHECKING:
    from collections.abc import Callable

    from alprd.alerts.dash import Dash

BAUD = 115_200
KEY_OF_PAIRING = b"k" * 32
PAIRING = Pairing(KEY_OF_PAIRING)
PIN = "2468"


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
    return UnitLink(
        build="unit", session=session, nonce=b"u" * 16, baud=BAUD, pairing=PAIRING, pictures=pictures
    )


def dash_link(session: int = 1000, **display: int) -> DashLink:
    return DashLink(build="dash", session=session, nonce=b"d" * 16, baud=BAUD, pairing=PAIRING, **display)


def active(badge: str) -> SessionMessage:
    return SessionMessage(code=SessionCode.ACTIVE, badge=badge)


def log_in(unit: UnitLink | Dash, event: LogIn | LogOut) -> None:
    """Do as a unit does whose every officer has the same PIN."""
    if isinstance(event, LogOut):
        unit.set_session(SessionMessage(code=SessionCode.NOBODY))
    elif event.secret == PIN:
        unit.set_session(active(event.badge))
    else:
        unit.set_session(SessionMessage(code=SessionCode.WRONG))


Said = tuple[int, Message]
"""A message and its sequence."""


def noting(encode: Callable[[Message, int], bytes], tape: list[Said]) -> Callable[[Message, int], bytes]:
    """Return ``encode`` with what it is given written down."""

    def noted(message: Message, sequence: int) -> bytes:
        tape.append((sequence, message))
        return encode(message, sequence)

    return noted


class Pair:
    """A unit and a dash on a line that works, with all their events by the time they came."""

    def __init__(
        self,
        unit: UnitLink | None = None,
        dash: DashLink | None = None,
        spoil: Callable[[bytes], bytes] = lambda data: data,
        badge: str = "4711",
    ) -> None:
        self.badge = badge
        self.unit = unit or unit_link()
        self.dash = dash or dash_link()
        self.line = SimulatedLine(self.unit, self.dash, spoil)
        self.at_unit: list[Any] = []
        self.at_dash: list[Any] = []
        self.said: tuple[list[Said], list[Said]] = ([], [])
        """All that the unit and the dash have put on the line, over every connection."""
        ends: tuple[Link[Any], Link[Any]] = (self.unit, self.dash)
        for end, tape in zip(ends, self.said, strict=True):
            end._encode = noting(end._encode, tape)  # type: ignore[method-assign,assignment]  # a tape
        self.unit.connect(self.line.now)
        self.dash.connect(self.line.now)

    def collect(self) -> None:
        for event in self.unit.events():
            if isinstance(event, LogIn | LogOut):
                log_in(self.unit, event)
            self.at_unit.append(event)
        for said in self.dash.events():
            if self.badge and isinstance(said, LinkChanged) and said.state is LinkState.UP:
                self.dash.log_in(self.badge, PIN)
            self.at_dash.append(said)

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


def messages_in(data: bytes, end: Link[Any]) -> list[Any]:
    """Return what ``end`` has sent with ``data``, in its present connection and its greetings."""
    return [f.message for f in decoder_of(end).feed(data)]


def decoder_of(end: Link[Any]) -> Decoder:
    """Return what reads the bytes that ``end`` sends."""

    def key_of(body: bytes) -> bytes | None:
        if body[0] == HelloMessage.TYPE:
            is_named = body[PEER_AT : PEER_AT + 4] != bytes(4)
            return PAIRING.hello(end.peer_hello.nonce if is_named and end.peer_hello else NO_NONCE)
        if end._keys is None:
            return None
        return end._keys.unit if end._hello.role is Role.UNIT else end._keys.dash

    return Decoder(key_of)


def say(end: Link[Any], message: Any, sequence: int) -> bytes:
    """Return ``message`` as ``end`` would send it now."""
    return end._encode(message, sequence)

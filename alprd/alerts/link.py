"""One end of the alert link: greeting, acknowledgement, retry, heartbeat (see docs/formats/dash-link.md).

No I/O: bytes come in with `receive`, go out with `take`, and time is an argument. `unit_link` and
`dash_link` say what each end sends and accepts.
"""

from __future__ import annotations

import enum
from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from alprd.alerts.messages import (
    PROTOCOL,
    AckMessage,
    ForeignHello,
    HelloMessage,
    Message,
    Received,
)
from alprd.alerts.wire import DELIMITER, LAST_SEQUENCE, MAX_ENCODED, Decoder, Frame, encode
from alprd.errors import LinkLostError, LinkSkewError
from alprd.records import LinkState, MonotonicNs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alprd.errors import DashError

_NS: Final = 1_000_000_000
_MS: Final = 1_000_000
HEARTBEAT_NS: Final = 900 * _MS
LOST_NS: Final = 2_000 * _MS
MARGIN_NS: Final = 60 * _MS
LONGEST_WAIT_NS: Final = 400 * _MS
TRIES: Final = 12
MAX_ACKS: Final = 8
"""Acknowledgements held for the next `take`; a peer that sends more without hearing is babbling."""
_BITS_PER_BYTE: Final = 10
_MAX_DOUBLINGS: Final = 8
_LAST_SESSION: Final = 0xFFFF_FFFF


class Phase(enum.Enum):
    """Where an end stands."""

    CLOSED = "closed"
    """No port."""
    GREETING = "greeting"
    UP = "up"
    REFUSED = "refused"
    """The other end speaks another version."""


class Trigger(enum.Enum):
    """What moves an end from one phase to another."""

    OPENED = "port opened"
    GREETED = "both HELLOs acknowledged"
    RESTARTED = "HELLO of another session"
    SILENT = "2 s without a frame"
    UNANSWERED = "12 tries without an ACK"
    SKEWED = "HELLO of another version"
    MATCHED = "HELLO of this version"
    PORT_LOST = "port lost"


TRANSITIONS: Final[Mapping[Phase, Mapping[Trigger, Phase]]] = {
    Phase.CLOSED: {Trigger.OPENED: Phase.GREETING},
    Phase.GREETING: {
        Trigger.GREETED: Phase.UP,
        Trigger.SKEWED: Phase.REFUSED,
        Trigger.PORT_LOST: Phase.CLOSED,
    },
    Phase.UP: {
        Trigger.RESTARTED: Phase.GREETING,
        Trigger.SILENT: Phase.GREETING,
        Trigger.UNANSWERED: Phase.GREETING,
        Trigger.SKEWED: Phase.REFUSED,
        Trigger.PORT_LOST: Phase.CLOSED,
    },
    Phase.REFUSED: {Trigger.MATCHED: Phase.GREETING, Trigger.PORT_LOST: Phase.CLOSED},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkChanged:
    """The link came up, went down, or was refused; ``error`` says why it is down."""

    state: LinkState
    error: DashError | None = None


@dataclass(slots=True, kw_only=True)
class _Flight:
    """The one message that waits for its ACK."""

    sequence: int
    message: Message
    encoded: bytes
    due: MonotonicNs
    tries: int = 0


EventT = TypeVar("EventT")


class Link(ABC, Generic[EventT]):
    """What both ends have in common.

    ``hello`` is this end's first HELLO; its session is a number that another start of this end does not
    have. ``baud`` sets how long an acknowledgement may take.
    """

    def __init__(self, hello: HelloMessage, baud: int) -> None:
        self._hello = hello
        self._first_wait_ns = MARGIN_NS + 2 * (MAX_ENCODED + 1) * _BITS_PER_BYTE * _NS // baud
        self._phase = Phase.CLOSED
        self._decoder = Decoder()
        self._sequence = 0
        self._last_received = 0
        self._flight: _Flight | None = None
        self._acks: deque[int] = deque(maxlen=MAX_ACKS)
        self._has_acked_hello = False
        self._is_hello_acked = False
        self._heard_at = MonotonicNs(0)
        self._beat_due = MonotonicNs(0)
        self._events: list[EventT | LinkChanged] = []
        self.peer_hello: HelloMessage | None = None
        """The other end's last HELLO; None before the first and after the port was lost."""
        self.strays = 0
        """Well-formed frames that were not for this end, or not before the greeting was done."""

    @property
    def phase(self) -> Phase:
        """Where this end stands."""
        return self._phase

    @property
    def state(self) -> LinkState:
        """Whether the other end answers."""
        return LinkState.UP if self._phase is Phase.UP else LinkState.DOWN

    @property
    def refused_frames(self) -> int:
        """Frames that the line spoiled, since the start."""
        return self._decoder.faults.total()

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits to be sent or acknowledged, heartbeats aside."""
        return self._flight is None and not self._acks and self._choose() is None

    def connect(self, now: MonotonicNs) -> None:
        """Start greeting: the port is open."""
        self._decoder.reset()
        self._step(Trigger.OPENED, now)

    def disconnect(self, now: MonotonicNs, error: DashError | None = None) -> None:
        """Forget the other end: the port is gone, because of ``error``."""
        if self._phase is not Phase.CLOSED:
            self._step(Trigger.PORT_LOST, now, error or LinkLostError("the dash port is gone"))

    def receive(self, data: bytes, now: MonotonicNs) -> None:
        """Take bytes from the line. What is no frame is counted and dropped; nothing is raised."""
        if self._phase is Phase.CLOSED:
            return
        for frame in self._decoder.feed(data):
            self._handle(frame, now)

    def take(self, now: MonotonicNs) -> bytes:
        """Run the timers and return the bytes to put on the line now, empty when there are none."""
        self.tick(now)
        if self._phase is Phase.CLOSED:
            return b""
        out = bytearray()
        while self._acks:
            out += encode(AckMessage(), self._acks.popleft())
        if self._phase is Phase.UP and now >= self._beat_due:
            out += encode(self._heartbeat(), 0)
            self._beat_due = MonotonicNs(now + HEARTBEAT_NS)
        return bytes(out + self._reliable(now))

    def tick(self, now: MonotonicNs) -> None:
        """Run the timers only: for a caller whose line takes no bytes at the moment."""
        if self._phase is not Phase.UP:
            return
        flight = self._flight
        if now - self._heard_at >= LOST_NS:
            self._step(Trigger.SILENT, now, LinkLostError("nothing heard from the other end for 2 s"))
        elif flight is not None and flight.tries >= TRIES and now >= flight.due:
            error = LinkLostError(f"no acknowledgement of {type(flight.message).__name__} in {TRIES} tries")
            self._step(Trigger.UNANSWERED, now, error)

    def deadline(self) -> MonotonicNs | None:
        """Return when `take` has something to do without being fed, None for never."""
        times = [] if self._flight is None else [self._flight.due]
        if self._phase is Phase.UP:
            times += [self._beat_due, MonotonicNs(self._heard_at + LOST_NS)]
        return min(times, default=None)

    def events(self) -> list[EventT | LinkChanged]:
        """Return what happened since the last call, oldest first."""
        events, self._events = self._events, []
        return events

    @abstractmethod
    def _choose(self) -> Message | None:
        """Return the message to send next, of those that need an ACK, without any change of state."""

    @abstractmethod
    def _accept(self, message: Received, now: MonotonicNs) -> bool:
        """Take ``message``; return False for one that must not be acknowledged."""

    @abstractmethod
    def _delivered(self, message: Message, now: MonotonicNs) -> None:
        """Note that the other end has ``message``."""

    @abstractmethod
    def _heartbeat(self) -> Message:
        """Return what is sent every 900 ms."""

    @abstractmethod
    def _came_up(self) -> None:
        """Start over with an other end that knows nothing."""

    @abstractmethod
    def _went_down(self) -> None:
        """Let go of what only holds while the link is up."""

    def _step(self, trigger: Trigger, now: MonotonicNs, error: DashError | None = None) -> None:
        before, after = self._phase, TRANSITIONS[self._phase][trigger]
        self._phase = after
        self._flight = None
        self._acks.clear()
        if before is Phase.UP:
            self._went_down()
        if after is Phase.UP:
            self._heard_at = self._beat_due = now
            self._came_up()
            self._events.append(LinkChanged(state=LinkState.UP))
        elif before is Phase.UP or after is Phase.REFUSED:
            self._events.append(LinkChanged(state=LinkState.DOWN, error=error))
        if after is Phase.GREETING:
            session = self._hello.session % _LAST_SESSION + 1
            self._hello = replace(self._hello, session=session, peer=0)
            self._has_acked_hello = self._is_hello_acked = False
            self.peer_hello = None

    def _handle(self, frame: Frame, now: MonotonicNs) -> None:
        message = frame.message
        match message:
            case ForeignHello():
                self._refuse(message, now)
            case HelloMessage():
                self._greet(message, frame.sequence, now)
            case AckMessage():
                self._acknowledged(frame.sequence, now)
            case _ if self._phase is not Phase.UP:
                self.strays += 1
            case _:
                self._heard_at = now
                self._take_in(message, frame.sequence, now)

    def _take_in(self, message: Received, sequence: int, now: MonotonicNs) -> None:
        is_repeat = sequence != 0 and sequence == self._last_received
        if not is_repeat and not self._accept(message, now):
            self.strays += 1
        elif sequence:
            self._last_received = sequence
            self._acks.append(sequence)

    def _refuse(self, hello: ForeignHello, now: MonotonicNs) -> None:
        if self._phase is not Phase.REFUSED:
            error = LinkSkewError(f"expected protocol version {PROTOCOL}, found {hello.version}")
            self._step(Trigger.SKEWED, now, error)

    def _greet(self, hello: HelloMessage, sequence: int, now: MonotonicNs) -> None:
        if hello.role is self._hello.role:  # our own bytes, echoed by the line
            self.strays += 1
            return
        if self._phase is Phase.REFUSED:
            self._step(Trigger.MATCHED, now)
        if hello.session != self._hello.peer:
            self._note_peer(hello, now)
        if hello.peer != self._hello.session:
            return
        self._heard_at = now
        self._acks.append(sequence)
        if self._phase is Phase.GREETING:
            self._last_received = sequence
            self._has_acked_hello = True
            self._finish_greeting(now)

    def _note_peer(self, hello: HelloMessage, now: MonotonicNs) -> None:
        """Start over with the other end's new session; our HELLO on its way does not name it yet."""
        if self._phase is Phase.UP:
            self._step(Trigger.RESTARTED, now, LinkLostError("the other end has restarted"))
        self._hello = replace(self._hello, peer=hello.session)
        self._has_acked_hello = self._is_hello_acked = False
        self._flight = None
        self.peer_hello = hello

    def _acknowledged(self, sequence: int, now: MonotonicNs) -> None:
        flight = self._flight
        if flight is None or flight.sequence != sequence:
            return
        if isinstance(flight.message, HelloMessage):
            if flight.message.peer:
                self._flight = None
                self._is_hello_acked = True
                self._finish_greeting(now)
        else:
            self._heard_at = now
            self._flight = None
            self._delivered(flight.message, now)

    def _finish_greeting(self, now: MonotonicNs) -> None:
        if self._has_acked_hello and self._is_hello_acked:
            acks = tuple(self._acks)
            self._step(Trigger.GREETED, now)
            self._acks.extend(acks)

    def _reliable(self, now: MonotonicNs) -> bytes:
        flight = self._flight or self._launch(now)
        if flight is None or now < flight.due:
            return b""
        wait_ns = self._first_wait_ns << min(flight.tries, _MAX_DOUBLINGS)
        flight.due = MonotonicNs(now + min(wait_ns, max(LONGEST_WAIT_NS, self._first_wait_ns)))
        flight.tries += 1
        return flight.encoded

    def _launch(self, now: MonotonicNs) -> _Flight | None:
        message: Message | None = None
        if self._phase is Phase.UP:
            message = self._choose()
        elif not self._is_hello_acked:
            message = self._hello
        if message is None:
            return None
        self._sequence = self._sequence % LAST_SEQUENCE + 1
        encoded = encode(message, self._sequence)
        if isinstance(message, HelloMessage):
            encoded = DELIMITER + encoded
        self._flight = _Flight(sequence=self._sequence, message=message, encoded=encoded, due=now)
        return self._flight

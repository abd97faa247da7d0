"""One end of the alert link: greeting, acknowledgement, retry, heartbeat (see docs/formats/dash-link.md).

No I/O: bytes come in with `receive`, go out with `take`, and time is an argument. `unit_link` and
`dash_link` say what each end sends and accepts.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from alprd.alerts.hello import CATEGORY_BIT, COMMANDS, PEER_AT, PROTOCOL, ForeignHello, HelloMessage, Role
from alprd.alerts.messages import AckMessage, Message, Received
from alprd.alerts.pairing import NO_NONCE, Greeted
from alprd.alerts.phases import TRANSITIONS, Phase, Trigger
from alprd.alerts.wire import DELIMITER, LAST_SEQUENCE, MAX_ENCODED, Decoder, Fault, Frame, encode
from alprd.errors import LinkLostError, LinkSkewError, PairingError
from alprd.records import LinkState, MonotonicNs

if TYPE_CHECKING:
    from alprd.alerts.pairing import Pairing, SessionKeys
    from alprd.errors import DashError

_NS: Final = 1_000_000_000
_MS: Final = 1_000_000
HEARTBEAT_NS: Final = 900 * _MS
LOST_NS: Final = 2_000 * _MS
MARGIN_NS: Final = 60 * _MS
LONGEST_WAIT_NS: Final = 400 * _MS
TRIES: Final = 12
WINDOW: Final = 2
"""Messages on their way at once, where the second may go before the first is acknowledged."""
MAX_ACKS: Final = 8
"""Acknowledgements held for the next `take`; a peer that sends more without hearing is babbling."""
_BITS_PER_BYTE: Final = 10
_MAX_DOUBLINGS: Final = 8
_LAST_SESSION: Final = 0xFFFF_FFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkChanged:
    """The link came up, went down, or was refused; ``error`` says why it is down."""

    state: LinkState
    error: DashError | None = None


@dataclass(slots=True, kw_only=True)
class _Flight:
    """A message that waits for its ACK."""

    sequence: int
    message: Message
    due: MonotonicNs
    tries: int = 0


EventT = TypeVar("EventT")


class Link(ABC, Generic[EventT]):
    """What both ends have in common.

    ``hello`` is this end's first HELLO; its session is a number, and its nonce chance, that another start of
    this end does not have. ``baud`` sets how long an acknowledgement may take, ``pairing`` holds the key that
    both ends share.
    """

    def __init__(self, hello: HelloMessage, baud: int, pairing: Pairing) -> None:
        self._hello = hello
        self._pairing = pairing
        self._keys: SessionKeys | None = None
        self._sent_counter = 0
        self._heard_counter = 0
        self._first_wait_ns = MARGIN_NS + 2 * (MAX_ENCODED + 1) * _BITS_PER_BYTE * _NS // baud
        self._phase = Phase.CLOSED
        self._decoder = Decoder(self._key_of)
        self._sequence = 0
        self._last_received = 0
        self._flights: deque[_Flight] = deque(maxlen=WINDOW)
        self._acks: deque[int] = deque(maxlen=MAX_ACKS)
        self._leaving: list[Message] = []
        self._has_acked_hello = False
        self._is_hello_acked = False
        self._heard_at = MonotonicNs(0)
        self._beat_due = MonotonicNs(0)
        self._events: list[EventT | LinkChanged] = []
        self.peer_hello: HelloMessage | None = None
        """The other end's last HELLO; None before the first and after the port was lost."""
        self.strays = 0
        """Well-formed frames that were not for this end, or not before the greeting was done."""
        self.replays = 0
        """Frames of the paired end that came a second time, or too late."""

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
        """Frames that the line spoiled, or that another than the paired end made, since the start."""
        return self._decoder.faults.total()

    @property
    def forged_frames(self) -> int:
        """Well-formed frames that the paired end did not make in this connection."""
        return self._decoder.faults[Fault.TAG] + self.replays

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits to be sent or acknowledged, heartbeats aside."""
        return not self._flights and not self._acks and self._choose() is None

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
        strange = self._decoder.strange_hellos
        for frame in self._decoder.feed(data):
            self._handle(frame, now)
        if self._phase is Phase.GREETING and self._decoder.strange_hellos > strange:
            error = PairingError("the other end of the dash line does not hold this unit's pairing key")
            self._step(Trigger.UNPAIRED, now, error)

    def take(self, now: MonotonicNs) -> bytes:
        """Run the timers and return the bytes to put on the line now, empty when there are none."""
        self.tick(now)
        if self._phase is Phase.CLOSED:
            return b""
        out = bytearray()
        while self._acks:
            out += self._encode(AckMessage(), self._acks.popleft())
        if self._phase is Phase.UP and now >= self._beat_due:
            out += self._encode(self._heartbeat(), 0)
            self._beat_due = MonotonicNs(now + HEARTBEAT_NS)
        return bytes(out + self._reliable(now))

    def tick(self, now: MonotonicNs) -> None:
        """Run the timers only: for a caller whose line takes no bytes at the moment."""
        if self._phase is not Phase.UP:
            return
        if now - self._heard_at >= LOST_NS:
            self._step(Trigger.SILENT, now, LinkLostError("nothing heard from the other end for 2 s"))
            return
        for flight in self._flights:
            if flight.tries >= TRIES and now >= flight.due:
                kind = type(flight.message).__name__
                error = LinkLostError(f"no acknowledgement of {kind} in {TRIES} tries")
                self._step(Trigger.UNANSWERED, now, error)
                return

    def written(self, now: MonotonicNs) -> None:
        """Note that the line had taken all bytes of the last `take` by ``now``."""
        for message in self._leaving:
            self._left(message, now)
        self._leaving.clear()

    def deadline(self) -> MonotonicNs | None:
        """Return when `take` has something to do without being fed, None for never."""
        times = [flight.due for flight in self._flights]
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

    def _choose_behind(self, _ahead: Message) -> Message | None:
        """Return what may go while ``_ahead`` waits for its ACK: its own ACK is one of ``_ahead``, too."""
        return None

    @abstractmethod
    def _accept(self, message: Received, now: MonotonicNs) -> bool:
        """Take ``message``; return False for one that must not be acknowledged."""

    @abstractmethod
    def _delivered(self, message: Message, now: MonotonicNs) -> None:
        """Note that the other end has ``message``."""

    def _left(self, message: Message, now: MonotonicNs) -> None:
        """Note that ``message`` went onto the line for the first time, at ``now`` or before."""

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
        self._flights.clear()
        self._acks.clear()
        self._leaving.clear()
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
            self._keys = None

    def _key_of(self, body: bytes) -> bytes | None:
        """Return the key that must prove the frame of ``body``, None for one of another connection.

        A HELLO that names another session than this end's is of an earlier connection, and means nothing.
        """
        if body[0] == HelloMessage.TYPE:
            peer = int.from_bytes(body[PEER_AT : PEER_AT + 4], "little")
            if peer not in (0, self._hello.session):
                return None
            return self._pairing.hello(self._hello.nonce if peer else NO_NONCE)
        if self._keys is None:
            return None
        return self._keys.dash if self._hello.role is Role.UNIT else self._keys.unit

    def _encode(self, message: Message, sequence: int) -> bytes:
        if isinstance(message, HelloMessage):
            other = self.peer_hello.nonce if message.peer and self.peer_hello is not None else NO_NONCE
            return DELIMITER + encode(message, sequence, 0, self._pairing.hello(other))
        if self._keys is None:
            raise LinkLostError("no keys: the greeting is not done")  # unreachable: see `_note_peer`
        self._sent_counter += 1
        key = self._keys.unit if self._hello.role is Role.UNIT else self._keys.dash
        return encode(message, sequence, self._sent_counter, key)

    def _handle(self, frame: Frame, now: MonotonicNs) -> None:
        message = frame.message
        if not isinstance(message, ForeignHello | HelloMessage):
            if frame.counter <= self._heard_counter:
                self.replays += 1
                return
            self._heard_counter = frame.counter
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

    def _refuse_lack(self, lacking: int, now: MonotonicNs) -> None:
        if self._phase is not Phase.REFUSED:
            error = LinkSkewError(f"expected all messages of version {PROTOCOL}; these lack: {lacking:#x}")
            self._step(Trigger.SKEWED, now, error)

    def _greet(self, hello: HelloMessage, sequence: int, now: MonotonicNs) -> None:
        if hello.role is self._hello.role:  # our own bytes, echoed by the line
            self.strays += 1
            return
        lacking = COMMANDS & ~CATEGORY_BIT & ~hello.commands
        if lacking:
            self._refuse_lack(lacking, now)
            return
        if self._phase is Phase.REFUSED:
            self._step(Trigger.MATCHED, now)
        if hello.session != self._hello.peer:
            self._note_peer(hello, now)
        if hello.peer != self._hello.session:
            return
        self._acks.append(sequence)  # no sign of life: a HELLO has no counter, and may be a repeat
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
        self._flights.clear()
        self.peer_hello = hello
        ours = Greeted(session=self._hello.session, nonce=self._hello.nonce)
        theirs = Greeted(session=hello.session, nonce=hello.nonce)
        is_unit = self._hello.role is Role.UNIT
        self._keys = self._pairing.session(*((ours, theirs) if is_unit else (theirs, ours)))
        self._sent_counter = self._heard_counter = 0

    def _acknowledged(self, sequence: int, now: MonotonicNs) -> None:
        if sequence not in (flight.sequence for flight in self._flights):
            return
        if isinstance(self._flights[0].message, HelloMessage):
            if self._flights[0].message.peer:
                self._flights.clear()
                self._is_hello_acked = True
                self._finish_greeting(now)
            return
        self._heard_at = now
        is_last = False
        while not is_last:  # what went before the acknowledged one has come, too
            flight = self._flights.popleft()
            is_last = flight.sequence == sequence
            self._delivered(flight.message, now)

    def _finish_greeting(self, now: MonotonicNs) -> None:
        if self._has_acked_hello and self._is_hello_acked:
            acks = tuple(self._acks)
            self._step(Trigger.GREETED, now)
            self._acks.extend(acks)

    def _reliable(self, now: MonotonicNs) -> bytes:
        self._launch(now)
        return b"".join(self._transmit(flight, now) for flight in self._flights if now >= flight.due)

    def _transmit(self, flight: _Flight, now: MonotonicNs) -> bytes:
        wait_ns = self._first_wait_ns << min(flight.tries, _MAX_DOUBLINGS)
        flight.due = MonotonicNs(now + min(wait_ns, max(LONGEST_WAIT_NS, self._first_wait_ns)))
        flight.tries += 1
        if flight.tries == 1:
            self._leaving.append(flight.message)
        return self._encode(flight.message, flight.sequence)

    def _launch(self, now: MonotonicNs) -> None:
        while len(self._flights) < WINDOW:
            message: Message | None = None
            if self._flights:
                message = self._choose_behind(self._flights[-1].message)
            elif self._phase is Phase.UP:
                message = self._choose()
            elif not self._is_hello_acked:
                message = self._hello
            if message is None:
                return
            self._sequence = self._sequence % LAST_SEQUENCE + 1
            self._flights.append(_Flight(sequence=self._sequence, message=message, due=now))

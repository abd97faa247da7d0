"""The dash's end of the alert link for MicroPython: greeting, acknowledgement, retry, heartbeat. No I/O.

Times are ticks in milliseconds as `time.ticks_ms` gives them. The states are those of the document; a dash
whose line is a UART is never CLOSED.
"""

import struct
from time import ticks_add, ticks_diff

import messages
import wire
from wire import FrameError, Key

GREETING, UP, REFUSED = 0, 1, 2
HEARTBEAT_MS = 900
LOST_MS = 2000
MARGIN_MS = 60
LONGEST_WAIT_MS = 400
TRIES = 12
MAX_REQUESTS = 16
MAX_ACKS = 8

SKEWED, UNPAIRED = "SKEW", "KEY"


class Link:
    """One end. ``take_in`` is called with type and fields of what the unit says; False is not acknowledged.

    ``went_up`` and ``went_down`` are called when the link does.
    """

    def __init__(self, key, nonce, session, display, build, baud, dash):
        self._pairing = Key(key)
        self._nonce = nonce
        self._session = session
        self._display = display
        self._build = build
        self._dash = dash
        self._first_wait = MARGIN_MS + 2 * 256 * 10000 // baud
        self._decoder = wire.Decoder(self._key_of)
        self._sequence = 0
        self._acks = []
        self._requests = []
        self._heard_at = self._beat_due = 0
        self.phase = GREETING
        self.reason = ""
        self.strays = self.replays = 0
        self._greet_anew()

    @property
    def faults(self):
        """What was refused, by the name of the check."""
        return self._decoder.faults

    def ask(self, kind, payload=b""):
        """Send a request to the unit; False while the link is down, or too much waits."""
        if self.phase != UP or len(self._requests) >= MAX_REQUESTS:
            return False
        self._requests.append((kind, payload))
        return True

    def log_in(self, badge, secret):
        """Ask for a session; the PIN or token goes covered."""
        if self.phase != UP:
            return False
        self._attempts += 1
        cover = self._secret_key.digest(struct.pack("<I", self._attempts))
        secret = secret.encode()
        secret += bytes(16 - len(secret))
        covered = bytes(secret[i] ^ cover[i] for i in range(16))
        return self.ask(wire.LOG_IN, messages.make_log_in(self._attempts, badge, covered))

    def receive(self, data, now):
        """Take bytes from the line. What is no frame is counted and dropped."""
        strange = self._decoder.strange_hellos
        for frame in self._decoder.feed(data):
            self._handle(frame, now)
        if self.phase == GREETING and self._decoder.strange_hellos > strange:
            self._refuse(UNPAIRED)

    def take(self, now):
        """Run the timers and return the bytes to put on the line now."""
        if self.phase == UP:
            if ticks_diff(now, self._heard_at) >= LOST_MS:
                self._lose()
            elif self._flight and self._flight[3] >= TRIES and ticks_diff(now, self._flight[2]) >= 0:
                self._lose()
        out = b""
        for sequence in self._acks:
            out += self._seal(wire.ACK, sequence, b"")
        self._acks = []
        if self.phase == UP and ticks_diff(now, self._beat_due) >= 0:
            out += self._seal(wire.HEARTBEAT, 0, b"")
            self._beat_due = ticks_add(now, HEARTBEAT_MS)
        return out + self._reliable(now)

    def _key_of(self, body):
        if body[0] == wire.HELLO:
            peer = struct.unpack_from("<I", body, 8)[0] if len(body) >= 12 else 0
            if peer not in (0, self._session):
                return None
            return self._hello_key(self._nonce if peer else bytes(16))
        return self._unit_key

    def _hello_key(self, nonce):
        return Key(self._pairing.digest(b"alprd dash 2 hello" + nonce))

    def _greet_anew(self):
        self._session = self._session % 0xFFFFFFFF + 1
        self._peer = 0
        self._peer_nonce = bytes(16)
        self._unit_key = self._dash_key = self._secret_key = None
        self._has_acked = self._is_acked = False
        self._flight = None
        self._last_received = 0
        self._attempts = 0

    def _lose(self):
        self.phase = GREETING
        self._acks = []
        self._requests = []
        self._greet_anew()
        self._dash.went_down()

    def _refuse(self, reason):
        was_up = self.phase == UP
        self.phase, self.reason = REFUSED, reason
        self._flight, self._acks, self._requests = None, [], []
        if was_up:
            self._dash.went_down()

    def _handle(self, frame, now):
        kind, sequence, counter, payload = frame
        if kind == wire.HELLO:
            self._greet(sequence, payload, now)
            return
        if counter <= self._heard_counter:
            self.replays += 1
            return
        self._heard_counter = counter
        if kind == wire.ACK:
            self._acknowledged(sequence, now)
        elif self.phase != UP or kind not in messages.FROM_UNIT:
            self.strays += 1
        else:
            self._heard_at = now
            self._take_in(kind, sequence, payload, now)

    def _take_in(self, kind, sequence, payload, now):
        if not (sequence and sequence == self._last_received):
            try:
                is_taken = self._dash.take_in(kind, messages.FROM_UNIT[kind](payload), now)
            except FrameError as error:
                self._decoder.count(error.args[0])
                return
            if not is_taken:
                self.strays += 1
                return
        if sequence:
            self._last_received = sequence
            if len(self._acks) < MAX_ACKS:
                self._acks.append(sequence)

    def _greet(self, sequence, payload, now):
        if payload[0] != wire.PROTOCOL:
            self._refuse(SKEWED)
            return
        try:
            hello = messages.hello(payload)
        except FrameError as error:
            self._decoder.count(error.args[0])
            return
        if hello["role"] != 1:
            self.strays += 1
            return
        if wire.COMMANDS & ~wire.CATEGORY_BIT & ~hello["commands"]:
            self._refuse(SKEWED)
            return
        if self.phase == REFUSED:
            self.phase, self.reason = GREETING, ""
            self._greet_anew()
        if hello["session"] != self._peer:
            self._note_peer(hello)
        if hello["peer"] != self._session:
            return
        if len(self._acks) < MAX_ACKS:
            self._acks.append(sequence)  # no sign of life: a HELLO has no counter, and may be a repeat
        if self.phase == GREETING:
            self._last_received = sequence
            self._has_acked = True
            self._finish_greeting(now)

    def _note_peer(self, hello):
        if self.phase == UP:
            self._lose()
        self._peer, self._peer_nonce = hello["session"], hello["nonce"]
        self._has_acked = self._is_acked = False
        self._flight = None
        unit = struct.pack("<I", self._peer) + self._peer_nonce
        dash = struct.pack("<I", self._session) + self._nonce
        root = Key(self._pairing.digest(b"alprd dash 2 session" + unit + dash))
        self._unit_key = Key(root.digest(b"unit"))
        self._dash_key = Key(root.digest(b"dash"))
        self._secret_key = Key(root.digest(b"secret"))
        self._sent_counter = self._heard_counter = 0

    def _acknowledged(self, sequence, now):
        flight = self._flight
        if flight is None or flight[1] != sequence:
            return
        if flight[0] == wire.HELLO:
            if self._peer:
                self._flight = None
                self._is_acked = True
                self._finish_greeting(now)
            return
        self._heard_at = now
        self._flight = None
        if self._requests:
            self._requests.pop(0)

    def _finish_greeting(self, now):
        if self._has_acked and self._is_acked:
            self.phase = UP
            self._flight = None
            self._heard_at = self._beat_due = now
            self._dash.went_up()

    def _seal(self, kind, sequence, payload):
        self._sent_counter += 1
        return wire.encode(kind, sequence, self._sent_counter, payload, self._dash_key)

    def _reliable(self, now):
        if self._flight is None:
            if self.phase == UP:
                kind = self._requests[0][0] if self._requests else 0
            else:
                kind = 0 if self._is_acked else wire.HELLO
            if not kind:
                return b""
            self._sequence = self._sequence % 255 + 1
            self._flight = [kind, self._sequence, now, 0]
        kind, sequence, due, tries = self._flight
        if ticks_diff(now, due) < 0:
            return b""
        wait = min(self._first_wait << min(tries, 8), max(LONGEST_WAIT_MS, self._first_wait))
        self._flight[2], self._flight[3] = ticks_add(now, wait), tries + 1
        if kind == wire.HELLO:
            width, height, slots = self._display
            payload = messages.make_hello(
                self._session, self._peer, self._nonce, width, height, slots, self._build
            )
            key = self._hello_key(self._peer_nonce if self._peer else bytes(16))
            return b"\0" + wire.encode(wire.HELLO, sequence, 0, payload, key)
        return self._seal(kind, sequence, self._requests[0][1])

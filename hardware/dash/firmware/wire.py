"""Frames of the alert link for MicroPython (see alprd/docs/formats/dash-link.md). No I/O.

Written apart from the unit's own code, and held to the same cases: tests/vectors/dash_link.
"""

import binascii
import hashlib
import struct

MAX_ENCODED = 255
MAX_PAYLOAD = 236
PROTOCOL = 2
TAG = 8

HELLO, ACK = 0x01, 0x02
STATE, ALERT, PICTURE, OUTCOME, VEHICLE = 0x10, 0x11, 0x12, 0x13, 0x14
PERSON, CATEGORY, SETTINGS, UPDATE, BATCH, SESSION = 0x15, 0x16, 0x17, 0x18, 0x19, 0x1A
HEARTBEAT, LOG_IN, VERDICT, LOG_OUT, PAUSE = 0x20, 0x21, 0x22, 0x23, 0x24
MUTE, ADJUST, REPORT = 0x25, 0x26, 0x27

COMMANDS = 0x00FF07FF
CATEGORY_BIT = 1 << 6

# Least and most bytes of each type's payload.
LENGTHS = {
    HELLO: (36, 68),
    ACK: (0, 0),
    STATE: (15, 15),
    ALERT: (50, 50),
    PICTURE: (5, 220),
    OUTCOME: (3, 3),
    VEHICLE: (10, 230),
    PERSON: (17, 89),
    CATEGORY: (5, 99),
    SETTINGS: (4, 4),
    UPDATE: (5, 5),
    BATCH: (5, 5),
    SESSION: (1, 17),
    HEARTBEAT: (0, 0),
    LOG_IN: (36, 36),
    VERDICT: (3, 3),
    LOG_OUT: (0, 0),
    PAUSE: (1, 1),
    MUTE: (1, 1),
    ADJUST: (4, 4),
    REPORT: (5, 5),
}
UNSEQUENCED = (STATE, HEARTBEAT)


class FrameError(Exception):
    """Bytes that are no frame; the first argument is the name of the check that refused them."""


class Key:
    """A key of 32 bytes, ready for HMAC-SHA256."""

    def __init__(self, key):
        padded = key + bytes(64 - len(key))
        self._inner = bytes(b ^ 0x36 for b in padded)
        self._outer = bytes(b ^ 0x5C for b in padded)

    def digest(self, data):
        """Return the HMAC-SHA256 of ``data``, 32 bytes."""
        inner = hashlib.sha256(self._inner)
        inner.update(data)
        outer = hashlib.sha256(self._outer)
        outer.update(inner.digest())
        return outer.digest()


def is_same(one, other):
    """Compare two tags in a time that tells nothing of where they differ."""
    if len(one) != len(other):
        return False
    difference = 0
    for i in range(len(one)):
        difference |= one[i] ^ other[i]
    return difference == 0


def cobs_encode(data):
    """Return the COBS encoding of ``data`` (fewer than 255 bytes), without its 0x00."""
    out = bytearray(1)
    start = 0
    for byte in data:
        if byte:
            out.append(byte)
        if not byte or len(out) - start == 255:
            out[start] = len(out) - start
            start = len(out)
            out.append(0)
    out[start] = len(out) - start
    return bytes(out)


def cobs_decode(data):
    """Return what ``data`` (without its 0x00) encodes; FrameError COBS for anything else."""
    out = bytearray()
    place, size = 0, len(data)
    while place < size:
        code = data[place]
        end = place + code
        if code == 0 or end > size:
            raise FrameError("COBS")
        out += data[place + 1 : end]
        if 0 in data[place + 1 : end]:
            raise FrameError("COBS")
        place = end
        if code < 255 and place < size:
            out.append(0)
    return bytes(out)


def encode(kind, sequence, counter, payload, key):
    """Return a frame with its 0x00; HELLO has no counter."""
    body = bytes((kind, sequence))
    if kind != HELLO:
        body += struct.pack("<I", counter)
    body += payload
    body += key.digest(body)[:TAG]
    return cobs_encode(body + struct.pack("<I", binascii.crc32(body))) + b"\0"


def decode(encoded, key_of):
    """Return type, sequence, counter and payload of a frame without its 0x00, or raise FrameError.

    ``key_of`` names the key that must prove the body it is given, None when there is none. A HELLO of another
    version comes out with its one byte of version, unproven.
    """
    if len(encoded) > MAX_ENCODED:
        raise FrameError("TOO_LONG")
    data = cobs_decode(encoded)
    if len(data) < 2 + TAG + 4:
        raise FrameError("TOO_SHORT")
    if binascii.crc32(data[:-4]) != struct.unpack_from("<I", data, len(data) - 4)[0]:
        raise FrameError("CRC")
    kind, sequence = data[0], data[1]
    if kind not in LENGTHS:
        raise FrameError("TYPE")
    if (sequence == 0) != (kind in UNSEQUENCED):
        raise FrameError("SEQUENCE")
    body, found = data[: -4 - TAG], data[-4 - TAG : -4]
    start, counter = 2, 0
    if kind == HELLO:
        if len(body) > 2 and body[2] != PROTOCOL:
            return kind, sequence, 0, body[2:3]
    else:
        start = 6
        if len(body) < start:
            raise FrameError("TOO_SHORT")
        counter = struct.unpack_from("<I", body, 2)[0]
    key = key_of(body)
    if key is None or not is_same(key.digest(body)[:TAG], found):
        raise FrameError("TAG", key is not None and kind == HELLO)
    payload = body[start:]
    least, most = LENGTHS[kind]
    if not least <= len(payload) <= most:
        raise FrameError("LENGTH")
    return kind, sequence, counter, payload


class Decoder:
    """Takes bytes in any pieces and gives the frames' bytes; ``faults`` counts what was refused, by name."""

    def __init__(self, key_of):
        self._key_of = key_of
        self._held = bytearray()
        self._is_overlong = False
        self.faults = {}
        self.strange_hellos = 0

    def feed(self, data):
        """Return the frames that ``data`` completes, as `decode` returns them."""
        frames = []
        start = 0
        while True:
            end = data.find(b"\0", start)
            self._hold(data[start:] if end < 0 else data[start:end])
            if end < 0:
                return frames
            self._end(frames)
            start = end + 1

    def count(self, fault):
        """Count one refusal."""
        self.faults[fault] = self.faults.get(fault, 0) + 1

    def _hold(self, piece):
        if self._is_overlong or len(self._held) + len(piece) > MAX_ENCODED:
            self._is_overlong = True
            self._held = bytearray()
        else:
            self._held += piece

    def _end(self, frames):
        held, is_overlong = bytes(self._held), self._is_overlong
        self._held, self._is_overlong = bytearray(), False
        if is_overlong:
            self.count("TOO_LONG")
        elif held:
            try:
                frames.append(decode(held, self._key_of))
            except FrameError as error:
                self.count(error.args[0])
                self.strange_hellos += len(error.args) > 1 and error.args[1]

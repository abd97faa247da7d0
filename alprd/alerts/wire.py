"""Frames of the alert link: COBS, sequence, checksum (see docs/formats/dash-link.md). No I/O.

The same decoder serves both ends, the console and the tests. It is strict: what is not exactly a
frame is counted and dropped, and the next 0x00 brings it back in step.
"""

from __future__ import annotations

import binascii
import enum
from collections import Counter
from dataclasses import dataclass
from typing import Final

from cobs import cobs

from alprd.alerts.details import CategoryMessage, PersonMessage, VehicleMessage
from alprd.alerts.messages import (
    PROTOCOL,
    AckMessage,
    AlertMessage,
    ForeignHello,
    HeartbeatMessage,
    HelloMessage,
    Message,
    OutcomeMessage,
    PictureMessage,
    Received,
    SessionMessage,
    StateMessage,
    VerdictMessage,
)
from alprd.errors import LinkFormatError

DELIMITER: Final = b"\0"
MAX_ENCODED: Final = 255
"""Bytes of a frame after COBS, without the 0x00."""
_CRC_BYTES: Final = 4
_HEAD_BYTES: Final = 2
_MIN_DECODED: Final = _HEAD_BYTES + _CRC_BYTES
LAST_SEQUENCE: Final = 255

MESSAGES: Final[tuple[type[Message], ...]] = (
    HelloMessage,
    AckMessage,
    StateMessage,
    CategoryMessage,
    AlertMessage,
    VehicleMessage,
    PersonMessage,
    PictureMessage,
    OutcomeMessage,
    HeartbeatMessage,
    SessionMessage,
    VerdictMessage,
)
_BY_TYPE: Final = {kind.TYPE: kind for kind in MESSAGES}
UNSEQUENCED: Final = (StateMessage, HeartbeatMessage)


class Fault(enum.Enum):
    """Why bytes are not a frame, in the order of the checks."""

    TOO_LONG = "more than 255 bytes without a 0x00"
    COBS = "not a COBS encoding"
    TOO_SHORT = "fewer than 6 bytes"
    CRC = "wrong checksum"
    TYPE = "unknown type"
    SEQUENCE = "sequence 0 where 1 to 255 is due, or the other way round"
    LENGTH = "payload not of the type's size"
    FIELD = "a value outside its limits"


class FrameError(LinkFormatError):
    """Bytes that are not a frame; ``fault`` says at which check. Never holds the bytes themselves."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"frame refused: {fault.value}")
        self.fault = fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A message and its sequence: 0 for STATE and HEARTBEAT, 1 to 255 otherwise."""

    sequence: int
    message: Received


def encode(message: Message, sequence: int) -> bytes:
    """Return the frame of ``message``, its 0x00 included; ValueError for a sequence it cannot carry."""
    if not _may_carry(type(message), sequence):
        raise ValueError(f"sequence {sequence} does not go with {type(message).__name__}")
    body = bytes((message.TYPE, sequence)) + message.to_payload()
    encoded: bytes = cobs.encode(body + binascii.crc32(body).to_bytes(_CRC_BYTES, "little"))
    return encoded + DELIMITER


def decode(encoded: bytes) -> Frame:
    """Return the frame in ``encoded`` (without its 0x00); raises `FrameError` and nothing else."""
    if len(encoded) > MAX_ENCODED:
        raise FrameError(Fault.TOO_LONG)
    try:
        decoded: bytes = cobs.decode(encoded)
    except cobs.DecodeError:
        raise FrameError(Fault.COBS) from None
    if len(decoded) < _MIN_DECODED:
        raise FrameError(Fault.TOO_SHORT)
    body, checksum = decoded[:-_CRC_BYTES], decoded[-_CRC_BYTES:]
    if binascii.crc32(body) != int.from_bytes(checksum, "little"):
        raise FrameError(Fault.CRC)
    kind = _BY_TYPE.get(body[0])
    if kind is None:
        raise FrameError(Fault.TYPE)
    sequence, payload = body[1], body[_HEAD_BYTES:]
    if not _may_carry(kind, sequence):
        raise FrameError(Fault.SEQUENCE)
    if kind is HelloMessage and payload and payload[0] != PROTOCOL:
        return Frame(sequence=sequence, message=ForeignHello(version=payload[0]))
    if len(payload) not in kind.LENGTHS:
        raise FrameError(Fault.LENGTH)
    try:
        return Frame(sequence=sequence, message=kind.from_payload(payload))
    except ValueError:
        raise FrameError(Fault.FIELD) from None


class Decoder:
    """Takes bytes in any pieces, gives frames; refused ones are counted in ``faults`` by `Fault`."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._is_overlong = False
        self.faults: Counter[Fault] = Counter()

    def feed(self, data: bytes) -> list[Frame]:
        """Return the frames that ``data`` completes. Holds back at most one frame's bytes."""
        frames: list[Frame] = []
        *ended, rest = data.split(DELIMITER)
        for piece in ended:
            self._hold(piece)
            self._end(frames)
        self._hold(rest)
        return frames

    def reset(self) -> None:
        """Forget the bytes held back: another line begins. The count of faults goes on."""
        self._held.clear()
        self._is_overlong = False

    def _hold(self, piece: bytes) -> None:
        self._is_overlong = self._is_overlong or len(self._held) + len(piece) > MAX_ENCODED
        if self._is_overlong:
            self._held.clear()
        else:
            self._held += piece

    def _end(self, frames: list[Frame]) -> None:
        encoded, is_overlong = bytes(self._held), self._is_overlong
        self.reset()
        if is_overlong:
            self.faults[Fault.TOO_LONG] += 1
        elif encoded:
            try:
                frames.append(decode(encoded))
            except FrameError as error:
                self.faults[error.fault] += 1


def _may_carry(kind: type[Message], sequence: int) -> bool:
    return sequence == 0 if kind in UNSEQUENCED else 1 <= sequence <= LAST_SEQUENCE

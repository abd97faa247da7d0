"""Frames of the alert link: COBS, sequence, counter, tag, checksum (see docs/formats/dash-link.md). No I/O.

The same decoder serves both ends, the console and the tests. It is strict: what is not exactly a
frame is counted and dropped, and the next 0x00 brings it back in step.
"""

from __future__ import annotations

import binascii
import enum
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from cobs import cobs

from alprd.alerts.details import CategoryMessage, PersonMessage, VehicleMessage
from alprd.alerts.hello import PROTOCOL, ForeignHello, HelloMessage
from alprd.alerts.messages import (
    AckMessage,
    AlertMessage,
    HeartbeatMessage,
    Message,
    OutcomeMessage,
    PictureMessage,
    Received,
    StateMessage,
    UpdateMessage,
    VerdictMessage,
)
from alprd.alerts.pairing import TAG_BYTES, is_tag, tag
from alprd.alerts.requests import (
    AdjustMessage,
    BatchMessage,
    LogInMessage,
    LogOutMessage,
    MuteMessage,
    PauseMessage,
    ReportMessage,
    SessionMessage,
    SettingsMessage,
)
from alprd.errors import LinkFormatError

if TYPE_CHECKING:
    from collections.abc import Callable

KeyOf: TypeAlias = "Callable[[bytes], bytes | None]"

DELIMITER: Final = b"\0"
MAX_ENCODED: Final = 255
"""Bytes of a frame after COBS, without the 0x00."""
_CRC_BYTES: Final = 4
_HEAD_BYTES: Final = 2
_COUNTER_BYTES: Final = 4
_MIN_DECODED: Final = _HEAD_BYTES + TAG_BYTES + _CRC_BYTES
LAST_SEQUENCE: Final = 255
LAST_COUNTER: Final = 0xFFFF_FFFF

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
    SessionMessage,
    SettingsMessage,
    UpdateMessage,
    BatchMessage,
    HeartbeatMessage,
    LogInMessage,
    VerdictMessage,
    LogOutMessage,
    PauseMessage,
    MuteMessage,
    AdjustMessage,
    ReportMessage,
)
_BY_TYPE: Final = {kind.TYPE: kind for kind in MESSAGES}
UNSEQUENCED: Final = (StateMessage, HeartbeatMessage)


class Fault(enum.Enum):
    """Why bytes are not a frame, in the order of the checks."""

    TOO_LONG = "more than 255 bytes without a 0x00"
    COBS = "not a COBS encoding"
    TOO_SHORT = "fewer than 14 bytes, or than 18 where a counter is due"
    CRC = "wrong checksum"
    TYPE = "unknown type"
    SEQUENCE = "sequence 0 where 1 to 255 is due, or the other way round"
    TAG = "not of the paired end of this connection"
    LENGTH = "payload not of the type's size"
    FIELD = "a value outside its limits"


class FrameError(LinkFormatError):
    """Bytes that are not a frame; ``fault`` says at which check. Never holds the bytes themselves.

    ``is_strange_hello``: a HELLO to this end, or to any, that the paired end did not make.
    """

    def __init__(self, fault: Fault, *, is_strange_hello: bool = False) -> None:
        super().__init__(f"frame refused: {fault.value}")
        self.fault = fault
        self.is_strange_hello = is_strange_hello


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A message, its sequence (0 for STATE and HEARTBEAT, else 1 to 255) and its counter (0 for HELLO)."""

    sequence: int
    counter: int
    message: Received


def encode(message: Message, sequence: int, counter: int, key: bytes) -> bytes:
    """Return the frame of ``message`` under ``key``, its 0x00 included.

    ValueError for a sequence or counter that it cannot carry.
    """
    if not _may_carry(type(message), sequence):
        raise ValueError(f"sequence {sequence} does not go with {type(message).__name__}")
    is_hello = isinstance(message, HelloMessage)
    if not (counter == 0 if is_hello else 1 <= counter <= LAST_COUNTER):
        raise ValueError(f"counter {counter} does not go with {type(message).__name__}")
    head = bytes((message.TYPE, sequence))
    body = head + (b"" if is_hello else counter.to_bytes(_COUNTER_BYTES, "little")) + message.to_payload()
    body += tag(key, body)
    encoded: bytes = cobs.encode(body + binascii.crc32(body).to_bytes(_CRC_BYTES, "little"))
    return encoded + DELIMITER


def decode(encoded: bytes, key_of: KeyOf) -> Frame:
    """Return the frame in ``encoded`` (without its 0x00); raises `FrameError` and nothing else.

    ``key_of`` names the key that must prove a frame, given its bytes up to the tag; None: there is none.
    """
    if len(encoded) > MAX_ENCODED:
        raise FrameError(Fault.TOO_LONG)
    try:
        decoded: bytes = cobs.decode(encoded)
    except cobs.DecodeError:
        raise FrameError(Fault.COBS) from None
    if len(decoded) < _MIN_DECODED:
        raise FrameError(Fault.TOO_SHORT)
    tagged, checksum = decoded[:-_CRC_BYTES], decoded[-_CRC_BYTES:]
    if binascii.crc32(tagged) != int.from_bytes(checksum, "little"):
        raise FrameError(Fault.CRC)
    return _open(tagged[:-TAG_BYTES], tagged[-TAG_BYTES:], key_of)


def _open(body: bytes, found: bytes, key_of: KeyOf) -> Frame:
    kind, sequence, start = _BY_TYPE.get(body[0]), body[1], _HEAD_BYTES
    if kind is None:
        raise FrameError(Fault.TYPE)
    if not _may_carry(kind, sequence):
        raise FrameError(Fault.SEQUENCE)
    if kind is not HelloMessage:
        start += _COUNTER_BYTES
        if len(body) < start:
            raise FrameError(Fault.TOO_SHORT)
    elif len(body) > start and body[start] != PROTOCOL:
        return Frame(sequence=sequence, counter=0, message=ForeignHello(version=body[start]))
    key = key_of(body)
    if key is None or not is_tag(key, body, found):
        is_strange = key is not None and kind is HelloMessage
        raise FrameError(Fault.TAG, is_strange_hello=is_strange)
    payload = body[start:]
    if len(payload) not in kind.LENGTHS:
        raise FrameError(Fault.LENGTH)
    try:
        message = kind.from_payload(payload)
    except ValueError:
        raise FrameError(Fault.FIELD) from None
    return Frame(
        sequence=sequence, counter=int.from_bytes(body[_HEAD_BYTES:start], "little"), message=message
    )


class Decoder:
    """Takes bytes in any pieces, gives frames; refused ones are counted in ``faults`` by `Fault`.

    ``key_of`` as in `decode`.
    """

    def __init__(self, key_of: KeyOf) -> None:
        self._key_of = key_of
        self._held = bytearray()
        self._is_overlong = False
        self.faults: Counter[Fault] = Counter()
        self.strange_hellos = 0
        """HELLOs that the paired end did not make."""

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
                frames.append(decode(encoded, self._key_of))
            except FrameError as error:
                self.faults[error.fault] += 1
                self.strange_hellos += error.is_strange_hello


def _may_carry(kind: type[Message], sequence: int) -> bool:
    return sequence == 0 if kind in UNSEQUENCED else 1 <= sequence <= LAST_SEQUENCE

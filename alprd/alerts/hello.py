"""The greeting of the alert link as frozen values (see docs/formats/dash-link.md)."""

from __future__ import annotations

import enum
import re
import struct
from dataclasses import dataclass, field
from typing import ClassVar, Final, Self

from alprd.alerts.fields import check, check_text
from alprd.alerts.pairing import NONCE_BYTES

_U8: Final = 0xFF
_U16: Final = 0xFFFF
_U32: Final = 0xFFFF_FFFF

PROTOCOL: Final = 2


MAX_BUILD: Final = 32


COMMANDS: Final = 0x00FF_07FF
"""The messages of this version, as HELLO names them: bits 0 to 15 types 0x10 on, 16 to 31 types 0x20 on."""


CATEGORY_BIT: Final = 1 << 6
"""Of `COMMANDS`: a dash without it is not refused, and shows an added category's number."""


PEER_AT: Final = 8
"""Where ``peer`` (u32) stands in the frame of a HELLO."""


_HELLO = struct.Struct("<BBII16sIHHBB")


_BUILD = re.compile(r"[ -~]{0,32}", re.ASCII)


class Role(enum.IntEnum):
    """Which end of the link."""

    UNIT = 1
    DASH = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class HelloMessage:
    """Who speaks. ``width``, ``height`` (pixels) and ``slots`` are the display's, 0 from the unit.

    ``nonce`` is chance of this start of the sender (16 bytes), ``commands`` the messages that it knows.
    """

    TYPE: ClassVar[int] = 0x01
    LENGTHS: ClassVar[range] = range(_HELLO.size, _HELLO.size + MAX_BUILD + 1)
    role: Role
    session: int
    peer: int
    nonce: bytes = field(repr=False)
    commands: int = COMMANDS
    width: int = 0
    height: int = 0
    slots: int = 0
    build: str = ""

    def __post_init__(self) -> None:
        check("session", self.session, 1, _U32)
        check("peer", self.peer, 0, _U32)
        check("nonce", len(self.nonce), NONCE_BYTES, NONCE_BYTES)
        check("commands", self.commands, 0, _U32)
        most_px, least_slots, most_slots = (0, 0, 0) if self.role is Role.UNIT else (_U16, 1, _U8)
        check("width", self.width, 0, most_px)
        check("height", self.height, 0, most_px)
        check("slots", self.slots, least_slots, most_slots)
        check_text("build", _BUILD, self.build)

    def to_payload(self) -> bytes:
        """Return the payload bytes."""
        text = self.build.encode("ascii")
        sizes = (self.width, self.height, self.slots, len(text))
        head = (PROTOCOL, self.role, self.session, self.peer, self.nonce, self.commands)
        return _HELLO.pack(*head, *sizes) + text

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        """Return the message in ``payload``, of this protocol version; ValueError outside the limits."""
        _version, role, session, peer, nonce, commands, *sizes = _HELLO.unpack_from(payload)
        width, height, slots, length = sizes
        text = payload[_HELLO.size :]
        check("build length", length, len(text), len(text))
        return cls(
            role=Role(role),
            session=session,
            peer=peer,
            nonce=nonce,
            commands=commands,
            width=width,
            height=height,
            slots=slots,
            build=text.decode("ascii"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignHello:
    """A HELLO of another protocol version: nothing past its first byte is known."""

    version: int

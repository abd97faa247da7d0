"""The phases of one end of the alert link, as a table."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class Phase(enum.Enum):
    """Where an end stands."""

    CLOSED = "closed"
    """No port."""
    GREETING = "greeting"
    UP = "up"
    REFUSED = "refused"
    """The other end speaks another version, lacks a message, or is not the paired one."""


class Trigger(enum.Enum):
    """What moves an end from one phase to another."""

    OPENED = "port opened"
    GREETED = "both HELLOs acknowledged"
    RESTARTED = "HELLO of another session"
    SILENT = "2 s without a frame"
    UNANSWERED = "12 tries without an ACK"
    SKEWED = "HELLO of another version, or that lacks a message"
    UNPAIRED = "HELLO under another key"
    MATCHED = "HELLO of this version and key"
    PORT_LOST = "port lost"


TRANSITIONS: Final[Mapping[Phase, Mapping[Trigger, Phase]]] = {
    Phase.CLOSED: {Trigger.OPENED: Phase.GREETING},
    Phase.GREETING: {
        Trigger.GREETED: Phase.UP,
        Trigger.SKEWED: Phase.REFUSED,
        Trigger.UNPAIRED: Phase.REFUSED,
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

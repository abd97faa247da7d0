"""A tap on the dash's line: all that comes over it is written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alprd.alerts.serial_port import DescriptorPort

if TYPE_CHECKING:
    import threading


class TappedPort(DescriptorPort):
    """The dash's end of the line, with all that comes over it written down."""

    def __init__(self, fd: int, tape: bytearray, lock: threading.Lock) -> None:
        super().__init__(fd)
        self._tape, self._lock = tape, lock

    def read(self, timeout_s: float = 0.0) -> bytes:
        data = super().read(timeout_s)
        with self._lock:
            self._tape += data
        return data

"""The serial device of the dash link: open, read, write, close, and the library's errors translated.

The only import of pyserial. Reading and writing never wait longer than they are told to.
"""

from __future__ import annotations

import os
import select
from typing import Final, Protocol

import serial

from alprd.errors import DashError, LinkLostError

_READ_BYTES: Final = 4096


class Port(Protocol):
    """A line to the other end. Every method raises `LinkLostError` when the line is gone."""

    def fileno(self) -> int:
        """Return the descriptor to wait on."""

    def read(self, timeout_s: float = 0.0) -> bytes:
        """Return what has come, waiting ``timeout_s`` at most; empty when nothing has."""

    def write(self, data: bytes) -> int:
        """Write what the line takes now and return how many bytes that was."""

    def close(self) -> None:
        """Let go of the line; never fails."""


class SerialPort:
    """A serial device, 8N1, held exclusively. ``path`` may be a link in ``/dev/serial/by-id``.

    Raises `DashError` when it cannot be opened: absent, no permission, no terminal, or in use.
    """

    def __init__(self, path: str, baud: int) -> None:
        try:
            self._serial = serial.Serial(path, baud, timeout=0, write_timeout=0, exclusive=True)
            self._fd: int = self._serial.fileno()
        except (serial.SerialException, OSError, ValueError) as error:
            raise DashError(f"dash port {path} cannot be opened: {_reason(error)}") from None

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        return self._fd

    def read(self, timeout_s: float = 0.0) -> bytes:
        """Return what has come, waiting ``timeout_s`` at most; empty when nothing has."""
        try:
            if not select.select([self._fd], [], [], timeout_s)[0]:
                return b""
            return bytes(self._serial.read(_READ_BYTES))
        except (serial.SerialException, OSError) as error:
            raise LinkLostError(f"dash port lost while reading: {_reason(error)}") from None

    def write(self, data: bytes) -> int:
        """Write what the line takes now and return how many bytes that was."""
        try:
            if not select.select([], [self._fd], [], 0)[1]:
                return 0
            return self._serial.write(data) or 0
        except (serial.SerialException, OSError) as error:
            raise LinkLostError(f"dash port lost while writing: {_reason(error)}") from None

    def close(self) -> None:
        """Let go of the device; never fails."""
        try:
            self._serial.close()
        except (serial.SerialException, OSError):
            return


class DescriptorPort:
    """A line that is open already, such as the other end of a pty. Takes a duplicate of ``fd``."""

    def __init__(self, fd: int) -> None:
        try:
            self._fd = os.dup(fd)
            os.set_blocking(self._fd, False)
        except OSError as error:
            raise DashError(f"descriptor {fd} cannot be used: {error.strerror}") from None

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        return self._fd

    def read(self, timeout_s: float = 0.0) -> bytes:
        """Return what has come, waiting ``timeout_s`` at most; empty when nothing has."""
        try:
            if not select.select([self._fd], [], [], timeout_s)[0]:
                return b""
            data = os.read(self._fd, _READ_BYTES)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise LinkLostError(f"line lost while reading: {error.strerror}") from None
        if not data:
            raise LinkLostError("line closed by the other end")
        return data

    def write(self, data: bytes) -> int:
        """Write what the line takes now and return how many bytes that was."""
        try:
            return os.write(self._fd, data)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise LinkLostError(f"line lost while writing: {error.strerror}") from None

    def close(self) -> None:
        """Let go of the line; never fails."""
        try:
            os.close(self._fd)
        except OSError:
            return


def _reason(error: Exception) -> str:
    """Return why, without the device's path or the library's Python notation."""
    number = getattr(error, "errno", None)
    if isinstance(number, int):
        return os.strerror(number)
    cause = error.__context__
    if isinstance(cause, OSError) and cause.errno is not None:
        return os.strerror(cause.errno)
    return "the device answers with an error"

"""One connection to gpsd through gpsd-py3: the only module that imports it.

The library asks and checks the answer. What it lacks is here: time-outs (it waits for ever on a gpsd
that hangs), a limit on the length of a line, more than one connection, and errors of one kind (it
raises a UserWarning before the first data, and whatever a missing field leads to). Its reading of a
report is not used: a report without a place reads as 0, 0 there, and of several receivers it takes
the last. `alprd.gps.fix` judges the report itself.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from typing import TYPE_CHECKING, Any, Final

import gpsd

from alprd.errors import GpsError, printable
from alprd.gps.fix import newest
from alprd.records import MonotonicNs

if TYPE_CHECKING:
    from alprd.records import Fix

_PROTOCOL: Final = 3
_LINE_MAX: Final = 65536
_RECEIVE_SIZE: Final = 4096
_GREETING_LINES_MAX: Final = 16
_WATCH: Final = '?WATCH={"enable":true}\n'
# The library keeps its connection in a module variable: one question at a time may use it.
_library: Final = threading.Lock()


class GpsdClient:
    """A connection to the gpsd at ``host``:``port``, answering within ``timeout_s`` or not at all.

    Raises `GpsError` where gpsd cannot be reached, does not answer in time, or is no gpsd. After any
    error the connection is of no use: close it and make a new one.
    """

    def __init__(self, host: str, port: int, timeout_s: float) -> None:
        self._lines = _Lines(host, port, timeout_s)
        try:
            self._greet()
        except GpsError:
            self.close()
            raise

    def poll(self) -> Fix | None:
        """Return the fix that gpsd reports now, or None where it has none.

        gpsd goes on reporting the last fix of a receiver that fell silent: the caller watches whether
        `Fix.fixed_at` moves.
        """
        self._lines.begin("POLL")
        with _library:
            gpsd.gpsd_stream = self._lines
            try:
                gpsd.get_current()
            except (UserWarning, LookupError, TypeError):
                pass  # no data yet, or a report with fields missing, which is judged below
            finally:
                gpsd.gpsd_stream = None
        reports = self._lines.answer.get("tpv", [])
        if not isinstance(reports, list):
            raise GpsError("expected gpsd's reports as a list")
        fields = [report for report in reports if isinstance(report, dict)]
        return newest(fields, MonotonicNs(time.monotonic_ns()))

    def close(self) -> None:
        """End the connection. A second call does nothing."""
        self._lines.close()

    def _greet(self) -> None:
        self._lines.begin("VERSION")
        self._lines.readline()
        version = self._lines.answer.get("proto_major")
        if version != _PROTOCOL:
            raise GpsError(f"expected gpsd protocol {_PROTOCOL}, found {printable(str(version))}")
        self._lines.begin("WATCH")
        self._lines.write(_WATCH)
        self._lines.readline()


class _Lines:
    """The stream that the library writes to and reads lines from, bounded in time and length.

    `begin` says which class of answer the next `readline` waits for; others, which gpsd may send at
    any time, are passed over. `answer` is the last one's fields.
    """

    def __init__(self, host: str, port: int, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._where = f"gpsd at {printable(host)}:{port}"
        self._deadline = time.monotonic() + timeout_s
        self._wanted = ""
        self._rest = b""
        self.answer: dict[str, Any] = {}
        try:
            self._socket = socket.create_connection((host, port), timeout=timeout_s)
        except OSError as error:
            raise GpsError(f"{self._where} cannot be reached: {_said(error)}") from error

    def begin(self, wanted: str) -> None:
        self._wanted = wanted
        self._deadline = time.monotonic() + self._timeout_s
        self.answer = {}

    def write(self, text: str) -> None:
        try:
            self._socket.settimeout(self._left_s())
            self._socket.sendall(text.encode("ascii"))
        except OSError as error:
            raise GpsError(f"{self._where} was lost: {_said(error)}") from error

    def flush(self) -> None:
        """Do nothing: what is written is sent at once."""

    def readline(self) -> str:
        for _ in range(_GREETING_LINES_MAX):
            line = self._line()
            try:
                answer = json.loads(line)
            except (ValueError, RecursionError):
                raise GpsError(f"{self._where} sent a line that is no JSON") from None
            if not isinstance(answer, dict):
                raise GpsError(f"{self._where} sent no object")
            if answer.get("class") == self._wanted:
                self.answer = answer
                return line
        raise GpsError(f"{self._where} did not answer with {self._wanted}")

    def close(self) -> None:
        self._socket.close()

    def _line(self) -> str:
        while b"\n" not in self._rest:
            if len(self._rest) > _LINE_MAX:
                raise GpsError(f"{self._where} sent a line over {_LINE_MAX} bytes")
            try:
                self._socket.settimeout(self._left_s())
                received = self._socket.recv(_RECEIVE_SIZE)
            except OSError as error:
                raise GpsError(f"{self._where} was lost: {_said(error)}") from error
            if not received:
                raise GpsError(f"{self._where} ended the connection")
            self._rest += received
        line, self._rest = self._rest.split(b"\n", 1)
        return line.decode("utf-8", errors="replace")

    def _left_s(self) -> float:
        left_s = self._deadline - time.monotonic()
        if left_s <= 0:
            raise GpsError(f"{self._where} did not answer within {self._timeout_s:g} s")
        return left_s


def _said(error: OSError) -> str:
    return printable(error.strerror or str(error) or type(error).__name__)

"""The control socket: one request, one answer, one line of JSON each. No plate can be asked for.

Whoever may open the socket (its file mode says who) may ask for the state, or have the installed list
looked at again. A request is ``status`` or ``reload`` and a newline, at most 64 bytes; the answer is one JSON
object and a newline, then the socket closes.
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from typing import TYPE_CHECKING, Final

from alprd.errors import ControlError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

MAX_REQUEST: Final = 64
MAX_ANSWER: Final = 65_536
TIMEOUT_S: Final = 2.0


class ControlServer(threading.Thread):
    """Answers ``status`` with what ``state()`` returns, and calls ``reload`` when asked to.

    Both are called from this thread.
    """

    def __init__(
        self, path: Path, state: Callable[[], Mapping[str, object]], reload: Callable[[], None]
    ) -> None:
        super().__init__(name="control", daemon=True)
        self._path = path
        self._state = state
        self._reload = reload
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with contextlib.suppress(FileNotFoundError):
                path.unlink()  # left behind by a killed run
            self._socket.bind(str(path))
            path.chmod(0o660)
            self._socket.listen(4)
        except OSError as error:
            self._socket.close()
            raise ControlError(
                f"control socket {path} cannot be made: {error.strerror}",
                hint="Check control.socket in the settings; its folder must exist.",
            ) from None

    def run(self) -> None:
        """Serve until `stop`; a client that misbehaves is closed and forgotten."""
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return  # stopped
            with client, contextlib.suppress(OSError):
                client.settimeout(TIMEOUT_S)
                self._serve(client)

    def _serve(self, client: socket.socket) -> None:
        request = b""
        while b"\n" not in request and len(request) < MAX_REQUEST:
            part = client.recv(MAX_REQUEST - len(request))
            if not part:
                return
            request += part
        client.sendall(json.dumps(self._answer(request)).encode() + b"\n")

    def _answer(self, request: bytes) -> Mapping[str, object]:
        match request:
            case b"status\n":
                return self._state()
            case b"reload\n":
                self._reload()
                return {"reload": "due"}
            case _:
                return {"error": "unknown request", "known": ["status", "reload"]}

    def stop(self) -> None:
        """Close the socket and remove its file."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._path.unlink(missing_ok=True)


def ask(path: Path, request: str = "status") -> dict[str, object]:
    """Return the running daemon's answer; `ControlError` when it cannot be reached or is unclear."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(TIMEOUT_S)
            client.connect(str(path))
            client.sendall(request.encode() + b"\n")
            answer = b""
            while not answer.endswith(b"\n") and len(answer) < MAX_ANSWER:
                part = client.recv(4096)
                if not part:
                    break
                answer += part
    except OSError as error:
        raise ControlError(f"no answer on {path}: {error.strerror or type(error).__name__}") from None
    try:
        decoded = json.loads(answer)
    except ValueError:
        raise ControlError(f"the answer on {path} is not JSON") from None
    if not isinstance(decoded, dict):
        raise ControlError(f"the answer on {path} is not an object")
    return decoded

"""The gpsd client against servers on a real socket that are no good gpsd."""

from __future__ import annotations

import json
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest

from alprd.errors import GpsError
from alprd.gps.gpsd_client import GpsdClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

VERSION = b'{"class":"VERSION","release":"3.22","proto_major":3,"proto_minor":14}\r\n'
WATCH = b'{"class":"DEVICES","devices":[]}\r\n{"class":"WATCH","enable":true}\r\n'
TPV = {"class": "TPV", "mode": 3, "time": "2026-11-22T15:23:42.270Z", "lat": 51.5, "lon": -0.1}
SKY = {"class": "SKY", "satellites": []}

Serve = "Callable[[bytes], tuple[str, int]]"


@pytest.fixture
def serve() -> Iterator[Callable[..., tuple[str, int]]]:
    """Return a function that starts a server which greets, then answers a poll with ``answer``."""
    listener = socket.create_server(("127.0.0.1", 0))
    connections: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def start(answer: bytes, *, greeting: bytes = VERSION, watching: bytes = WATCH) -> tuple[str, int]:
        def run() -> None:
            connection, _ = listener.accept()
            connections.append(connection)
            try:
                connection.sendall(greeting)
                connection.recv(4096)
                connection.sendall(watching)
                connection.recv(4096)
                connection.sendall(answer)
                connection.recv(4096)
            except OSError:
                return  # the client left, as it may

        threads.append(threading.Thread(target=run, daemon=True))
        threads[-1].start()
        host, port = listener.getsockname()
        return host, port

    yield start
    for connection in connections:
        connection.close()
    listener.close()
    for thread in threads:
        thread.join(5)


def poll_line(tpv: object, sky: object = (SKY,), *, active: int = 1) -> bytes:
    return json.dumps({"class": "POLL", "active": active, "tpv": tpv, "sky": sky}).encode() + b"\r\n"


def client_of(address: tuple[str, int], timeout_s: float = 0.3) -> GpsdClient:
    return GpsdClient(*address, timeout_s)


def test_a_fix_is_polled(serve: Callable[..., tuple[str, int]]) -> None:
    client = client_of(serve(poll_line([TPV])))
    fix = client.poll()
    client.close()
    client.close()
    assert fix is not None
    assert (fix.latitude_deg, fix.longitude_deg, fix.dimensions) == (51.5, -0.1, 3)
    assert fix.received_at <= time.monotonic_ns()


@pytest.mark.parametrize(
    "answer",
    [
        poll_line([], []),
        poll_line([], [], active=0),
        b'{"class":"POLL"}\n',
        poll_line([{"class": "TPV", "mode": 1}]),
        poll_line([{"mode": 3, "time": TPV["time"]}]),
        poll_line(["no object", 5, None]),
        poll_line([{}], [{"satellites": [7]}]),
    ],
)
def test_an_answer_without_a_fix_is_no_fix_and_no_error(
    serve: Callable[..., tuple[str, int]], answer: bytes
) -> None:
    client = client_of(serve(answer))
    assert client.poll() is None
    client.close()


@pytest.mark.parametrize("sky", [[], [{}], [{"satellites": [{"PRN": 3}]}]])
def test_a_fix_counts_though_the_library_stumbles_over_the_satellites(
    serve: Callable[..., tuple[str, int]], sky: list[object]
) -> None:
    client = client_of(serve(poll_line([TPV], sky)))
    assert client.poll() is not None
    client.close()


def test_notices_before_the_answer_are_passed_over(serve: Callable[..., tuple[str, int]]) -> None:
    notices = b'{"class":"DEVICE","path":"/dev/x"}\r\n' * 3
    client = client_of(serve(notices + poll_line([TPV])))
    assert client.poll() is not None
    client.close()


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"", "did not answer within|timed out"),
        (b'{"class":"POLL"', "did not answer within|timed out"),
        (b"hello\n", "no JSON"),
        (b"[1]\n", "no object"),
        (b"\xff\xfe\n", "no JSON"),
        (b"[" * 60_000 + b"\n", "no JSON"),
        (b'{"class":"DEVICE"}\n' * 20, "did not answer with POLL"),
        (b"x" * 80_000, "over 65536 bytes"),
        (b'{"class":"POLL","active":1,"tpv":{"mode":3},"sky":[]}\n', "as a list"),
    ],
)
def test_an_answer_that_is_none_is_an_error_in_time(
    serve: Callable[..., tuple[str, int]], answer: bytes, message: str
) -> None:
    client = client_of(serve(answer))
    with pytest.raises(GpsError, match=message):
        client.poll()
    client.close()


@pytest.mark.parametrize(
    ("greeting", "watching", "message"),
    [
        (b"", b"", "did not answer within|timed out"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", b"", "no JSON"),
        (b'{"class":"VERSION","proto_major":4}\r\n', b"", "protocol 3, found 4"),
        (b'{"class":"VERSION"}\r\n', b"", "protocol 3, found None"),
        (VERSION, b'{"class":"ERROR"}\r\n', "did not answer within|timed out"),
    ],
)
def test_what_is_no_gpsd_is_refused_at_the_greeting(
    serve: Callable[..., tuple[str, int]], greeting: bytes, watching: bytes, message: str
) -> None:
    with pytest.raises(GpsError, match=message):
        client_of(serve(b"", greeting=greeting, watching=watching))


def test_where_nobody_listens_there_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(GpsError, match="cannot be reached"):
        client_of(("127.0.0.1", port))

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from alprd.control.status import ControlServer, ask
from alprd.errors import ControlError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "control.sock"


@pytest.fixture
def server(path: Path) -> Iterator[ControlServer]:
    server = ControlServer(path, lambda: {"frames": 3}, lambda: None)
    server.start()
    yield server
    server.stop()
    server.join(2)


def test_status_is_answered(server: ControlServer, path: Path) -> None:
    assert ask(path) == {"frames": 3}
    assert ask(path) == {"frames": 3}
    assert server.is_alive()


def test_an_unknown_request_is_refused_by_name(server: ControlServer, path: Path) -> None:  # noqa: ARG001
    assert ask(path, "plates") == {"error": "unknown request", "known": ["status", "reload"]}


def test_a_client_that_sends_too_much_does_not_stop_the_server(server: ControlServer, path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
        client.sendall(b"x" * 64)
        assert b"unknown request" in client.recv(4096)
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))  # says nothing and goes
    assert ask(path) == {"frames": 3}
    assert server.is_alive()


def test_a_socket_left_behind_is_replaced(path: Path) -> None:
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(path))
    left.close()
    server = ControlServer(path, dict, lambda: None)
    server.start()
    assert ask(path) == {}
    server.stop()
    assert not path.exists()


def test_the_socket_is_closed_to_others(server: ControlServer, path: Path) -> None:  # noqa: ARG001
    assert path.stat().st_mode & 0o777 == 0o660


def test_no_daemon_is_a_named_error(tmp_path: Path) -> None:
    with pytest.raises(ControlError, match="no answer"):
        ask(tmp_path / "none.sock")


def test_a_folder_that_is_missing_is_a_named_error(tmp_path: Path) -> None:
    with pytest.raises(ControlError, match="cannot be made"):
        ControlServer(tmp_path / "none" / "control.sock", dict, lambda: None)


def test_a_reload_is_asked_for_and_answered_at_once(path: Path) -> None:
    asked: list[int] = []
    server = ControlServer(path, dict, lambda: asked.append(1))
    server.start()
    assert ask(path, "reload") == {"reload": "due"}
    assert asked == [1]
    server.stop()

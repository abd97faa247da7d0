"""The watchdog shell against a real notify socket, as systemd binds one."""

from __future__ import annotations

import os
import socket
import sys
from typing import TYPE_CHECKING

import pytest

from alprd import watchdog
from alprd.errors import InstallerError
from alprd.records import MonotonicNs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECOND = 1_000_000_000


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """The receiving end of sd_notify, with a watchdog of 4 s for this process."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        path = tmp_path / "notify"
        listener.bind(str(path))
        listener.settimeout(0)
        monkeypatch.setenv("NOTIFY_SOCKET", str(path))
        monkeypatch.setenv("WATCHDOG_USEC", "4000000")
        monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
        yield listener


def received(listener: socket.socket) -> list[str]:
    messages = []
    while True:
        try:
            messages.append(listener.recv(4096).decode())
        except BlockingIOError:
            return messages


def at(seconds: float) -> MonotonicNs:
    return MonotonicNs(int(seconds * SECOND))


def test_ready_status_and_stopping_reach_systemd(systemd: socket.socket) -> None:
    watchdog.ready()
    watchdog.status("15 frames a second")
    watchdog.stopping()
    assert received(systemd) == ["READY=1", "STATUS=15 frames a second", "STOPPING=1"]


def test_a_newline_in_a_status_cannot_add_a_command(systemd: socket.socket) -> None:
    watchdog.status("camera\nWATCHDOG=1")
    assert received(systemd) == ["STATUS=camera?WATCHDOG=1"]


def test_the_watchdog_is_fed_at_half_the_interval_while_frames_move(systemd: socket.socket) -> None:
    dog = watchdog.Watchdog()
    fed = []
    for tenth in range(100):
        dog.moved(tenth + 1)
        if dog.tick(at(tenth / 10)):
            fed.append(tenth)
    assert fed == [0, 20, 40, 60, 80]
    assert received(systemd) == ["WATCHDOG=1"] * 5


def test_the_watchdog_starves_when_frames_stop(systemd: socket.socket) -> None:
    dog = watchdog.Watchdog()
    assert not dog.tick(at(0)), "no frame yet"
    dog.moved(1)
    assert dog.tick(at(1))
    assert not any(dog.tick(at(second)) for second in range(2, 60))
    dog.moved(2)
    assert dog.tick(at(60)), "frames move again"
    assert len(received(systemd)) == 2


def test_the_watchdog_starves_when_a_thread_is_dead(systemd: socket.socket) -> None:
    lives = {"camera": True, "dash": True}
    dog = watchdog.Watchdog([lambda: lives["camera"], lambda: lives["dash"]])
    dog.moved(1)
    assert dog.tick(at(0))
    lives["dash"] = False
    dog.moved(2)
    assert not dog.tick(at(10))
    assert received(systemd) == ["WATCHDOG=1"]


def test_another_process_s_watchdog_is_not_ours(
    systemd: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid() + 1))
    dog = watchdog.Watchdog()
    dog.moved(1)
    assert not dog.tick(at(0))
    assert received(systemd) == []


@pytest.mark.parametrize("value", ["", "0", "-4", "soon"])
def test_a_senseless_interval_is_no_watchdog(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", value)
    assert watchdog.interval() is None


def test_outside_systemd_nothing_is_sent_and_nothing_fails(
    systemd: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET")
    monkeypatch.delenv("WATCHDOG_USEC")
    watchdog.ready()
    dog = watchdog.Watchdog()
    dog.moved(1)
    assert not dog.tick(at(0))
    assert received(systemd) == []


def test_a_missing_systemd_python_is_the_installer_s_error(
    systemd: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "systemd.daemon", None)
    with pytest.raises(InstallerError, match="systemd-python is not installed") as caught:
        watchdog.ready()
    assert "alprd[systemd]" in caught.value.next_step
    assert received(systemd) == []

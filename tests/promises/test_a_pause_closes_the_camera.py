"""While an officer has paused the unit the daemon holds no camera, and no restart opens it again."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.sim import camera_feed
from tests.sim.bench import Bench

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sim.recording import Passing


@pytest.fixture
def camera(tmp_path: Path, passing: Passing) -> Iterator[Path]:
    """A camera that sends MJPEG for ever; its device is a FIFO."""
    stills, fifo = tmp_path / "stills", tmp_path / "camera.fifo"
    stills.mkdir()
    for number, frame in enumerate(sorted(passing.folder.iterdir())):
        Image.open(frame).save(stills / f"{number:03}.jpg", quality=92)
    words = [sys.executable, camera_feed.__file__, str(stills), str(fifo), "10"]
    with subprocess.Popen(words) as feed:
        while not fifo.exists():
            assert feed.poll() is None
        yield fifo
        feed.kill()


def holds(bench: Bench, device: Path) -> bool:
    """Return whether the daemon has the camera's device open, as an outside process sees it."""
    assert bench.daemon is not None
    names = []
    for entry in Path(f"/proc/{bench.daemon.pid}/fd").iterdir():
        try:
            names.append(str(entry.readlink()))
        except FileNotFoundError:
            continue
    return str(device) in names


def test_a_pause_closes_the_camera_until_an_officer_opens_it_again(
    tmp_path: Path, passing: Passing, camera: Path
) -> None:
    bench = Bench(tmp_path / "unit", camera, listed=[passing.listed])
    with bench:
        bench.wait_for(lambda state: state["frames"] > 5 and state["has_session"])
        assert holds(bench, camera)
        with bench.dash.lock:
            assert bench.dash.link.pause(is_paused=True)
        bench.dash.wake()
        bench.wait_for(lambda state: state["paused"] and state["camera"] is None)
        bench.wait_for(lambda _: not holds(bench, camera))
        frames, state = bench.status()["frames"], bench.wait_for(lambda state: state["tracked"] == 0)
        assert state["frames"] == frames
        assert bench.dash.unit_state is not None
        bench.wait_for(lambda _: bench.dash.unit_state is not None and bench.dash.unit_state.is_paused)
        with bench.dash.lock:
            assert bench.dash.link.log_out()
            assert bench.dash.link.pause(is_paused=False)
        bench.dash.wake()
        bench.wait_for(lambda state: not state["has_session"])
        assert bench.status()["paused"], "opening it takes a name"
        assert not holds(bench, camera)


def test_a_restart_does_not_open_the_camera_again(tmp_path: Path, passing: Passing, camera: Path) -> None:
    bench = Bench(tmp_path / "unit", camera, listed=[passing.listed])
    with bench:
        bench.wait_for(lambda state: state["frames"] > 2 and state["has_session"])
        with bench.dash.lock:
            bench.dash.link.pause(is_paused=True)
        bench.dash.wake()
        bench.wait_for(lambda state: state["paused"])
        assert bench.daemon is not None
        bench.daemon.send_signal(signal.SIGKILL)
        bench.daemon.wait()
        bench.start_daemon()
        state = bench.wait_for(lambda state: state["has_session"])
        assert state["paused"]
        assert state["frames"] == 0
        assert not holds(bench, camera)
        with bench.dash.lock:
            bench.dash.link.pause(is_paused=False)
        bench.dash.wake()
        bench.wait_for(lambda state: state["frames"] > 2)
        assert holds(bench, camera)
    assert "camera opened by badge 4711" in bench.log()

"""Many frames through the real stages: how long each lives, what wiping costs, whether memory grows."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from alprd.camera.frame import FramePool
from alprd.cycle import Stages, run_cycle
from alprd.demo.drive import DriveScript
from alprd.demo.render import DriveRenderer
from alprd.hotlist.match import Matcher
from alprd.memory import harden_process
from alprd.meters import Tally
from alprd.plates.vote import AlertRule
from alprd.settings import VisionSettings
from alprd.vision.loading import open_detector, open_reader
from alprd.vision.shrink import Shrinker
from alprd.vision.track import Tracks
from alprd.vision.turns import Turns
from tests.sim.lists import index_of
from tests.soak.progress import Progress

if TYPE_CHECKING:
    from numpy.typing import NDArray

PICTURES: Final = 24
FPS: Final = 30.0
_SAMPLE_EVERY: Final = 250
_WARM_UP: Final = 0.2
"""The share of the frames before memory is taken to have settled."""


class TimedStages(Stages):
    """Stages that note how long their wipe takes."""

    wiping_ns = 0

    def wipe(self) -> None:
        began = time.thread_time_ns()
        super().wipe()
        self.wiping_ns += time.thread_time_ns() - began


def run(count: int, runtime: Any) -> dict[str, object]:
    """Pass ``count`` rendered 1280x720 frames without a listed plate; return what was measured."""
    harden_process()
    script = DriveScript(seed=3)
    renderer = DriveRenderer(script)
    pictures = [renderer.frame(n) for n in range(0, script.frames, script.frames // PICTURES)][:PICTURES]
    usual = VisionSettings()
    stages = TimedStages(
        open_detector(runtime, threads=usual.threads),
        open_reader(runtime, threads=usual.threads),
        Tracks(),
        Matcher(index_of("ZZZZ999"), now_s=0),
        None,  # type: ignore[arg-type]  # nothing is listed that passes
        turns=Turns(round(usual.budget_ms * 1e6), time.monotonic_ns),
    )
    height, width = pictures[0].shape
    pool, shrinker, tally = FramePool(1, height, width), Shrinker(height, width), Tally()
    resident: list[tuple[int, float]] = []
    progress = Progress(f"frames with {runtime}", count)
    began, frame_wipe_ns = time.thread_time_ns(), 0
    for number in range(count):
        frame_wipe_ns += _pass(pictures[number % len(pictures)], pool, shrinker, stages, tally)
        if number % _SAMPLE_EVERY == 0:
            resident.append((number, _resident_mib()))
            progress.at(number, _growth(resident, number))
    cycle_ns = time.thread_time_ns() - began
    return {
        "runtime": runtime,
        "frames": tally.frames,
        "frames_wiped": tally.frames_wiped,
        "plates_read": tally.plates_read,
        "boxes_unread": tally.boxes_unread,
        "ms_a_frame": round(cycle_ns / count / 1e6, 2),
        "frame_life_ms": tally.frame_life.as_fields(),
        "wipe_share": round((stages.wiping_ns + frame_wipe_ns) / cycle_ns, 4),
        "resident_mib": resident[-1][1],
        "resident_slope_mib_per_h": _slope(resident, count),
    }


def _pass(
    picture: NDArray[np.uint8], pool: FramePool, shrinker: Shrinker, stages: Stages, tally: Tally
) -> int:
    """Take one frame to its end; return how long its own wipe took."""
    frame = pool.lease(picture.shape[0], picture.shape[1])
    np.copyto(frame.main, picture)
    frame.fill_lores(shrinker)
    whole, took = frame.wipe, 0

    def timed() -> None:
        nonlocal took
        began = time.thread_time_ns()
        whole()
        took += time.thread_time_ns() - began

    frame.wipe = timed  # type: ignore[method-assign]  # for the measurement
    run_cycle(frame, stages, tally, AlertRule())
    frame.wipe = whole  # type: ignore[method-assign]  # and no circle is left of it
    return took


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return round(pages * 4096 / (1 << 20), 3)


def _growth(resident: list[tuple[int, float]], count: int) -> str:
    slope = _slope(resident, count)
    return f"resident {resident[-1][1]:.1f} MiB" + ("" if slope is None else f", {slope:+.3f} MiB an hour")


def _slope(resident: list[tuple[int, float]], count: int) -> float | None:
    """Return how resident memory grows after the warm-up, in MiB an hour at 30 frames a second."""
    settled = [(number, mib) for number, mib in resident if number >= count * _WARM_UP]
    if len(settled) < 3:
        return None
    numbers, mib = zip(*settled, strict=True)
    return round(float(np.polyfit(numbers, mib, 1)[0]) * FPS * 3600, 3)

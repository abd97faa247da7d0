"""A forgetting meter in a process that is set up as the daemon is. Run as a program, it says what it found.

    python -m tests.sim.planted RUNTIME HEIGHT WIDTH KEPT

KEPT is what is not wiped: ``nothing``, or a name of `KEEPING`. One JSON object: the meter's state after a
search with every wipe, one without that wipe, and one with it again.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, Final

from alprd.camera.frame import Frame, FramePool
from alprd.cycle import Stages
from alprd.forgetting.meter import ForgettingMeter
from alprd.memory import harden_process
from alprd.meters import Tally
from alprd.records import MonotonicNs
from alprd.vision.detect import Detector
from alprd.vision.litert import Model, default_folder
from alprd.vision.loading import open_reader
from alprd.vision.read import Reader
from alprd.vision.shrink import Shrinker
from alprd.vision.track import Tracks

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PERIOD_S: Final = 1.0
PERIOD_NS: Final = 1_000_000_000
COPIES: Final[list[NDArray[np.uint8]]] = []


def let_go(frame: Frame) -> None:
    if not frame.is_wiped:
        frame._let_go()


def detect_and_copy(detector: Detector, lores: NDArray[np.uint8], factor: int) -> int:
    COPIES.append(lores[100:104, 200:280].copy())
    return DETECT(detector, lores, factor)


def wipe_tensors_alone(model: Model) -> None:
    model._input().fill(0)
    for output in model._outputs:
        output().fill(0)


DETECT: Final = Detector.detect
KEEPING: Final[dict[str, tuple[Any, str, Any]]] = {
    "nothing": (Frame, "wipe", Frame.wipe),
    "frame": (Frame, "wipe", let_go),
    "crop": (Reader, "wipe", lambda _: None),
    "small": (Shrinker, "wipe", lambda _: None),
    "tensor": (Model, "wipe", lambda *_, **__: None),
    "padded": (Model, "wipe", wipe_tensors_alone),
    "copy": (Detector, "detect", detect_and_copy),
}


class Planted:
    """Stages, a pool and a meter, without camera, list and desk. ``now`` is the meter's time."""

    def __init__(self, runtime: Any = "auto", height: int = 720, width: int = 1280) -> None:
        self.pool = FramePool(1, height, width)
        detector = Detector(Model.open(default_folder("detector"), runtime))
        reader = open_reader(runtime)
        self.stages = Stages(detector, reader, Tracks(), None, None)  # type: ignore[arg-type]  # no hit is made
        self.tally = Tally()
        self.now = MonotonicNs(0)
        self.meter = ForgettingMeter(
            self.pool, self.stages, self.tally, period_s=PERIOD_S, life_limit_ms=100.0, now=self.now
        )

    def plant(self) -> None:
        """Let the period pass and plant a frame."""
        self.now = MonotonicNs(self.now + 2 * PERIOD_NS)
        self.meter.attend(self.now)

    def check(self) -> dict[str, object]:
        """Plant a frame, search to the end, and return the meter's state."""
        done = self.meter.checks
        self.plant()
        while self.meter.checks == done:
            assert self.meter._rest is not None, "nothing was planted"
            self.meter.attend(self.now)
        return self.meter.state()


def main() -> None:
    harden_process()
    runtime, height, width, kept = sys.argv[1:]
    planted = Planted(runtime, int(height), int(width))
    before = planted.check()
    owner, name, instead = KEEPING[kept]
    whole = getattr(owner, name)
    setattr(owner, name, instead)
    without = planted.check()
    setattr(owner, name, whole)
    COPIES.clear()
    after = planted.check()
    print(json.dumps({"before": before, "without": without, "after": after}))  # noqa: T201 - a program's output


if __name__ == "__main__":
    main()

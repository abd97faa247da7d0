"""What can happen to an installed unit, each searched by the outside witness afterwards.

The camera is held still for every search, so that the witness has all the time it needs. What a search found
is kept in `.cache/witness`, a file for each scenario and runtime.
"""

from __future__ import annotations

import json
import os
import re
import signal
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from PIL import Image

from alprd.camera.frame import FramePool
from alprd.camera.video import VideoReader
from alprd.records import Verdict
from tests.gates.tools import ROOT
from tests.sim.faults import FAILS_AFTER, PROGRAM, STAGES, STOPS_WITHIN
from tests.system.container import wait_for
from tests.system.installed import CAMERA, DASH_STATE, SETTINGS, STATE, UNIT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.system.installed import InstalledUnit

REPORTS: Final = ROOT / ".cache" / "witness"
FOLDERS: Final = (STATE, "/tmp", "/var/tmp", "/var/log")  # noqa: S108 - where nothing must be
WHILE_IT_RUNS: Final = "/run/alprd"
"""A folder that systemd removes when the unit ends."""
SENTINELS: Final = "/root/sentinels.json"
FAULT: Final = "/usr/local/lib/alprd-fault.py"
DROP_IN: Final = f"/run/systemd/system/{UNIT}.d/scenario.conf"
LAST_TRACK_S: Final = 2.5
"""A track's longest life after its plate was last found, and some."""
PATIENCE_S: Final = 900.0


class Scenarios:
    """The scenarios on one installed unit and one ``runtime``; ``frames`` is how many pass without a hit."""

    def __init__(self, unit: InstalledUnit, runtime: str, frames: int) -> None:
        self._unit, self._runtime, self._frames = unit, runtime, frames
        self._run = unit.container.run
        self._said = 0
        script = unit.script
        self.listed = sorted(unit.listed)
        self.others = sorted({vehicle.spec.text for vehicle in script.vehicles} - unit.listed)
        texts = {vehicle.number: vehicle.spec.text for vehicle in script.vehicles}
        self._calm = [
            number
            for number in range(script.frames)
            if not any(texts[plate.vehicle] in unit.listed for plate in script.truth(number))
        ]
        assert len(self._calm) > 20, "the drive has too few frames without a listed plate"

    def frames_without_a_hit(self) -> dict[str, Any]:
        """Let frames without a listed plate pass."""
        self._start(calm=True)
        self._wait(f"{self._frames} frames are wiped", lambda state: state["frames_wiped"] >= self._frames)
        return self._searched("frames without a hit", self.others)

    def verdict(self, verdict: Verdict) -> dict[str, Any]:
        """Let listed plates pass until one is answered, then others."""
        self._unit.container.write(f"{DASH_STATE}.verdict", verdict.name)
        self._start(alerts="answer_time_s: 5.0")
        counted = {Verdict.CONFIRMED: "confirmed", Verdict.UNANSWERED: "unanswered"}.get(verdict, "rejected")
        self._wait(f"a hit is {counted}", lambda state: state[counted] > 0)
        self._calm_down()
        return self._searched(f"verdict {verdict.name}", self.others + self.listed)

    def failing(self, stage: str) -> dict[str, Any]:
        """Have a stage do its work and then fail, frame after frame."""
        self._start(program=FAILS_AFTER.format(stage=stage) + PROGRAM, alerts="answer_time_s: 5.0")
        self._wait("the stage has failed", lambda _: self._failures() >= 3)
        self._calm_down()
        return self._searched(f"{stage.split()[2]} fails", self.others + self.listed)

    def stopped_within_a_stage(self) -> dict[str, Any]:
        """Stop the daemon in the middle of a frame, see the frame, and let it go on."""
        self._start(calm=True, program=STOPS_WITHIN + PROGRAM)
        pid = self._unit.container.pid_here(UNIT)
        wait_for("it stops itself", lambda: "\nState:\tT" in status_of(pid), PATIENCE_S)
        held = self._witness(self.others, mark=self._mark())
        assert held["found"] > 0, "the witness does not see the frame that is in memory"
        os.kill(pid, signal.SIGCONT)
        before = self._frames_so_far()
        self._wait("frames move on", lambda state: state["frames"] > before + 5)
        return self._searched("stage stopped", self.others)

    def camera_stalls(self) -> dict[str, Any]:
        """Hold the camera, wait until it is lost, let it go on and search during the next stall."""
        self._start()
        self._hold_camera()
        wait_for("the camera is lost", lambda: "camera lost" in self._log(), PATIENCE_S)
        self._let_camera_go()
        before = self._frames_so_far()
        self._wait("frames move again", lambda state: state["frames"] > before + 5)
        self._calm_down()
        return self._searched("camera stalls", self.others)

    def pause(self) -> dict[str, Any]:
        """Have the officer pause the unit while frames pass, search, and have it go on."""
        self._start(calm=True)
        self._wait("frames pass", lambda state: state["frames"] > 10)
        self._unit.container.write(f"{DASH_STATE}.pause", "")
        self._wait("the camera is closed", lambda state: state["paused"] and state["camera"] is None)
        before = self._frames_so_far()
        report = self._kept("pause", self._witness(self.others))
        assert self._frames_so_far() == before
        self._run("rm", f"{DASH_STATE}.pause")
        self._wait("frames move on", lambda state: state["frames"] > before + 5)
        return report

    def reload(self) -> dict[str, Any]:
        """Have the daemon look at its list again while frames pass."""
        self._start(calm=True)
        self._wait("frames pass", lambda state: state["frames"] > 10)
        self._run("systemctl", "reload", UNIT)
        before = self._frames_so_far()
        self._wait("frames move on", lambda state: state["frames"] > before + 10)
        return self._searched("reload", self.others)

    def ended(self, number: signal.Signals) -> dict[str, Any]:
        """End the daemon while frames with listed plates pass, and hits wait."""
        self._unit.container.write(f"{DASH_STATE}.verdict", Verdict.UNANSWERED.name)
        self._start(alerts="answer_time_s: 600.0")
        self._wait("a hit waits", lambda state: state["pending"] > 0)
        mark = self._mark()
        self._run("systemctl", "kill", "--kill-whom=main", f"--signal={number.name}", UNIT)
        self._run("systemctl", "stop", UNIT)
        return self._kept(number.name, self._witness(self.others + self.listed, mark=mark, has_ended=True))

    def put_back(self) -> None:
        """Leave the unit as it was."""
        self._let_camera_go()
        self._run("systemctl", "stop", UNIT)
        self._run("rm", "-f", DROP_IN, FAULT, f"{CAMERA}.only", f"{DASH_STATE}.verdict")
        self._unit.container.write("/etc/alprd/alprd.yaml", SETTINGS)
        self._run("systemctl", "daemon-reload")
        self._run("systemctl", "start", UNIT)

    def _start(self, *, calm: bool = False, program: str = "", alerts: str = "") -> None:
        write = self._unit.container.write
        self._run("systemctl", "stop", UNIT)
        self._let_camera_go()
        self._run("rm", "-f", f"{CAMERA}.only")
        if calm:
            self._send_calm_frames()
        # A shared machine may stop a frame for a second: that is not what is searched for here.
        write(
            "/etc/alprd/alprd.yaml",
            f"{SETTINGS}vision:\n  runtime: {self._runtime}\nforgetting:\n  life_limit_ms: 10000.0\n"
            + (f"alerts:\n  {alerts}\n" if alerts else ""),
        )
        # The camera is held still for a search, and frames that fail feed no watchdog.
        drop_in = "[Service]\nWatchdogSec=300s\n"
        if program:
            write(FAULT, program)
            arguments = "run --settings /etc/alprd/alprd.yaml"
            drop_in += f"ExecStart=\nExecStart=/opt/alprd/bin/python {FAULT} {arguments}\n"
        write(DROP_IN, drop_in)
        self._run("systemctl", "daemon-reload")
        self._said = len(self._unit.journal())
        self._unit.start()

    def _send_calm_frames(self) -> None:
        names = "\n".join(f"frame-{number:04d}.jpg" for number in self._calm)
        self._unit.container.write(f"{CAMERA}.only", names)

    def _calm_down(self) -> None:
        """Let frames without a listed plate pass until no hit waits."""
        self._send_calm_frames()
        self._wait("no hit waits", lambda state: state["pending"] == 0)
        before = self._frames_so_far()
        if before:  # the camera works
            self._wait("other frames pass", lambda state: state["frames"] > before + 10)

    def _searched(self, scenario: str, plates: list[str]) -> dict[str, Any]:
        self._hold_camera()
        try:
            time.sleep(LAST_TRACK_S)
            return self._kept(scenario, self._witness(plates))
        finally:
            self._let_camera_go()

    def _witness(self, plates: list[str], mark: str = "", *, has_ended: bool = False) -> dict[str, Any]:
        """Have the witness search all that the unit has. What crossed the line of a hit is no trace."""
        told = {"plates": plates, "pictures": [f"/opt/payload/{path.name}" for path in self._pictures()]}
        self._unit.container.write(SENTINELS, json.dumps(told))
        who = [] if has_ended else ["--pid", self._unit.show("MainPID")]
        who += ["--mark", mark] if mark else []
        folders = FOLDERS if has_ended else (*FOLDERS, WHILE_IT_RUNS)
        places = [f"--folder={place}" for place in folders]
        places += ["--journal", UNIT, "--tape", f"{DASH_STATE}.tape"]
        said = self._run(
            "/opt/alprd/bin/alprctl", "witness", *who, *places, "--sentinels", SENTINELS, "--json",
            check=False,
        )  # fmt: skip
        report: dict[str, Any] = json.loads(said)
        assert all(place["control"] for place in report["places"]), report["places"]
        for place in report["places"]:
            if place["kind"] == "line":
                place["found"] = {
                    name: times
                    for name, times in place["found"].items()
                    if name.split()[0] not in self.listed
                }
        report["found"] = sum(sum(place["found"].values()) for place in report["places"])
        return report

    def _pictures(self) -> Iterator[Path]:
        """Yield pictures of the drive, grey and as the unit's own decoder gives them."""
        folder, drive = self._unit.payload, self._unit.drive
        for number in self._calm[:: max(1, len(self._calm) // 6)]:
            path = folder / f"frame-{number:04d}.pgm"
            if not path.exists():
                still = drive / f"frame-{number:04d}.jpg"
                with VideoReader(str(still), FramePool(1, 720, 1280), 1.0).read() as frame:
                    Image.fromarray(np.asarray(frame.main)).save(path)
            yield path

    def _kept(self, scenario: str, report: dict[str, Any]) -> dict[str, Any]:
        REPORTS.mkdir(parents=True, exist_ok=True)
        path = REPORTS / f"{self._runtime} {scenario}.json"
        path.write_text(json.dumps(report) + "\n", "utf-8")
        return report

    def _hold_camera(self) -> None:
        self._run("systemctl", "kill", "--signal=STOP", "camera")

    def _let_camera_go(self) -> None:
        self._run("systemctl", "kill", "--signal=CONT", "camera")

    def _wait(self, what: str, holds: Callable[[dict[str, Any]], bool]) -> None:
        wait_for(what, lambda: holds(self._state()), PATIENCE_S, every_s=0.5)

    def _state(self) -> dict[str, Any]:
        said = self._run("/opt/alprd/bin/alprctl", "status", "--json", check=False)
        nothing = ("frames", "frames_wiped", "confirmed", "rejected", "unanswered")
        return dict(json.loads(said)) if said else {**dict.fromkeys(nothing, 0), "pending": -1, "paused": 0}

    def _frames_so_far(self) -> int:
        return int(self._state()["frames"])

    def _log(self) -> str:
        return self._unit.journal()[self._said :]

    def _failures(self) -> int:
        return len(re.findall("frame [0-9]+ failed: RuntimeError|camera lost: .*RuntimeError", self._log()))

    def _mark(self) -> str:
        return str(re.findall("witness mark ([0-9a-f]{32})", self._log())[-1])


def status_of(pid: int) -> str:
    """Return what the kernel says of the process ``pid``."""
    return Path(f"/proc/{pid}/status").read_text("utf-8")


SCENARIOS: Final[dict[str, Callable[[Scenarios], dict[str, Any]]]] = {
    "frames without a hit": Scenarios.frames_without_a_hit,
    **{f"verdict {verdict.name}": partial(Scenarios.verdict, verdict=verdict) for verdict in Verdict},
    **{f"{stage.split()[2]} fails": partial(Scenarios.failing, stage=stage) for stage in STAGES},
    "stage stopped": Scenarios.stopped_within_a_stage,
    "camera stalls": Scenarios.camera_stalls,
    "pause": Scenarios.pause,
    "reload": Scenarios.reload,
    "SIGTERM": partial(Scenarios.ended, number=signal.SIGTERM),
    "SIGKILL": partial(Scenarios.ended, number=signal.SIGKILL),
}
"""Every scenario: what goes on until the search. Each returns what the witness reports."""

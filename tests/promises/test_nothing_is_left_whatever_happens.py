"""Whatever ends a frame or a hit, an outside witness finds nothing of it in memory, files, log or line.

A listed plate passes among others, then the road is empty: grey frames keep the daemon going while the
witness, a process of its own, searches everything that it has for the frames, the plates and the hit.
"""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from alprd.records import Verdict
from alprd.vision.litert import installed_runtimes
from tests.conftest import IS_CI, IS_SOAK
from tests.sim.bench import Bench
from tests.sim.faults import FAILS_AFTER, PROGRAM, STAGES, STOPS_WITHIN
from tests.sim.taps import TappedPort

if TYPE_CHECKING:
    from pathlib import Path

    from alprd.alerts.messages import AlertMessage
    from tests.sim.recording import Passing

EMPTY_ROAD = 1200
FPS = 10.0
RUNTIMES = installed_runtimes() if IS_SOAK else installed_runtimes()[:1]


@pytest.fixture(autouse=True)
def _root() -> None:
    if os.geteuid() != 0:
        reason = "reading another process's memory needs root"
        pytest.fail(reason) if IS_CI else pytest.skip(reason)


class Passed:
    """A unit that a listed plate passes, and an officer who gives ``verdict`` when told to."""

    def __init__(
        self,
        folder: Path,
        passing: Passing,
        runtime: str,
        *,
        verdict: Verdict | None = None,
        program: str = PROGRAM,
        answer_time_s: float = 600.0,
    ) -> None:
        self.may_answer = threading.Event()
        self._verdict = verdict
        drive = folder / "drive"
        drive.mkdir()
        for place, path in enumerate(sorted(passing.folder.iterdir())):
            os.link(path, drive / f"{place:04}.pgm")
        self.frames = place + 1
        grey = folder / "grey.pgm"
        Image.fromarray(np.full((720, 1280), 110, np.uint8)).save(grey)
        for number in range(EMPTY_ROAD):
            os.link(grey, drive / f"1{number:05}.pgm")
        self.bench = Bench(
            folder / "unit",
            drive,
            listed=[passing.listed],
            answer=self._answer,
            settings={
                "camera": {"fps": FPS},
                "vision": {"runtime": runtime},
                "alerts": {"answer_time_s": answer_time_s},
            },
            program=program,
        )
        self.tape, lock = bytearray(), threading.Lock()
        self.bench.dash._opener = lambda: TappedPort(self.bench.dash_fd, self.tape, lock)
        pictures = sorted(passing.folder.iterdir())
        self.non_hits = {
            "plates": sorted(passing.others),
            "pictures": [str(pictures[0]), str(pictures[len(pictures) // 2]), str(pictures[-1])],
        }
        self.everything = {**self.non_hits, "plates": [*self.non_hits["plates"], passing.listed]}
        self.listed = passing.listed

    def _answer(self, _alert: AlertMessage) -> Verdict | None:
        if self._verdict is not None:
            assert self.may_answer.wait(120)
        return self._verdict

    @property
    def mark(self) -> str:
        """What the daemon logged for a witness."""
        found = re.search("witness mark ([0-9a-f]{32})", self.bench.log())
        assert found is not None
        return found[1]

    def wait_for_the_empty_road(self, more: int = 20) -> dict[str, Any]:
        """Wait until every frame with a plate is over, and every track."""
        return self.bench.wait_for(lambda s: s["frames"] >= self.frames + more and s["tracked"] == 0)

    def found(self, sentinels: dict[str, list[str]], mark: str = "") -> set[str]:
        """Have the witness search everything; return which sentinels it found, and where.

        A hit that has crossed the line is no trace there.
        """
        report, _ = self.bench.witness(sentinels=sentinels, mark=mark, tapes={"line": bytes(self.tape)})
        assert len(report["looked_for"]) > 100
        assert {place["kind"] for place in report["places"]} >= {"files", "journal", "line"}
        if report["process"] is not None:
            assert (report["process"]["swapped_kib"], report["process"]["core_limit"]) == (0, "0")
        finds = {(place["kind"], name) for place in report["places"] for name in place["found"]}
        return {f"{kind}: {name}" for kind, name in finds if (kind, name.split()[0]) != ("line", self.listed)}


def is_listed_alone(found: set[str], listed: str) -> bool:
    """Whether only the text of the hit was found, and that in memory."""
    return bool(found) and all(name.startswith(f"memory: {listed}") for name in found)


@pytest.mark.slow
@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("verdict", [*Verdict], ids=lambda v: v.name)
def test_nothing_is_left_after_a_verdict(
    tmp_path: Path, passing: Passing, verdict: Verdict, runtime: str
) -> None:
    is_answered = verdict is not Verdict.UNANSWERED
    passed = Passed(
        tmp_path,
        passing,
        runtime,
        verdict=verdict if is_answered else None,
        answer_time_s=600.0 if is_answered else 10.0,
    )
    with passed.bench as bench:
        try:
            bench.wait_for(lambda s: s["hits"] == 1)
            if is_answered:
                passed.wait_for_the_empty_road()
            if verdict is Verdict.MISREAD:
                waiting = passed.found(passed.everything)
                assert is_listed_alone(waiting, passing.listed), "a witness that cannot see the waiting hit"
        finally:
            passed.may_answer.set()
        bench.wait_for(lambda s: s["hits"] == 1 and s["pending"] == 0)
        passed.wait_for_the_empty_road()
        time.sleep(1.0)  # the outcome crosses the line
        assert passed.found(passed.everything) == set()
        assert len(bench.records()) == (verdict is Verdict.CONFIRMED)
        mark = passed.mark
    assert passed.found(passed.everything, mark) == set(), "and nothing after SIGTERM"


@pytest.mark.slow
@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.split()[-1])
def test_nothing_is_left_of_frames_whose_stage_failed(
    tmp_path: Path, passing: Passing, stage: str, runtime: str
) -> None:
    passed = Passed(tmp_path, passing, runtime, program=FAILS_AFTER.format(stage=stage) + PROGRAM)
    with passed.bench as bench:
        bench.wait_for(lambda s: s["tracked"] == 0 and len(failures(bench)) >= least_failures(stage))
        time.sleep(2.0)
        found = passed.found(passed.everything)
        if stage.endswith("take"):  # the hit was held and shown before the desk failed: it waits
            assert is_listed_alone(found, passing.listed)
        else:
            assert found == set()


def failures(bench: Bench) -> list[str]:
    return re.findall("frame [0-9]+ failed|RuntimeError", bench.log())


def least_failures(stage: str) -> int:
    return 1 if stage.endswith(("match", "take")) else 5


@pytest.mark.slow
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_nothing_is_left_once_a_stage_that_was_stopped_goes_on(
    tmp_path: Path, passing: Passing, runtime: str
) -> None:
    passed = Passed(tmp_path, passing, runtime, program=STOPS_WITHIN + PROGRAM)
    with passed.bench as bench:
        assert bench.daemon is not None
        _, status = os.waitpid(bench.daemon.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        held = passed.found(passed.everything, passed.mark)
        assert any(name.startswith("memory:") for name in held), "the frame is in memory, to be seen"
        os.kill(bench.daemon.pid, signal.SIGCONT)
        passed.wait_for_the_empty_road()
        assert passed.found(passed.non_hits) == set()


@pytest.mark.slow
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_nothing_is_left_after_a_reload(tmp_path: Path, passing: Passing, runtime: str) -> None:
    passed = Passed(tmp_path, passing, runtime)
    with passed.bench as bench:
        bench.wait_for(lambda s: s["hits"] == 1)
        assert bench.daemon is not None
        bench.release(days=2)
        bench.daemon.send_signal(signal.SIGHUP)
        bench.wait_for(lambda s: s["list_sequence"] == 2)
        passed.wait_for_the_empty_road()
        assert is_listed_alone(passed.found(passed.everything), passing.listed), "the hit waits on"


@pytest.mark.slow
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_nothing_is_left_on_disk_by_a_unit_that_is_killed(
    tmp_path: Path, passing: Passing, runtime: str
) -> None:
    passed = Passed(tmp_path, passing, runtime)
    with passed.bench as bench:
        bench.wait_for(lambda s: s["hits"] == 1)
        assert bench.daemon is not None
        bench.daemon.kill()
        bench.daemon.wait()
        assert passed.found(passed.everything, passed.mark) == set()
        assert list(tmp_path.rglob("core*")) == []
        assert bench.records() == []

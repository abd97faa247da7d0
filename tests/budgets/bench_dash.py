"""Measures the dash link, the policy on prompts, and both decoders; ends with one JSON object.

    python -m tests.budgets.bench_dash [--fuzz-s 600] [--alerts 10000] [--cycles 100]

Times are of ptys paced to 115,200 baud, or of a simulated line of that speed; the figures say which.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from alprd.alerts.auto_dash import AutoDash
from alprd.alerts.dash import Dash, LogIn, Outcome
from alprd.alerts.dash_events import AlertArrived, PictureArrived
from alprd.alerts.decide import PROMPTS_PER_MINUTE, PromptCap, policy_of
from alprd.alerts.link import LinkChanged
from alprd.alerts.unit_events import Shown
from alprd.alerts.wire import Decoder
from alprd.hotlist.categories import Category, Priority
from alprd.records import AlertId, LinkState, Verdict
from alprd.settings import VisionSettings
from tests.sim.bench import PIN as BENCH_PIN
from tests.sim.bench import Bench
from tests.sim.dash_pair import PAIRING, PICTURE, PIN, alert, daemon_alert, linked, log_in, say
from tests.sim.dash_unit import Cable
from tests.sim.firmware import FUZZ, HEAP, compiled, micropython
from tests.sim.recording import add_nothing, drawn_passing
from tests.sim.taps import TappedPort
from tests.unit.alerts.test_link_noise import NoisyDrive
from tests.vectors.dash_link.details import KEY
from tests.vectors.dash_link.generate import cases

if TYPE_CHECKING:
    from collections.abc import Callable

NS = 1_000_000_000
MS = 1_000_000
BAUD_BYTES = 11_520
FLAGS, FLAGS_EXPIRED, DRIVE_MINUTES = 32, 27, 22
"""The documented day: 32 flags in 22 minutes, 27 of them expired stickers."""


def note(line: str) -> None:
    """Say how far it is."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - a program's output


def wait(dash: Dash, seconds: float) -> None:
    """Serve the dash's events for so long."""
    until = time.monotonic() + seconds
    attend(dash, lambda: time.monotonic() > until, seconds + 5)


def percentiles(times_ns: list[int]) -> dict[str, float]:
    """Return p50, p99 and the longest in milliseconds."""
    p50, p99 = np.percentile(times_ns, [50, 99])
    return {"p50": round(p50 / MS, 1), "p99": round(p99 / MS, 1), "max": round(max(times_ns) / MS, 1)}


class Timed(AutoDash):
    """A dash that notes when the first byte, the text and the picture of an alert have come."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.text_at: dict[int, int] = {}
        self.picture_at: dict[int, int] = {}

    def notice(self, event: object) -> None:
        """Note the time."""
        if isinstance(event, AlertArrived):
            self.text_at[event.alert_id] = time.monotonic_ns()
        elif isinstance(event, PictureArrived):
            self.picture_at[event.alert_id] = time.monotonic_ns()


class ByteClock(TappedPort):
    """The dash's end of the line, which notes when bytes come."""

    def __init__(self, path_fd: int, times: list[int]) -> None:
        super().__init__(path_fd, bytearray(), threading.Lock())
        self._times = times

    def read(self, timeout_s: float = 0.0) -> bytes:
        """Read, and note the time."""
        data = super().read(timeout_s)
        if len(data) > 0:
            self._times.append(time.monotonic_ns())
        return data


def attend(dash: Dash, is_over: Callable[[], bool], limit_s: float) -> list[Any]:
    """Serve the dash's events until ``is_over``; return them."""
    seen: list[Any] = []
    until = time.monotonic() + limit_s
    while not is_over():
        if time.monotonic() > until:
            raise TimeoutError(f"not over in {limit_s} s")
        for event in dash.events():
            if isinstance(event, LogIn):
                log_in(dash, event)
            seen.append(event)
        time.sleep(0.004)
    return seen


def latency(alerts: int) -> dict[str, Any]:
    """Time alerts from the moment they are handed to the dash link, over a pty paced to 115,200 baud."""
    import os  # noqa: PLC0415 - the one place that opens a line by hand

    cable = Cable(bytes_per_s=BAUD_BYTES)
    dash = Dash(cable.unit_path, 115_200, "bench", pairing=PAIRING)
    byte_times: list[int] = []
    fd = os.open(cable.dash_path, os.O_RDWR | os.O_NOCTTY)
    unit = Timed(lambda: ByteClock(fd, byte_times), lambda _: None, "4711", pairing=PAIRING, pin=PIN)
    dash.start()
    unit.start()
    first, text, whole = [], [], []
    try:
        attend(dash, lambda: dash.badge is not None, 20)
        wait(dash, 1)
        for number in range(1, alerts + 1):
            start = time.monotonic_ns()
            assert dash.show(daemon_alert(number), PICTURE)
            attend(dash, lambda number=number: number in unit.picture_at, 20)  # type: ignore[misc]  # the same
            first.append(min(t for t in byte_times if t > start) - start)
            text.append(unit.text_at[number] - start)
            whole.append(unit.picture_at[number] - start)
            dash.conclude(AlertId(number), Outcome.EXPIRED)
            byte_times.clear()
            wait(dash, 0.05)
    finally:
        dash.stop()
        unit.stop()
        cable.unplug()
        os.close(fd)
    return {
        "alerts": alerts,
        "show_to_first_byte_ms": percentiles(first),
        "show_to_text_ms": percentiles(text),
        "show_to_picture_ms": percentiles(whole),
    }


def from_capture(seconds: float) -> dict[str, Any]:
    """Run the real daemon on a drive; time from a frame's capture to an alert's first byte and its ACK."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "drive").mkdir()
        passing = drawn_passing(folder / "drive")
        add_nothing(folder / "drive")
        cable = Cable(bytes_per_s=BAUD_BYTES)
        bench = Bench(
            folder / "unit",
            passing.folder,
            listed=[passing.listed],
            settings={
                "camera": {"loop": True, "fps": 8.0},
                "vision": {"budget_ms": VisionSettings().budget_ms},
                "alerts": {"repeat_hold_s": 0.0},
                "dash": {"port": cable.unit_path},
            },
        )
        dash = AutoDash(
            cable.dash_path, lambda _: Verdict.MISREAD, "4711", pairing=bench.pairing, pin=BENCH_PIN
        )
        dash.start()
        with bench:
            bench.wait_for(lambda state: state["has_session"])
            time.sleep(seconds)
            state = bench.status()
        dash.stop()
        cable.unplug()
    return {
        "alerts": dash.shown,
        "capture_to_first_byte_ms": state["frame_to_dash_ms"],
        "capture_to_text_ms": state["frame_to_alert_ms"],
        "runtime": state["runtime"],
    }


def noise(alerts: int) -> dict[str, Any]:
    """Send alerts over a simulated line on which 1 % of the bytes are altered, dropped or doubled."""
    drive = NoisyDrive(seed=1, share=0.01, count=alerts)
    drive.run(limit_s=20 * alerts)
    shown = Counter(drive.sounded)
    return {
        "alerts": alerts,
        "shown_exactly_once": sum(count == 1 for count in shown.values()),
        "shown_twice": sum(count > 1 for count in shown.values()),
        "never_shown": alerts - len(shown),
        "invented": drive.invented,
        "answered": len(drive.answers),
        "link_losses_declared": drive.losses,
        "frames_refused": drive.pair.unit.refused_frames + drive.pair.dash.refused_frames,
        "line_s": round(drive.pair.line.now / NS),
    }


def busy_day(seed: int) -> dict[str, Any]:
    """Replay the documented day through the cap and a line of true speed; an officer answers after 5 s."""
    rng = random.Random(seed)
    high = [
        Category.STOLEN_VEHICLE,
        Category.SUSPENDED_DRIVER,
        Category.STOLEN_PLATE,
        Category.WANTED_PERSON,
        Category.AMBER_ALERT,
    ]
    kinds = [Category.EXPIRED_STICKER] * FLAGS_EXPIRED + high[: FLAGS - FLAGS_EXPIRED]
    rng.shuffle(kinds)
    times = sorted(rng.randrange(DRIVE_MINUTES * 60 * 1000) * MS for _ in kinds)
    pair, cap = linked(), PromptCap()
    start = pair.line.now
    shown_at: dict[int, int] = {}
    batches = 0

    def look() -> None:
        nonlocal batches
        for event in pair.at_unit:
            if isinstance(event, Shown):
                shown_at[event.alert_id] = event.at
        pair.at_unit.clear()
        pair.at_dash.clear()
        for known, seen in shown_at.items():
            if pair.line.now - seen > 5 * NS:
                pair.unit.conclude(AlertId(known), Outcome.WIPED)
        batches += len(cap.batches(pair.line.now))

    for number, (at, category) in enumerate(zip(times, kinds, strict=True), 1):
        while (left := at - (pair.line.now - start)) > 0:
            pair.run(min(1.0, left / NS + 1e-9))
            look()
        priority = category.facts.priority.value
        if cap.is_due(priority, category.value, pair.line.now):
            pair.unit.show(alert(number, priority))
    for _ in range(70):
        pair.run(1)
        look()
    prompts = sorted(shown_at.values())
    low = sorted(t for n, t in shown_at.items() if policy_of(kinds[n - 1].facts.priority.value).is_capped)
    delays = [
        shown_at[n] - start - at
        for n, (at, kind) in enumerate(zip(times, kinds, strict=True), 1)
        if kind.facts.priority > Priority.ADMINISTRATIVE
    ]
    return {
        "flags": FLAGS,
        "prompts": len(prompts),
        "of_the_lowest_class": len(low),
        "lines_for_the_rest": batches,
        "most_prompts_in_a_minute": max(sum(t <= u < t + 60 * NS for u in prompts) for t in prompts),
        "high_class_longest_delay_ms": round(max(delays) / MS, 1),
        "high_class_missed": FLAGS - FLAGS_EXPIRED - len(delays),
    }


def busy_days(count: int) -> dict[str, Any]:
    """Replay many orders of the documented day; return the worst of each figure."""
    days = [busy_day(seed) for seed in range(count)]
    return {
        "days": count,
        "flags_a_day": FLAGS,
        "prompts_a_day": [min(d["prompts"] for d in days), max(d["prompts"] for d in days)],
        "most_prompts_in_a_minute": max(d["most_prompts_in_a_minute"] for d in days),
        "days_over_the_cap_by_high_classes_alone": sum(
            d["most_prompts_in_a_minute"] > PROMPTS_PER_MINUTE for d in days
        ),
        "high_class_longest_delay_ms": max(d["high_class_longest_delay_ms"] for d in days),
        "high_class_missed": max(d["high_class_missed"] for d in days),
    }


def replug(cycles: int) -> dict[str, Any]:
    """Pull the dash's cable and plug it in again; time until the unit has its session back."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "dash"
        cable = Cable()
        path.symlink_to(cable.unit_path)
        dash = Dash(str(path), 115_200, "bench", pairing=PAIRING)
        dash.start()
        unit = AutoDash(cable.dash_path, lambda _: None, "4711", pairing=PAIRING, pin=PIN)
        unit.start()
        times: list[int] = []
        rng = random.Random(1)
        try:
            attend(dash, lambda: dash.link_state is LinkState.UP, 20)
            for _ in range(cycles):
                path.unlink()
                cable.unplug()
                unit.stop()
                wait(dash, rng.uniform(0.1, 2.5))
                cable = Cable()
                start = time.monotonic_ns()
                path.symlink_to(cable.unit_path)
                unit = AutoDash(cable.dash_path, lambda _: None, "4711", pairing=PAIRING, pin=PIN)
                unit.start()
                attend(dash, lambda unit=unit: bool(unit.link.badge), 20)  # type: ignore[misc]  # the same
                times.append(time.monotonic_ns() - start)
        finally:
            dash.stop()
            unit.stop()
            cable.unplug()
    return {"cycles": cycles, "recovered_ms": percentiles(times), "over_3_s": sum(t > 3 * NS for t in times)}


def fuzz_host(seconds: float) -> dict[str, Any]:
    """Feed spoiled and made-up frames to the unit's and the dash's end; anything raised ends the bench."""
    rng = random.Random(7)
    good = [bytes.fromhex(content["data"]) for _, content in cases()]
    decoder = Decoder(lambda _body: KEY)
    frames, losses, until = 0, 0, time.monotonic() + seconds
    while time.monotonic() < until:
        pair = linked()
        for number in range(1, 4):
            pair.unit.show(alert(number))
        for _ in range(2000):
            frame = bytearray(rng.choice(good))
            for _change in range(rng.randrange(4)):
                place = rng.randrange(len(frame) + 1)
                match rng.randrange(3):
                    case 0:
                        frame[place : place + 1] = bytes((rng.randrange(256),))
                    case 1:
                        del frame[place : place + rng.randrange(1, 9)]
                    case 2:
                        frame[place:place] = rng.randbytes(rng.randrange(1, 9))
                frame = frame or bytearray(b"\x01")
            decoder.feed(bytes(frame) + b"\0")
            end, other = rng.choice(((pair.unit, pair.dash), (pair.dash, pair.unit)))
            data = bytes(frame) + b"\0"
            if (
                rng.random() < 0.3 and other._keys is not None
            ):  # what the paired end itself could say, in any order
                said = rng.choice(pair.said[0] + pair.said[1])
                if not hasattr(said[1], "nonce"):
                    data = say(other, said[1], said[0])
            end.receive(data, pair.line.now)
            frames += 1
        pair.run(0.2)
        losses += sum(isinstance(e, LinkChanged) and e.state is LinkState.DOWN for e in pair.at_unit)
    return {
        "seconds": seconds,
        "frames": frames,
        "link_losses_declared": losses,
        "refused": {f.name: n for f, n in decoder.faults.items()},
    }


def fuzz_firmware(frames: int) -> dict[str, Any]:
    """Feed random frames to the firmware under MicroPython."""
    with tempfile.TemporaryDirectory() as name:
        modules = compiled(Path(name) / "modules")
        words = [micropython(), "-X", HEAP, str(FUZZ), str(modules), str(frames), "1"]
        done = subprocess.run(words, capture_output=True, text=True, timeout=900, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stdout + done.stderr)
    return dict(json.loads(done.stdout))


def main() -> None:
    """Measure all, and print one JSON object."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--alerts", type=int, default=10_000)
    parser.add_argument("--cycles", type=int, default=100)
    parser.add_argument("--fuzz-s", type=float, default=600)
    args = parser.parse_args()
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "latency": lambda: latency(200),
        "from_capture": lambda: from_capture(120),
        "noise": lambda: noise(args.alerts),
        "busy_days": lambda: busy_days(20),
        "replug": lambda: replug(args.cycles),
        "fuzz_firmware": lambda: fuzz_firmware(100_000),
        "fuzz_host": lambda: fuzz_host(args.fuzz_s),
    }
    figures = {}
    for name, part in parts.items():
        note(f"{name} ...")
        figures[name] = part()
        note(json.dumps(figures[name]))
    print(json.dumps(figures))  # noqa: T201 - a program's output


if __name__ == "__main__":
    main()

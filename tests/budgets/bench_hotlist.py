"""Measures the hotlist at Ontario's size: ``make bench-hotlist``.

    python -m tests.budgets.bench_hotlist [--rows 8000000] [--passes 1000000] [--folder DIR]

Builds a list of synthetic Ontario-like plates with details on 5 % of them, approves it twice, loads it as a
unit does, and lets a million plates pass (`tests/sim/passes.py`). The steps run in processes of their own,
so that each tells its own memory. Every figure is printed as it comes; the last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import numpy as np
from nacl.public import PrivateKey
from nacl.signing import SigningKey

from alprd.hotlist.disk import HotlistStore
from alprd.hotlist.match import Matcher
from alprd.keys import ROOT_FILE, UnitPublic, load_unit_keys, provision, write_unit_public
from alprd.memory import locked_array
from alprd.office.release import BaseList, approve_release, build_delta_release, build_release
from alprd.office.workspace import Workspace, approver_folder, create
from tests.budgets.bench_matches import PASSES, SURE, false_matches, look_ups
from tests.sim.ontario import ONTARIO_PLATES, Twentieth, churned, codes_of, listed_numbers, packed, synthetic

ROWS: Final = 8_000_000
UNITS: Final = 5000
LOOKUPS: Final = 20_000
KEYS: Final = 64


def say(name: str, value: object, unit: str, limit: str) -> None:
    """Print a figure beside what the project asks of it."""
    print(f"{name:52} {value:>14} {unit:6} ({limit})", flush=True)  # noqa: T201 - a program's output


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text("utf-8").split()[1])
    return pages * resource.getpagesize() / 2**20


def build(folder: Path, rows: int) -> dict[str, float]:
    """Build and approve the list; return seconds, bytes and peak memory."""
    office, now_s = Workspace(folder / "office"), int(time.time())
    columns = synthetic(rows, now_s)
    details = Twentieth(columns.plate)
    began = time.monotonic()
    out, bases = folder / "list", list[BaseList]()
    build_release(
        office, columns, days=2, sequence=None, now_s=now_s, out=out, details=details, keep=bases.append
    )
    built_s = time.monotonic() - began
    release = approve_release(approver_folder(folder / "office"), out)
    approved_s = time.monotonic() - began - built_s
    peak = peak_mib()
    began = time.monotonic()
    changes = churned(columns, rows)
    delta = build_delta_release(
        office, bases[0], changes, days=2, sequence=None, now_s=now_s, out=folder / "delta",
        details=Twentieth(changes.plate),
    )  # fmt: skip
    delta_s = time.monotonic() - began
    approve_release(approver_folder(folder / "office"), folder / "delta")
    header = release.header
    return {
        "build_s": round(built_s, 1),
        "approve_s": round(approved_s, 1),
        "build_peak_mib": round(peak),
        "blob_mb": round(release.size / 1e6, 1),
        "details_mb": round(header.details_bytes / 1e6, 1),
        "facts": header.shape.facts,
        "delta_build_s": round(delta_s, 1),
        "delta_mb": round(delta.size / 1e6, 2),
        "delta_rows": delta.header.entries + delta.header.shape.removed,
    }


def load(folder: Path, rows: int) -> dict[str, float]:
    """Install and load the list as a unit does, then look reads up; return the figures."""
    keys = load_unit_keys(folder / "car")
    store = HotlistStore(folder / "car", root=keys.root, unit=keys.unsealing)
    now_s = int(time.time())
    began = time.monotonic()
    store.install(folder / "list", now_s=now_s).wipe()
    install_s = time.monotonic() - began
    before = resident_mib()
    began = time.monotonic()
    index = store.load(now_s=now_s)
    load_s = time.monotonic() - began
    added, peak = resident_mib() - before, peak_mib()
    asked, out = locked_array(KEYS, np.uint64), locked_array(KEYS, np.int64)
    rng = np.random.default_rng(7)
    spent, busy = [], []
    for _ in range(LOOKUPS):
        asked[:] = packed(codes_of(rng.integers(0, ONTARIO_PLATES, KEYS, dtype=np.uint64)))
        start, began_ns = time.perf_counter_ns(), time.thread_time_ns()
        index.find(asked, out)
        busy.append(time.thread_time_ns() - began_ns)
        spent.append(time.perf_counter_ns() - start)
    figures = {
        "install_s": round(install_s, 1),
        "load_s": round(load_s, 1),
        "load_added_mib": round(added, 1),
        "load_peak_mib": round(peak),
        "lookup_64_p50_us": round(float(np.percentile(spent, 50)) / 1e3, 1),
        "lookup_64_p99_us": round(float(np.percentile(spent, 99)) / 1e3, 1),
        "lookup_64_busy_p99_us": round(float(np.percentile(busy, 99)) / 1e3, 1),
        **look_ups(Matcher(index, now_s=now_s), rows),
        "detail_p99_us": open_details(index, rows),
    }
    index.wipe()
    began = time.monotonic()
    store.install(folder / "delta", now_s=now_s).wipe()
    figures["delta_install_s"] = round(time.monotonic() - began, 1)
    began = time.monotonic()
    index = store.load(now_s=now_s)
    figures["delta_load_s"] = round(time.monotonic() - began, 1)
    index.wipe()
    return figures


def open_details(index: Any, rows: int) -> float:
    """Open the person of a thousand rows that have one; each must be there."""
    codes_listed = codes_of(np.sort(listed_numbers(rows)))
    numbers = list(Twentieth(packed(codes_listed)))[:1000]
    spent, out = [], np.zeros(1, np.int64)
    for codes in codes_listed[numbers]:
        text = "".join("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[int(code) - 1] for code in codes[:7])
        index.find(packed(codes[None]), out)
        start = time.perf_counter_ns()
        person = index.person(int(out[0]), text)
        spent.append(time.perf_counter_ns() - start)
        if person is None:
            raise SystemExit("a detail is missing")
    return round(float(np.percentile(spent, 99)) / 1e3, 1)


def misreads(folder: Path, rows: int, passes: int) -> dict[str, float]:
    """Install the list and let simulated passes be matched with it."""
    keys, now_s = load_unit_keys(folder / "car"), int(time.time())
    store = HotlistStore(folder / "car", root=keys.root, unit=keys.unsealing)
    index = store.install(folder / "list", now_s=now_s)
    figures = false_matches(Matcher(index, now_s=now_s), rows, passes)
    index.wipe()
    return figures


def recipients(folder: Path) -> dict[str, float]:
    """Seal a small list to one unit and to 5,000; return what they add."""
    office, now_s = create(folder / "fleet"), int(time.time())
    columns = synthetic(1000, now_s)
    sizes, seconds = [], 0.0
    for count in (1, UNITS):
        have = len(office.units())
        for number in range(have, count):
            unit = UnitPublic(
                unit=f"car-{number}",
                unseal=PrivateKey.generate().public_key,
                verify=SigningKey.generate().verify_key,
            )
            write_unit_public(folder / "fleet" / "units" / f"car-{number}.pub", unit)
        began = time.monotonic()
        release = build_release(office, columns, days=1, sequence=None, now_s=now_s, out=folder / "small")
        seconds = time.monotonic() - began
        sizes.append(release.size)
    return {"units_5000_add_mb": round((sizes[1] - sizes[0]) / 1e6, 3), "units_5000_s": round(seconds, 1)}


def prepare(folder: Path) -> None:
    office = create(folder / "office")
    (folder / "car").mkdir()
    keys = provision(folder / "car", "car-1", folder / "office" / ROOT_FILE)
    write_unit_public(folder / "car.pub", keys.public)
    office.enrol(folder / "car.pub")


LIMITS: Final = {
    "build_s": ("build, seal and first approval", "s", "under 180 with approval"),
    "approve_s": ("second approval", "s", "under 180 with the build"),
    "build_peak_mib": ("build: peak memory", "MiB", "under 3072"),
    "blob_mb": ("file", "MB", "under 120"),
    "details_mb": ("of which details of 5 %", "MB", "under 50"),
    "facts": ("different facts", "", "at most 65535"),
    "install_s": ("unit: verify, copy, open", "s", "-"),
    "load_s": ("unit: verify, decrypt, index", "s", "under 20"),
    "load_added_mib": ("unit: resident memory that the list adds", "MiB", "under 200"),
    "lookup_64_p50_us": ("lookup of 64 plates, p50", "us", "-"),
    "lookup_64_p99_us": ("lookup of 64 plates, p99", "us", "under 100"),
    "lookup_64_busy_p99_us": ("the same, of the processor's time alone", "us", "under 100"),
    "find_p50_us": ("lookup of one read with all its lookalikes, p50", "us", "-"),
    "find_p99_us": ("the same, p99", "us", "under 100"),
    "find_busy_p99_us": ("the same, of the processor's time alone", "us", "under 100"),
    "find_best_p99_us": ("the same, where nothing interrupts it", "us", "under 100"),
    "still_p50_us": ("as long a loop that looks nothing up, p50", "us", "what the machine itself varies"),
    "still_p99_us": ("the same, p99", "us", "what the machine itself varies"),
    "match_p99_us": ("match of a hit, p99", "us", "-"),
    "detail_p99_us": ("one sealed detail, p99", "us", "-"),
    "passes": ("passes of plates that are not listed", "", "-"),
    "wrong_stop_per_million": ("wrong stop-grade alerts a million", "", "at most 10"),
    "wrong_stop_per_million_at_most": ("the same, at most with 95 % confidence", "", "at most 10"),
    "wrong_per_million": ("wrong alerts of any grade a million", "", "-"),
    "listed_right_share": ("listed plates: alerted", "", "-"),
    "listed_right_stop_share": ("listed plates: alerted stop-grade", "", "-"),
    "listed_wrong_per_million": ("listed plates: alerted as another, a million", "", "-"),
    **{
        f"right_beyond_said_{low}": (f"of alerts from {low} on: right beyond said", "", "near 0")
        for low in SURE
    },
    "apart_wrong_stop_per_million": ("frames unlike each other: wrong stop-grade", "", "-"),
    "apart_wrong_stop_per_million_at_most": ("the same, at most with 95 % confidence", "", "-"),
    "apart_wrong_per_million": ("the same, wrong of any grade", "", "-"),
    "boast_wrong_stop_per_million": ("reader errs 4 times as often as it says: same", "", "-"),
    "boast_wrong_stop_per_million_at_most": ("the same, at most with 95 % confidence", "", "-"),
    "boast_wrong_per_million": ("the same, wrong of any grade", "", "-"),
    "delta_build_s": ("delta of 1 %: build", "s", "-"),
    "delta_mb": ("delta of 1 %: file", "MB", "under 3"),
    "delta_rows": ("delta of 1 %: rows out and in", "", "-"),
    "delta_install_s": ("unit: verify base and delta, apply, install", "s", "under 20"),
    "delta_load_s": ("unit: load base with delta", "s", "under 20"),
    "load_peak_mib": ("unit: peak memory of the process that loaded", "MiB", "-"),
    "units_5000_add_mb": ("5,000 units add", "MB", "under 1"),
    "units_5000_s": ("sealing to 5,000 units", "s", "-"),
}


def step(name: str, folder: Path, rows: int, passes: int) -> dict[str, float]:
    """Run one step in a process of its own and print its figures."""
    words = ["--rows", str(rows), "--passes", str(passes), "--folder", str(folder), "--step", name]
    done = subprocess.run(
        [sys.executable, "-m", "tests.budgets.bench_hotlist", *words],
        check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    figures: dict[str, float] = json.loads(done.stdout)
    for key, value in figures.items():
        text, unit, limit = LIMITS[key]
        say(text, value, unit, limit)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures the hotlist at Ontario's size.")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--passes", type=int, default=PASSES)
    parser.add_argument("--step", choices=("build", "misreads", "load", "recipients"))
    args = parser.parse_args()
    steps = {
        "build": lambda: build(args.folder, args.rows),
        "misreads": lambda: misreads(args.folder, args.rows, args.passes),
        "load": lambda: load(args.folder, args.rows),  # last of the list: its delta raises the floor
        "recipients": lambda: recipients(args.folder),
    }
    if args.step:
        print(json.dumps(steps[args.step]()))  # noqa: T201
        return
    with tempfile.TemporaryDirectory() as name:
        folder = args.folder or Path(name)
        prepare(folder)
        figures: dict[str, float] = {"rows": args.rows}
        for each in steps:
            figures.update(step(each, folder, args.rows, args.passes))
    print(json.dumps(figures))  # noqa: T201


if __name__ == "__main__":
    main()

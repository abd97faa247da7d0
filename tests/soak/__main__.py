"""``make soak``: the promises with their big numbers. Ends with one JSON object.

    python -m tests.soak [PART ...] [--frames N] [--cuts N] [--kills N] [--seed N]

Without a PART all of them run, one after the other. A part that does not hold does not end the others.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
import traceback
from functools import partial
from typing import TYPE_CHECKING, Any

from alprd.vision.litert import installed_runtimes
from tests.gates.tools import ROOT
from tests.soak import cuts, frames, hour

if TYPE_CHECKING:
    from collections.abc import Callable


class BrokenPromiseError(Exception):
    """A promise test has failed."""


def run_tests(folder: str) -> str:
    """Run the tests of ``folder`` with their big numbers; raises `BrokenPromiseError` where one fails."""
    command = [sys.executable, "-m", "pytest", "-v", folder]
    soaked = {**os.environ, "ALPRD_SOAK": "1"}
    # Their progress is not the program's output.
    code = subprocess.run(command, cwd=ROOT, env=soaked, check=False, stdout=sys.stderr).returncode
    if code:
        raise BrokenPromiseError(f"{folder}: pytest ended with {code}")
    return "hold"


def parts(args: argparse.Namespace) -> dict[str, Callable[[], object]]:
    """Return every part by its name, the short ones first."""
    runtimes = installed_runtimes()
    return {
        "hour_without_hits": hour.write,
        "replayed_cuts": lambda: cuts.replay(args.cuts, args.seed),
        "kills": lambda: cuts.kill(args.kills, args.seed),
        **{f"frames_{name}": partial(frames.run, args.frames, name) for name in runtimes},
        "promises": lambda: run_tests("tests/promises"),
        "system": lambda: run_tests("tests/system"),
    }


def main() -> int:
    """Run the parts that are named, or all; return 1 when one does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help="a part to run; all, where none is named")
    parser.add_argument("--frames", type=int, default=200_000)
    parser.add_argument("--cuts", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    args = parser.parse_args()
    every = parts(args)
    if unknown := set(args.parts) - every.keys():
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(every)}")
    result: dict[str, Any] = {"seed": args.seed}
    broken = []
    for name in args.parts or every:
        sys.stderr.write(f"{name}\n")
        began = time.monotonic()
        try:
            result[name] = every[name]()
        except Exception as error:  # noqa: BLE001 - a part that breaks is a finding; the others still run
            traceback.print_exc()
            result[name] = f"BROKEN: {type(error).__name__}: {error}"
            broken.append(name)
        sys.stderr.write(f"{name}: {time.monotonic() - began:.0f} s\n")
    print(json.dumps({**result, "broken": broken}))  # noqa: T201 - a program's output
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main())

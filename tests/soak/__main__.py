"""``make soak``: the promises with their big numbers. Ends with one JSON object.

python -m tests.soak [--frames N] [--cuts N] [--kills N] [--seed N]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from typing import Any

from alprd.vision.litert import installed_runtimes
from tests.gates.tools import ROOT
from tests.soak import cuts, frames, hour


def main() -> int:
    """Run everything; return 1 when a promise does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=200_000)
    parser.add_argument("--cuts", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--promises", action="store_true", help="the promise tests too, for every runtime")
    args = parser.parse_args()
    result: dict[str, Any] = {"seed": args.seed, "hour_without_hits": hour.write()}
    result["replayed_cuts"] = cuts.replay(args.cuts, args.seed)
    result["kills"] = cuts.kill(args.kills, args.seed)
    result["frames"] = [frames.run(args.frames, runtime) for runtime in installed_runtimes()]
    code = 0
    if args.promises:
        code = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "tests/promises"],
            cwd=ROOT, env={**os.environ, "ALPRD_SOAK": "1"}, check=False,
        ).returncode  # fmt: skip
        result["promises"] = "hold" if code == 0 else "BROKEN"
    print(json.dumps(result))  # noqa: T201 - a program's output
    return code


if __name__ == "__main__":
    sys.exit(main())

"""The mutation walk: takes every wipe out in turn and names the test that fails for it.

    python -m tests.mutations.walk [--only PART] [--write]

For each wipe the tests that look after its module run against the module without it. A wipe that no test
misses is an error, unless `EXCUSED` says why another one covers it. ``--write`` keeps the result in
`tests/mutations/wipes.md`, which a test of the suite holds against the source.
"""

from __future__ import annotations

import argparse
import ast
import functools
import importlib
import inspect
import json
import os
import re
import subprocess
import sys
import time
import types
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.mutations.wipes import Wipe, find, take_out

if TYPE_CHECKING:
    from collections.abc import Callable

TREE: Final = Path(__file__).resolve().parents[2]
TABLE: Final = TREE / "tests" / "mutations" / "wipes.md"
HOOK: Final = TREE / "tests" / "mutations" / "hook"
ELSEWHERE: Final = (
    "office/",
    "demo/",
    "cli/",
    "hotlist/build.py",
    "plates/grammar.py",
    "vision/ctc.py TextChance._rule",
)
"""Not a wipe of the daemon: the office's tools, the demonstration, commands that end with their process, and
scratch that is set back before use."""
LIMIT_S: Final = 600

EVERY_WAY_OUT: Final = "tests/promises/test_frame_is_wiped_on_every_way_out.py"
EVERY_ARRAY: Final = "tests/unit/test_wipes.py"
TESTS: Final[dict[str, tuple[str, ...]]] = {
    "alerts/dash.py": ("tests/contract/test_dash.py",),
    "alerts/dash_link.py": (
        "tests/unit/test_wipes.py",
        "tests/unit/alerts/test_link.py",
        "tests/contract/test_dash.py",
    ),
    "alerts/unit_link.py": ("tests/unit/alerts/test_link.py", "tests/contract/test_dash.py"),
    "camera/planes.py": ("tests/unit/camera",),
    "camera/picamera.py": ("tests/contract/test_picamera.py",),
    "camera/recorded.py": ("tests/unit/camera", "tests/contract/test_source.py"),
    "camera/video.py": ("tests/unit/camera", "tests/contract/test_source.py"),
    "cycle.py": (EVERY_WAY_OUT, "tests/unit/test_wipes.py"),
    "daemon.py": ("tests/unit/test_wipes.py",),
    "desk.py": ("tests/unit/test_wipes.py", "tests/unit/test_desk.py"),
    "forgetting/": ("tests/unit/test_wipes.py",),
    "hotlist/": (
        "tests/unit/test_wipes.py",
        "tests/unit/hotlist/test_delta.py",
        "tests/unit/hotlist/test_match.py",
        "tests/unit/hotlist",
    ),
    "lists.py": ("tests/unit/test_wipes.py", "tests/unit/test_lists.py"),
    "memory.py": (EVERY_WAY_OUT,),
    "plates/": ("tests/unit/vision/test_track.py", "tests/unit/plates/test_vote.py"),
    "vision/litert.py": ("tests/unit/forgetting/test_meter.py",),
    "vision/": ("tests/unit/test_wipes.py", EVERY_WAY_OUT, "tests/unit/vision"),
}
"""The tests that look after a module or a folder, the likeliest first, after the module's own."""

NOT_WALKED: Final = "not walked yet"
"""What the table says of a wipe that is newer than the last walk."""

EXCUSED: Final[dict[str, str]] = {
    "forgetting/meter.py ForgettingMeter._plant: self._pattern.wipe()": "every search ends with it already",
    "vision/ctc.py TextChance.of: before.fill(0)": "set back before use; `TextChance.wipe` zeroes it",
    "vision/litert.py Model.__init__: self.wipe()": "nothing has run yet: a model starts as it ends",
    "vision/litert.py Model.wipe: self._input().fill(0)": "the blank value of both models is 0 already",
}
"""Wipes whose loss nothing can show, and what covers for them."""


def wipes() -> list[Wipe]:
    """Return every wipe of what runs in the daemon."""
    found: list[Wipe] = []
    for path in sorted((TREE / "alprd").rglob("*.py")):
        found += find(path, str(path.relative_to(TREE / "alprd")))
    return [wipe for wipe in found if not wipe.where.startswith(ELSEWHERE)]


def tests_of(wipe: Wipe) -> list[str]:
    """Return the tests to run without ``wipe``, in their order."""
    module = wipe.where.split()[0]
    folder, _, stem = module.rpartition("/")
    own = f"tests/unit/{folder + '/' if folder else ''}test_{stem}"
    more = next((tests for part, tests in TESTS.items() if module.startswith(part)), (EVERY_WAY_OUT,))
    tests = [test for test in dict.fromkeys((own, *more)) if (TREE / test).exists()]
    assert tests, f"no test looks after {module}"
    return tests


@functools.cache
def failing(tests: tuple[str, ...]) -> tuple[str, ...]:
    """Return which of ``tests`` fail on this machine with every wipe in place: they prove nothing."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests]
    environment = {**os.environ, "PYTHONPATH": str(TREE)}
    ran = subprocess.run(
        command, cwd=TREE, env=environment, capture_output=True, text=True, check=False, timeout=LIMIT_S
    )
    return tuple(re.findall(r"^(?:FAILED|ERROR) ([^\s]+)", ran.stdout, re.MULTILINE))


def miss(wipe: Wipe) -> str | None:
    """Run the tests without ``wipe``; return the one that fails, None when none does."""
    environment = {
        **os.environ,
        "ALPRD_WITHOUT": wipe.name,
        "ALPRD_TREE": str(TREE),
        "PYTHONPATH": f"{HOOK}{os.pathsep}{TREE}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    tests = tests_of(wipe)
    broken = [f"--deselect={test}" for test in failing(tuple(tests))]
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *broken, *tests]
    try:
        ran = subprocess.run(
            command, cwd=TREE, env=environment, capture_output=True, text=True, check=False, timeout=LIMIT_S
        )
    except subprocess.TimeoutExpired:
        return None
    failed = re.search(r"^(?:FAILED|ERROR) ([^\s]+)", ran.stdout, re.MULTILINE)
    if failed is None and "taken out: " not in ran.stdout + ran.stderr and ran.returncode not in {0, 1}:
        raise AssertionError(f"{wipe.name}: the tests did not run\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
    return failed[1] if failed else None


class Here:
    """Tests that most wipes fail at once, tried in this process, the code changed in memory."""

    STAGES: Final = ("none", "match", "read", "detect", "take")

    def __init__(self) -> None:
        way_out, arrays = (
            importlib.import_module(test.removesuffix(".py").replace("/", "."))
            for test in (EVERY_WAY_OUT, EVERY_ARRAY)
        )
        picture = way_out.DriveRenderer(way_out.DriveScript(seed=1)).frame(way_out.FRAME_WITH_PLATES)
        stages = way_out.test_pixels_and_reads_are_zero_whichever_stage_fails
        error = way_out.StageFailedError
        named = [
            test
            for name, test in vars(arrays).items()
            if name.startswith("test_") and not inspect.signature(test).parameters
        ]
        self._tests: dict[str, Callable[[], None]] = {
            f"{EVERY_ARRAY}::{test.__name__}": test for test in named
        }
        for stage in self.STAGES:
            case = f"{EVERY_WAY_OUT}::{stages.__name__}[{stage}-StageFailedError]"
            self._tests[case] = functools.partial(stages, picture, stage, error)
        assert self._failing() is None, "a test fails with every wipe in place"

    def miss(self, wipe: Wipe) -> str | None:
        """Return the case that fails without ``wipe``, None when none does."""
        module, _, name = wipe.where.partition(" ")
        try:
            function = functools.reduce(getattr, name.split("."), self._module(module))
        except ImportError:
            return None  # a camera's library that is not here
        if not isinstance(function, types.FunctionType):
            return None
        without = self._without(wipe, module, name, function)
        whole, function.__code__ = function.__code__, without
        try:
            return self._failing()
        finally:
            function.__code__ = whole

    def _failing(self) -> str | None:
        for case, test in self._tests.items():
            try:
                test()
            except AssertionError:
                return case
        return None

    def _module(self, shown: str) -> types.ModuleType:
        return importlib.import_module("alprd." + shown.removesuffix(".py").replace("/", "."))

    def _without(self, wipe: Wipe, module: str, name: str, function: types.FunctionType) -> types.CodeType:
        """Return the code of ``function`` with its wipe taken out, as the module itself would compile it."""
        path = TREE / "alprd" / module
        tree = take_out(ast.parse(path.read_text("utf-8")), module, wipe.name)
        code = compile(tree, path, "exec")
        for part in name.split("."):
            code = next(c for c in code.co_consts if isinstance(c, types.CodeType) and c.co_name == part)
        assert code.co_freevars == function.__code__.co_freevars
        return code


def walk(chosen: list[Wipe]) -> dict[str, str | None]:
    """Return for each wipe the test that misses it, None for none, and say so as it goes."""
    result: dict[str, str | None] = {}
    here = Here()
    for number, wipe in enumerate(chosen, 1):
        began = time.monotonic()
        result[wipe.name] = here.miss(wipe) or miss(wipe)
        said = result[wipe.name] or ("EXCUSED" if wipe.name in EXCUSED else "NO TEST MISSES IT")
        took = time.monotonic() - began
        sys.stderr.write(f"{number}/{len(chosen)} {wipe.name}\n    {said} ({took:.0f} s)\n")
    return result


def table(result: dict[str, str | None]) -> str:
    """Return the result as a page."""
    lines = ["# Every wipe, and the test that fails without it", "", "Made by `make mutations`.", ""]
    lines += ["| wipe | caught by |", "|---|---|"]
    for name, test in result.items():
        caught = f"`{test}`" if test else f"excused: {EXCUSED[name]}" if name in EXCUSED else NOT_WALKED
        lines.append(f"| `{name.replace('|', '/')}` | {caught.replace('|', '/')} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Walk, print one JSON object, and return 1 when a wipe is missed by no test."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="walk the wipes whose name holds this")
    parser.add_argument("--write", action="store_true", help="keep the table")
    args = parser.parse_args()
    chosen = [wipe for wipe in wipes() if args.only in wipe.name]
    result = walk(chosen)
    survivors = [name for name, test in result.items() if test is None and name not in EXCUSED]
    excused = [name for name, test in result.items() if test is None and name in EXCUSED]
    if args.write and not survivors:
        TABLE.write_text(table(result), "utf-8")
    print(json.dumps({"wipes": len(result), "excused": excused, "survivors": survivors}))  # noqa: T201 - a program's output
    return bool(survivors)


if __name__ == "__main__":
    sys.exit(main())

"""The mutation walk: takes every wipe out in turn and names the test that fails for it.

    python -m tests.mutations.walk [--only PART] [--write] [--again]

For each wipe the tests that look after its module run against the module without it. A wipe that no test
misses is an error, unless `EXCUSED` says why another one covers it. ``--write`` keeps the result in
`tests/mutations/wipes.md`, which a test of the suite holds against the source: after each wipe, so that a
walk that was ended goes on where it was. What the table names already is not walked, but with ``--again``.
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
    from collections.abc import Callable, Iterator

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
GIVEN_UP: Final = "tests/unit/camera/test_given_up.py"
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
    "camera/recorded.py": (GIVEN_UP, "tests/contract/test_source.py"),
    "camera/still.py": (GIVEN_UP,),
    "camera/v4l2.py": (GIVEN_UP,),
    "camera/video.py": (GIVEN_UP, "tests/contract/test_source.py"),
    "cycle.py": (EVERY_WAY_OUT, "tests/unit/test_wipes.py"),
    "daemon.py": ("tests/unit/test_wipes.py",),
    "desk.py": ("tests/unit/test_wipes.py", "tests/unit/test_desk.py"),
    "forgetting/": ("tests/unit/test_wipes.py",),
    "hotlist/": (
        "tests/unit/test_wipes.py",
        "tests/unit/hotlist/test_list_wipes.py",
        "tests/unit/hotlist/test_delta.py",
        "tests/unit/hotlist/test_match.py",
    ),
    "lists.py": ("tests/unit/test_wipes.py", "tests/unit/test_lists.py"),
    "memory.py": (EVERY_WAY_OUT,),
    "pictures.py": ("tests/unit/test_wipes.py",),
    "plates/": ("tests/unit/vision/test_track.py", "tests/unit/plates/test_vote.py"),
    "vision/litert.py": ("tests/unit/vision/test_runtime_memory.py", "tests/unit/forgetting/test_meter.py"),
    "vision/": ("tests/unit/test_wipes.py", EVERY_WAY_OUT, "tests/unit/vision"),
}
"""The tests that look after a module or a folder, the likeliest first, after the module's own."""

NOT_WALKED: Final = "not walked yet"
"""What the table says of a wipe that is newer than the last walk."""
SURVIVES: Final = "no test misses it"

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


def miss(wipe: Wipe) -> str | None:
    """Run the tests without ``wipe``; return the first that fails for it, None when none does."""
    without = {
        "ALPRD_WITHOUT": wipe.name,
        "ALPRD_TREE": str(TREE),
        "PYTHONPATH": f"{HOOK}{os.pathsep}{TREE}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    broken: list[str] = []
    while True:
        tests = [*(f"--deselect={test}" for test in broken), *tests_of(wipe)]
        failed = _run(tests, without)
        if failed is None or _run([failed], {"PYTHONPATH": str(TREE)}) is None:
            return failed
        broken.append(failed)  # it fails on this machine with every wipe in place: it proves nothing


def _run(tests: list[str], more: dict[str, str]) -> str | None:
    """Return the first of ``tests`` that fails, None when none does in time."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    environment = {**os.environ, **more}
    try:
        ran = subprocess.run(
            command, cwd=TREE, env=environment, capture_output=True, text=True, check=False, timeout=LIMIT_S
        )
    except subprocess.TimeoutExpired:
        return None
    failed = re.search(r"^(?:FAILED|ERROR) ([^\s]+)", ran.stdout, re.MULTILINE)
    if failed is None and ran.returncode:
        raise AssertionError(f"the tests did not run: {tests}\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
    return failed[1] if failed else None


class Here:
    """Tests that most wipes fail at once, tried in this process, the code changed in memory."""

    NOT_OF_A_FRAME: Final = ("camera/", "alerts/", "lists.py")
    """Modules that none of these tests reaches."""
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
        if module.startswith(self.NOT_OF_A_FRAME):
            return None
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


def walk(chosen: list[Wipe]) -> Iterator[tuple[Wipe, str | None]]:
    """Yield each wipe with the test that misses it, None for none, and say so as it goes."""
    here = Here()
    for number, wipe in enumerate(chosen, 1):
        began = time.monotonic()
        test = here.miss(wipe) or miss(wipe)
        took = time.monotonic() - began
        sys.stderr.write(f"{number}/{len(chosen)} {wipe.name}\n    {caught_by(wipe, test)} ({took:.0f} s)\n")
        yield wipe, test


def caught_by(wipe: Wipe, test: str | None) -> str:
    """Return what the table says of ``wipe``, which ``test`` misses."""
    if test is not None:
        return f"`{_plain(test)}`"
    return f"excused: {EXCUSED[wipe.name]}" if wipe.name in EXCUSED else SURVIVES


def rows() -> dict[str, str]:
    """Return what the table says of each wipe that stands in it."""
    return dict(re.findall(r"^\| `(.+)` \| (.+) \|$", TABLE.read_text("utf-8"), re.MULTILINE))


def table(caught: dict[str, str]) -> str:
    """Return the page of what catches the loss of each wipe."""
    lines = ["# Every wipe, and the test that fails without it", "", "Made by `make mutations`.", ""]
    lines += ["| wipe | caught by |", "|---|---|"]
    lines += [f"| `{name}` | {by} |" for name, by in caught.items()]
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """Return ``text`` as it stands in a table's cell."""
    return text.replace("|", "/")


def main() -> int:
    """Walk, print one JSON object, and return 1 when a wipe is missed by no test."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="walk the wipes whose name holds this")
    parser.add_argument("--write", action="store_true", help="keep the table, after each wipe")
    parser.add_argument("--again", action="store_true", help="walk what the table names already, too")
    args = parser.parse_args()
    every, known = wipes(), rows()
    caught = {_plain(wipe.name): known.get(_plain(wipe.name), NOT_WALKED) for wipe in every}
    chosen = [
        wipe
        for wipe in every
        if args.only in wipe.name and (args.again or caught[_plain(wipe.name)] in {NOT_WALKED, SURVIVES})
    ]
    if args.again:
        caught |= {_plain(wipe.name): NOT_WALKED for wipe in chosen}
    for wipe, test in walk(chosen) if chosen else ():
        caught[_plain(wipe.name)] = caught_by(wipe, test)
        if args.write:
            TABLE.write_text(table(caught), "utf-8")
    if args.write:
        TABLE.write_text(table(caught), "utf-8")
    counts = {
        "wipes": len(caught),
        "walked": len(chosen),
        "excused": sum(by.startswith("excused: ") for by in caught.values()),
        "survivors": [name for name, by in caught.items() if by in {NOT_WALKED, SURVIVES}],
    }
    print(json.dumps(counts))  # noqa: T201 - a program's output
    return bool(counts["survivors"])


if __name__ == "__main__":
    sys.exit(main())

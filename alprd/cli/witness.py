"""``alprctl witness``: look from outside for what the daemon must have forgotten. For auditors, as root."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import numpy as np
from PIL import Image

from alprd.errors import TraceFoundError, WitnessBlindError
from alprd.memory import MARK_BYTES
from alprd.settings import ControlSettings
from alprd.witness import places, sentinels
from alprd.witness.process import describe, search_memory
from alprd.witness.report import Report

if TYPE_CHECKING:
    import argparse
    from argparse import _SubParsersAction
    from collections.abc import Iterator

    from alprd.witness.search import Searched

MARK: Final = "witness_mark"
"""Name of the daemon's mark in its state."""
_MAX_BYTES: Final = 16 << 20
_HEX: Final = re.compile(f"[0-9a-f]{{{2 * MARK_BYTES}}}")


def add_parser(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``witness``."""
    parser = commands.add_parser(
        "witness",
        help="search the daemon from outside for traces (root)",
        description="Searches memory, files, log, socket and line for the sentinels of a file. "
        "`alprctl docs formats/witness` says what it looks for and how it proves that it can see.",
    )
    parser.add_argument(
        "--pid", type=int, help="the daemon: `systemctl show alprd -P MainPID`; none: it ended"
    )
    parser.add_argument("--mark", help="what it logged at its start; without it the control socket is asked")
    parser.add_argument("--sentinels", type=Path, required=True, metavar="FILE", help="what to look for")
    parser.add_argument("--socket", type=Path, default=Path(ControlSettings().socket))
    parser.add_argument("--folder", type=Path, action="append", default=[], help="search all files below it")
    parser.add_argument("--journal", metavar="UNIT", help="search what this systemd unit has said")
    parser.add_argument("--log", type=Path, help="search a log file in place of the journal")
    parser.add_argument("--tape", type=Path, action="append", default=[], help="bytes of the dash line")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Search everything and print the report. Raises `TraceFoundError` and `WitnessBlindError`."""
    needles = read_sentinels(args.sentinels)
    mark = args.mark or str(places.ask_state(args.socket).get(MARK, ""))
    if _HEX.fullmatch(mark) is None:
        raise WitnessBlindError("the daemon has told no mark to look for")
    report = Report(
        at=int(time.time()),
        process=None if args.pid is None else describe(args.pid),
        looked_for=tuple(needles),
        places=tuple(_search(args, mark, needles)),
    )
    print(json.dumps(report.as_fields()) if args.json else report.as_page(), end="\n" if args.json else "")
    for place in report.blind:
        raise WitnessBlindError(f"the control of {place.kind} ({place.name}) was not seen")
    if report.found:
        raise TraceFoundError(f"{report.found} traces found of {len(needles)} sentinels")
    return 0


def read_sentinels(path: Path) -> dict[str, bytes]:
    """Return every form of what the file of sentinels names. Raises `WitnessBlindError`."""
    needles: dict[str, bytes] = {}
    try:
        with path.open("rb") as file:
            named = json.loads(file.read(_MAX_BYTES))
        for plate in named.pop("plates", []):
            needles |= sentinels.of_plate(plate)
        for picture in named.pop("pictures", []):
            with Image.open(picture) as image:
                needles |= sentinels.of_picture(Path(picture).name, np.asarray(image.convert("L")))
        needles |= {f"bytes {name}": bytes.fromhex(value) for name, value in named.pop("bytes", {}).items()}
    except (OSError, ValueError, AttributeError, TypeError, RecursionError):
        raise WitnessBlindError(f"{path} is no file of sentinels, or a picture cannot be read") from None
    if named or not needles or any(len(needle) < sentinels.LEAST_BYTES for needle in needles.values()):
        raise WitnessBlindError(f"{path} names nothing that can be looked for, or other things too")
    return needles


def _search(args: argparse.Namespace, mark: str, needles: dict[str, bytes]) -> Iterator[Searched]:
    if args.pid is not None:
        patterns = places.patterns_with(needles, bytes.fromhex(mark))
        yield places.settle(search_memory(args.pid, patterns))
        if not args.mark:
            yield places.search_socket(args.socket, mark, needles)
    yield places.search_files(cast("list[Path]", args.folder), args.pid, needles)
    if args.journal:
        yield places.search_journal(args.journal, mark, needles)
    if args.log:
        yield places.search_log(args.log, mark, needles)
    for tape in args.tape:
        yield places.search_tape(tape, needles)

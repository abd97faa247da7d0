"""``alprd demo``: the whole way of a frame without hardware, on a drive that the project draws itself."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from alprd.errors import AlprdError, DashError, OfficeInputError

if TYPE_CHECKING:
    import argparse
    from argparse import _SubParsersAction

    from alprd.demo.office import DemoLogIn
    from alprd.demo.run import ScreenMaker

_SEED: Final = 3
_FRAMES: Final = 300
_FEWEST_FRAMES: Final = 40
_HINT: Final = "Run it again with --headless --keep DIR, and look at DIR/alprd.log."


def add_parser(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``demo``."""
    parser = commands.add_parser(
        "demo",
        help="run the whole unit without hardware",
        description="Makes a throw-away office, seals a small list, and runs the real daemon on a drive that "
        "the project draws itself, with this terminal as the dash unit: c confirms an alert, m says misread, "
        "w wrong province or state, q leaves. Every plate in the drive is invented.",
    )
    parser.add_argument("--headless", action="store_true", help="answer by itself")
    parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout")
    parser.add_argument(
        "--pictures", type=Path, metavar="PATH", help="your own folder of pictures, or a video"
    )
    parser.add_argument(
        "--list", type=Path, metavar="FILE.csv", help="with --pictures: plate,jurisdiction,category[,expires]"
    )
    parser.add_argument("--seed", type=int, default=_SEED, help="of the drive (default: %(default)s)")
    parser.add_argument(
        "--frames", type=int, default=_FRAMES, help=f"of the drive, {_FEWEST_FRAMES} or more (%(default)s)"
    )
    parser.add_argument("--runtime", choices=("auto", "litert", "tflite"), default="auto")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave the office and the evidence in DIR")
    parser.add_argument("--language", choices=("en", "fr-CA"), default="en", help="of the dash")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the demonstration. Raises `AlprdError` when a listed plate was not alerted, or another was."""
    from alprd.demo.material import DemoOptions  # noqa: PLC0415 - `alprd run` loads nothing of the demo
    from alprd.demo.run import run_demo  # noqa: PLC0415

    if not args.headless and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise DashError(
            "the demo's dash needs a terminal", hint="Add --headless to have it answer by itself."
        )
    if args.list is not None and args.pictures is None:
        raise OfficeInputError("--list goes with --pictures", hint="The drive has a list of its own.")
    if args.frames < _FEWEST_FRAMES or args.seed < 0:
        raise OfficeInputError(
            "--frames or --seed is out of range", hint=f"--frames {_FEWEST_FRAMES} or more, --seed 0 or more."
        )
    options = DemoOptions(
        headless=args.headless,
        pictures=args.pictures,
        list_file=args.list,
        seed=args.seed,
        frames=args.frames,
        runtime=args.runtime,
        keep=args.keep,
    )
    figures, problems = run_demo(options, _screen_maker(args.language), _say)
    if not args.json:
        print(told(figures, args.keep))
    else:
        print(json.dumps(figures), flush=True)
    if problems:
        raise AlprdError(f"the demo did not do its job: {'; '.join(problems)}", hint=_HINT)
    return 0


def _screen_maker(language: str) -> ScreenMaker:
    from alprd.cli.dash import TerminalDash  # noqa: PLC0415 - as above

    def make(opener: Any, answer: Any, login: DemoLogIn) -> TerminalDash:  # noqa: ANN401 - passed on as they are
        return TerminalDash(
            opener,
            pairing=login.pairing,
            language="fr-CA" if language == "fr-CA" else "en",
            badge=login.badge,
            pin=login.pin,
            answer=answer,
        )

    return make


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def told(figures: dict[str, Any], keep: Path | None) -> str:
    """Return ``figures`` as lines for a person."""
    life, alert = figures["frame_life_ms"], figures["frame_to_alert_ms"]
    read, hits = figures["plates_read"], figures["hits"]
    sealed, wiped = figures["evidence_records"], figures["frames_wiped"]
    verdicts = ", ".join(f"{figures[kind]} {kind}" for kind in ("confirmed", "rejected", "unanswered"))
    lines = [
        f"{figures['frames']} frames taken, {wiped} wiped; {read} plates read, {hits} of them hits",
        f"a frame lived {life['p50']} ms (half of them), {life['max']} ms at most",
        f"an alert was on the dash {alert['p50']} ms after its frame (half of them)",
        f"{verdicts}: all but the confirmed were forgotten",
        f"{sealed} evidence records sealed, and opened with the office's key",
        f"{figures['fps']} frames a second with {figures['runtime']}, {figures['rss_mib']} MiB at most",
    ]
    if figures["listed"] is not None:
        lines.append(
            f"listed plates in the drive: {figures['listed']}, alerted {figures['alerted']}, "
            f"missed {figures['missed']}; false alerts: {figures['false_alerts']}"
        )
    if keep is None:
        lines.append("everything was removed; run it with --keep DIR to open the evidence yourself")
    else:
        me = f"--me {keep}/custodian.key --passphrase-file {keep}/passphrase"
        lines.append(f"see what was sealed: alpr-office evidence list {keep / 'office'} {me}")
    return "\n".join(lines)

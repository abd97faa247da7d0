"""``alprctl check``: would the daemon start with these settings? Checks all, and says each result."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from alprd.cli.alprd import DEFAULT_SETTINGS
from alprd.errors import AlprdError
from alprd.hotlist.disk import HotlistStore
from alprd.keys import load_unit_keys
from alprd.settings import Settings, load
from alprd.vision.litert import Model, default_folder

if TYPE_CHECKING:
    import argparse
    from argparse import _SubParsersAction
    from collections.abc import Callable


def add_parser(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``check``."""
    parser = commands.add_parser("check", help="check settings, models, keys and list")
    parser.add_argument(
        "--settings", type=Path, default=DEFAULT_SETTINGS, help=f"default: {DEFAULT_SETTINGS}"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run every check; return 0 when all hold, else the exit code of the first that does not."""
    settings = load(args.settings)
    print(f"{'settings':10} ok: {args.settings}")
    code = 0
    for name, check in _CHECKS.items():
        try:
            print(f"{name:10} ok: {check(settings)}")
        except AlprdError as error:
            print(f"{name:10} FAILED: {error}\n{'':10} next: {error.next_step}")
            code = code or error.exit_code
    return code


def _models(settings: Settings) -> str:
    names = []
    for name in ("detector", "reader"):
        folder = Path(settings.vision.models) / name if settings.vision.models else default_folder(name)
        model = Model.open(folder, cast('Literal["auto", "litert", "tflite"]', settings.vision.runtime))
        names.append(f"{model.manifest.name} on {model.runtime}")
    return ", ".join(names)


def _keys(settings: Settings) -> str:
    return f"unit {load_unit_keys(Path(settings.keys.folder)).unit}"


def _list(settings: Settings) -> str:
    keys = load_unit_keys(Path(settings.keys.folder))
    store = HotlistStore(Path(settings.hotlist.folder), signer=keys.office_signer, unit=keys.unsealing)
    index = store.load(now_s=int(time.time()))
    line = f"list {index.header.sequence}, {len(index)} entries"
    index.wipe()
    return line


_CHECKS: dict[str, Callable[[Settings], str]] = {"models": _models, "keys": _keys, "list": _list}

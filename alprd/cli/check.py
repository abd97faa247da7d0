"""``alprctl check``: would the daemon start with these settings? Checks all, and says each result."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import numpy as np
from PIL import Image

from alprd.cli.alprd import DEFAULT_SETTINGS
from alprd.demo.plate import STYLES, draw_plate
from alprd.devices import make_ignored
from alprd.errors import AlprdError, ModelError
from alprd.hotlist.disk import HotlistStore
from alprd.keys import load_unit_keys
from alprd.plates.normal import encode
from alprd.settings import Settings, load
from alprd.vision.loading import open_detector, open_reader
from alprd.vision.shrink import Shrinker

if TYPE_CHECKING:
    import argparse
    from argparse import _SubParsersAction
    from collections.abc import Callable

    from alprd.vision.detect import Detector
    from alprd.vision.litert import RuntimeChoice
    from alprd.vision.read import Reader

_GREY: Final = 90
_FACE_PX: Final = (200, 100)


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
    folder = Path(settings.vision.models) if settings.vision.models else None
    runtime = cast("RuntimeChoice", settings.vision.runtime)
    detector = open_detector(runtime, models=folder)
    _self_test(detector, open_reader(runtime, models=folder))
    return f"detector and reader on {detector.runtime}, a drawn plate is found and read"


def _self_test(detector: Detector, reader: Reader) -> None:
    """Find and read the plate that the reader's manifest names, drawn here; `ModelError` when that fails."""
    known = reader.self_test
    text, style = str(known.get("text", "")), STYLES.get(str(known.get("style", "")))
    if not text or style is None:
        raise ModelError("the reader's manifest names no plate for the self-test")
    face = draw_plate(text, style, rng=np.random.default_rng(int(str(known.get("seed", 0)))))
    picture = Image.new("L", (1280, 720), _GREY)
    picture.paste(Image.fromarray(face).resize(_FACE_PX), (560, 380))
    main = np.asarray(picture)
    shrinker = Shrinker(*main.shape)
    if not detector.detect(shrinker.shrink(main), shrinker.k):
        raise ModelError("self-test: the drawn plate was not found")
    length = reader.read(main, detector.corners[0])
    if length != len(text) or not np.array_equal(reader.codes, encode(text)):
        raise ModelError("self-test: the drawn plate was not read as its text")


def _keys(settings: Settings) -> str:
    return f"unit {load_unit_keys(Path(settings.keys.folder)).unit}"


def _list(settings: Settings) -> str:
    keys = load_unit_keys(Path(settings.keys.folder))
    store = HotlistStore.of_unit(Path(settings.hotlist.folder), keys, Path(settings.keys.folder))
    index = store.load(now_s=int(time.time()))
    line = f"list {index.header.sequence}, {len(index)} entries"
    index.wipe()
    return line


def _regions(settings: Settings) -> str:
    camera = settings.camera
    ignored = make_ignored(camera)
    if ignored is None:
        return "none to ignore"
    share = ignored.share(camera.height, camera.width)
    count = len(camera.ignore)
    return f"{count} to ignore, {share:.1%} of {camera.width}x{camera.height} px is blank"


_CHECKS: dict[str, Callable[[Settings], str]] = {
    "regions": _regions,
    "models": _models,
    "keys": _keys,
    "list": _list,
}

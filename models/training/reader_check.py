"""Measure the reader on labelled boxes, whatever finds them in the end.

``python -m models.training.reader_check --data DIR [--runtime litert|tflite] [--float RUN]`` takes each
``DIR/*/truth.csv`` (image,width,height,x1,y1,x2,y2,place,text), reads the labelled box as an upright
rectangle, and prints the share read exactly and with O=0 and I=1. ``--float`` reads with the network of
``RUN/best.pt`` instead of the converted file.
"""

from __future__ import annotations

import argparse
import csv
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from alprd.plates.alphabet import CHARACTERS
from alprd.vision.loading import open_reader

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from alprd.vision.read import Reader

_SHOWN = CHARACTERS + "?"


def fold(text: str) -> str:
    """Return ``text`` with the characters that many plates draw alike made one."""
    return text.replace("O", "0").replace("I", "1")


def float_reader(run: Path) -> Callable[[NDArray[np.uint8]], str]:
    """Return a function that reads a crop with the float network of a training run."""
    import torch  # noqa: PLC0415 - only training machines have it

    from models.training.reader import load_net  # noqa: PLC0415 - the same
    from models.training.reader_net import greedy, normalise  # noqa: PLC0415 - the same

    net = load_net(run / "best.pt")
    torch.set_num_threads(1)

    def read(crop: NDArray[np.uint8]) -> str:
        with torch.no_grad():
            codes = greedy(net(normalise(torch.from_numpy(crop[None]))))[0]
        return "".join(_SHOWN[code - 1] for code in codes)

    return read


def measure(folder: Path, reader: Reader, in_float: Callable[[NDArray[np.uint8]], str] | None) -> str:
    """Return a line of figures for one folder of labelled pictures."""
    exact = folded = count = 0
    times, wrong = [], []
    with (folder / "truth.csv").open(newline="", encoding="utf-8") as table:
        rows: list[dict[str, Any]] = list(csv.DictReader(table))
    for row in rows:
        with Image.open(folder / row["image"]) as picture:
            main = np.asarray(picture.convert("L"))
        x1, y1, x2, y2 = (float(row[key]) for key in ("x1", "y1", "x2", "y2"))
        corners = np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]], np.float32)
        start = time.perf_counter()
        length = reader.read(main, corners)
        times.append(time.perf_counter() - start)
        text = "".join(_SHOWN[code - 1] for code in reader.codes[:length])
        if in_float is not None:
            text = in_float(reader.crop)
        truth = "".join(character for character in row["text"].upper() if character in CHARACTERS)
        count += 1
        exact += text == truth
        folded += fold(text) == fold(truth)
        if fold(text) != fold(truth):
            wrong.append((row["image"], truth, text, float(reader.score[0])))
    line = (
        f"{folder.name}: exact {exact}/{count} ({100 * exact / count:.1f} %), "
        f"fold {folded}/{count} ({100 * folded / count:.1f} %), {1000 * np.median(times):.2f} ms a plate"
    )
    return "\n".join([line, *(f"  {image} {a} read as {b or '-'} {s:.2f}" for image, a, b, s in wrong)])


def main() -> None:
    """Print the figures of every folder."""
    parser = argparse.ArgumentParser(prog="python -m models.training.reader_check", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--runtime", choices=["auto", "litert", "tflite"], default="auto")
    parser.add_argument("--float", type=Path, dest="run")
    parser.add_argument("--wrong", action="store_true", help="list the misread plates")
    options = parser.parse_args()
    reader = open_reader(options.runtime, models=options.models)
    in_float = float_reader(options.run) if options.run else None
    for folder in sorted(path.parent for path in options.data.glob("*/truth.csv")):
        text = measure(folder, reader, in_float)
        print(text if options.wrong else text.splitlines()[0], flush=True)


if __name__ == "__main__":
    main()

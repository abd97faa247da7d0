"""Make the detector's int8 model file and manifest from a checkpoint, and measure both forms.

python -m models.training.detector_export --data DIR --checkpoint FILE --out models/detector
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np
import torch
from ai_edge_litert.interpreter import Interpreter

from models.training.convert import manifest_text, to_int8, write_model
from models.training.detector_check import check, prepared, score_over
from models.training.detector_data import Composer, Picture, load_crops, load_pictures, spoil
from models.training.detector_loss import SIZE_UNIT_PX
from models.training.detector_net import HEADS, HEIGHT, STRIDE, WIDTH, DetectorNet

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

_SAMPLES: Final = 120


def calibration(data: Path, pictures: list[Picture], count: int) -> list[NDArray[np.float32]]:
    """Return ``count`` inputs (1, 384, 640, 1) of -1..127/128: whole pictures and composed windows."""
    rng = np.random.default_rng(5)
    composer = Composer(pictures, load_crops(data), (HEIGHT, WIDTH), rng)
    samples = []
    for i in range(count):
        if i % 2:
            pixels = prepared(pictures[int(rng.integers(len(pictures)))])[0]
        else:
            pixels = spoil(composer.compose().pixels, rng)
        pixels[-1, -2:] = 0, 255  # each sample spans the whole range, so the scale is exactly 1/128
        samples.append(((pixels.astype(np.float32) - 128) / 128)[None, :, :, None])
    return samples


class Int8:
    """The model file as the runtime computes it: input picture in, maps of real numbers out."""

    def __init__(self, content: bytes) -> None:
        self._interpreter = Interpreter(model_content=content, num_threads=1)
        self._interpreter.allocate_tensors()

    def __call__(self, pixels: Array) -> tuple[Array, ...]:
        """Return the maps, each (1, C, 48, 80), of a (384, 640) uint8 input."""
        stored = (pixels ^ 0x80).view(np.int8)[None, :, :, None]
        self._interpreter.set_tensor(self._interpreter.get_input_details()[0]["index"], stored)
        self._interpreter.invoke()
        maps = []
        for detail in self._interpreter.get_output_details():
            scale, zero_point = detail["quantization"]
            maps.append(
                (self._interpreter.get_tensor(detail["index"]).astype(np.float32) - zero_point) * scale
            )
        return tuple(maps)


def main() -> None:
    """Read the command line, convert and measure."""
    parser = argparse.ArgumentParser(prog="python -m models.training.detector_export", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--threshold", type=float)
    chosen = parser.parse_args()
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    net = DetectorNet()
    net.load_state_dict(torch.load(chosen.checkpoint, weights_only=True)["mean"])
    training, validation = load_pictures(chosen.data)
    print(f"float: {check(net, validation)}", flush=True)
    content = to_int8(net, calibration(chosen.data, training, _SAMPLES))
    score = score_over(Int8(content), validation)
    print(f"int8: {score}")
    own = {
        "threshold": chosen.threshold or score.threshold,
        "stride_px": STRIDE,
        "size_unit_px": SIZE_UNIT_PX,
    }
    names = [name for name, _ in HEADS]
    write_model(chosen.out, "detector", content, manifest_text("detector", content, names, own))


if __name__ == "__main__":
    main()

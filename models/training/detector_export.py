"""Make the detector's int8 model file and manifest from a checkpoint, and measure both forms.

python -m models.training.detector_export --data DIR --checkpoint FILE --out models/detector
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np
import torch
from ai_edge_litert.interpreter import Interpreter
from ai_edge_quantizer import quantizer, recipe

from models.training.convert import manifest_text, to_tflite, write_model
from models.training.detector_check import check, prepared, score_over
from models.training.detector_data import Composer, Picture, load_crops, load_pictures, spoil
from models.training.detector_faces import render_patches
from models.training.detector_loss import SIZE_UNIT_PX
from models.training.detector_net import HEADS, HEIGHT, STRIDE, WIDTH, DetectorNet

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

_SAMPLES: Final = 240
_FACES: Final = 200
_SIGNATURE: Final = "serving_default"


def calibration(data: Path, fonts: Path, pictures: list[Picture]) -> list[NDArray[np.float32]]:
    """Return inputs (1, 384, 640, 1) of -1..127/128: whole pictures, composed windows, near plates."""
    rng = np.random.default_rng(5)
    patches = [*load_crops(data), *render_patches(_FACES, rng, fonts)]
    composers = [Composer(pictures, patches, (HEIGHT, WIDTH), rng, least) for least in (14.0, 250.0)]
    samples = []
    for i in range(_SAMPLES):
        if i % 3 == 0:
            pixels = prepared(pictures[int(rng.integers(len(pictures)))])[0]
        else:
            pixels = spoil(composers[i % 3 - 1].compose().pixels, rng)
        pixels[-1, -2:] = 0, 255  # each sample spans the whole range, so the scale is exactly 1/128
        samples.append(((pixels.astype(np.float32) - 128) / 128)[None, :, :, None])
    return samples


def to_int8(net: DetectorNet, samples: list[NDArray[np.float32]]) -> bytes:
    """Return ``net`` as an int8 model file whose scales span the whole range seen on ``samples``.

    The quantizer's own running mean of the ranges would cut off the few plates that are near or very
    sure: it made a plate of 500 px one of 290. ReLU6 bounds the activations, so outliers cost little.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "float.tflite"
        to_tflite(net, samples[0], path)
        name = Interpreter(str(path)).get_signature_list()[_SIGNATURE]["inputs"][0]
        maker = quantizer.Quantizer(str(path), recipe.static_wi8_ai8())
        whole: dict[str, Any] = {}
        for sample in samples:
            for tensor, seen in maker.calibrate({_SIGNATURE: [{name: sample}]}, num_threads=1).items():
                kept = whole.setdefault(tensor, seen)
                for key, merged in (("min", np.minimum), ("max", np.maximum)):
                    if key in seen:
                        kept[key] = merged(kept[key], seen[key])
        return bytes(maker.quantize(whole).quantized_model)


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
    parser.add_argument("--fonts", type=Path, default=Path(".cache/fonts"), help="see lettering.font_files")
    parser.add_argument("--threshold", type=float)
    chosen = parser.parse_args()
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    net = DetectorNet()
    net.load_state_dict(torch.load(chosen.checkpoint, weights_only=True, map_location="cpu")["mean"])
    training, validation = load_pictures(chosen.data)
    print(f"float: {check(net, validation)}", flush=True)
    content = to_int8(net, calibration(chosen.data, chosen.fonts, training))
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

"""Make the reader's int8 model file and manifest from a save of the training.

``python -m models.training.reader_export --run DIR --out models/reader`` calibrates on training crops of
``DIR/shards`` and prints what the held-out crops lose by the conversion.
"""

from __future__ import annotations

import argparse
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from ai_edge_litert.interpreter import Interpreter

from alprd.plates.alphabet import CHARACTERS
from alprd.vision.rectify import MARGIN_X, MARGIN_Y
from models.training.convert import manifest_text, to_int8, write_model
from models.training.reader import load_net
from models.training.reader_net import CONTRAST, MOST_GAIN, SPREAD, greedy, normalise

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SAMPLES: Final = 400
_SELF_TEST: Final = {"text": "CKHA482", "style": "ontario", "seed": 1}


def calibration(shards: Path, count: int = _SAMPLES) -> list[NDArray[np.float32]]:
    """Return ``count`` network inputs (1, 48, 144, 1) from the shards, real and rendered as they come."""
    files = sorted(shards.glob("[0-9]*-crops.npy"))[:8]
    crops = np.concatenate([np.load(path, mmap_mode="r")[: -(-count // len(files))] for path in files])
    inputs = normalise(torch.from_numpy(crops)).permute(0, 2, 3, 1).numpy()
    # The quantizer averages ranges over samples: each spans all of int8, so the scale is 1 / SPREAD.
    inputs[:, 0, :2, 0] = -128 / SPREAD, 127 / SPREAD
    return [np.ascontiguousarray(row[None]) for row in inputs]


class Int8:
    """The converted file as LiteRT computes it, in place of the network."""

    def __init__(self, content: bytes) -> None:
        self._interpreter = Interpreter(model_content=content, num_threads=1)
        self._interpreter.allocate_tensors()

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return logits (n, 72, 37) for network inputs (n, 1, 48, 144)."""
        entry, exit_ = self._interpreter.get_input_details()[0], self._interpreter.get_output_details()[0]
        (in_scale, in_zero), (scale, zero) = entry["quantization"], exit_["quantization"]
        rows = []
        for row in inputs.permute(0, 2, 3, 1).numpy():
            stored = np.clip(np.rint(row / in_scale) + in_zero, -128, 127).astype(np.int8)
            self._interpreter.set_tensor(entry["index"], stored[None])
            self._interpreter.invoke()
            logits = self._interpreter.get_tensor(exit_["index"])[0].astype(np.float32)
            rows.append((logits - zero) * scale)
        return torch.from_numpy(np.stack(rows))


def right_of(net: Any, crops: NDArray[np.uint8], codes: NDArray[np.uint8]) -> NDArray[np.bool_]:  # noqa: ANN401 - a torch module or `Int8`
    """Return which ``crops`` are read exactly."""
    with torch.no_grad():
        texts = greedy(net(normalise(torch.from_numpy(crops))))
    return np.array([text == [c for c in row if c] for text, row in zip(texts, codes.tolist(), strict=True)])


def main() -> None:
    """Convert, measure on the held-out crops, and write the model folder."""
    parser = argparse.ArgumentParser(prog="python -m models.training.reader_export", description=__doc__)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    net = load_net(options.run / "reader.pt")
    state = torch.load(options.run / "reader.pt", weights_only=True)
    content = to_int8(
        net, calibration(options.run / "shards"), float_path=options.run / "reader-float.tflite"
    )
    held_out = np.load(options.run / "shards/held-out.npz")
    for name, form in (("float", net), ("int8", Int8(content))):
        right = right_of(form, held_out["crops"], held_out["codes"])
        ours = right[held_out["american"]]
        print(f"{name}: {right.sum()}/{right.size} held out, {ours.sum()}/{ours.size} of North America")
    commit = subprocess.run(
        ["git", "rev-parse", "--short=12", "HEAD"],  # noqa: S607 - the developer's own git
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    own = {
        "labels": CHARACTERS, "blank": 0, "margin_x": MARGIN_X, "margin_y": MARGIN_Y, "contrast": CONTRAST,
        "most_gain": MOST_GAIN, "spread": SPREAD, "seed": 2026, "steps": state["step"], "commit": commit,
    }  # fmt: skip
    write_model(options.out, "reader", content, manifest_text("reader", content, ["logits"], own, _SELF_TEST))


if __name__ == "__main__":
    main()

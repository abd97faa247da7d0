"""From a trained torch module to an int8 TFLite file that both runtimes load."""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from torch import nn

_SIGNATURE: Final = "serving_default"


def to_tflite(module: nn.Module, sample: NDArray[np.float32], path: Path) -> None:
    """Write ``module`` as a float TFLite file whose input is channels-last.

    ``module`` takes (1, channels, height, width); ``sample`` is one input as (1, height, width,
    channels). Outputs keep the module's own order of axes.
    """
    import litert_torch  # noqa: PLC0415 - heavy, and only training machines have it
    import torch  # noqa: PLC0415 - the same

    outer = litert_torch.to_channel_last_io(module.eval(), args=[0])
    litert_torch.convert(outer, (torch.from_numpy(sample),)).export(str(path))


def to_int8(
    module: nn.Module, calibration: Sequence[NDArray[np.float32]], *, float_path: Path | None = None
) -> bytes:
    """Return ``module`` as a TFLite file with int8 weights, activations, input and outputs.

    ``calibration`` holds a few hundred inputs as the network meets them, each (1, height, width,
    channels) float32; the ranges seen on them become the scales. ``float_path`` keeps the float
    model too.
    """
    from ai_edge_quantizer import quantizer, recipe  # noqa: PLC0415 - only training machines have it

    with tempfile.TemporaryDirectory() as folder:
        kept = float_path or Path(folder) / "float.tflite"
        to_tflite(module, calibration[0], kept)
        maker = quantizer.Quantizer(str(kept), recipe.static_wi8_ai8())
        name = _input_name(kept)
        result = maker.calibrate({_SIGNATURE: [{name: sample} for sample in calibration]})
        return bytes(maker.quantize(result).quantized_model)


def manifest_text(
    name: str,
    content: bytes,
    outputs: Sequence[str],
    own: Mapping[str, object],
    self_test: Mapping[str, object] | None = None,
) -> str:
    """Return the ``manifest.toml`` of the model ``name`` whose file is ``content``.

    ``outputs`` names the file's outputs in its own order; shapes, scales and zero points are what a
    runtime finds in the file. ``own`` becomes the model's own table, ``self_test`` the self-test's.
    """
    found = _tensors(content)
    lines = [
        f'name = "{name}"',
        f'file = "{name}.tflite"',
        f'sha256 = "{hashlib.sha256(content).hexdigest()}"',
    ]
    lines += ["", "[input]", *_lines(found[0])]
    for output, tensor in zip(outputs, found[1:], strict=True):
        lines += ["", "[[outputs]]", *_lines({"name": output, **tensor})]
    lines += ["", f"[{name}]", *_lines(own)]
    if self_test:
        lines += ["", "[self_test]", *_lines(self_test)]
    return "\n".join(lines) + "\n"


def write_model(folder: Path, name: str, content: bytes, manifest: str) -> None:
    """Write the model file and its manifest into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.tflite").write_bytes(content)
    (folder / "manifest.toml").write_text(manifest, encoding="utf-8")


def _tensors(content: bytes) -> list[dict[str, object]]:
    """Return the input and the outputs of a TFLite file as a runtime sees them."""
    from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415 - only here a runtime is needed

    reader = Interpreter(model_content=content)
    reader.allocate_tensors()
    return [
        {
            "shape": [int(size) for size in detail["shape"]],
            "dtype": np.dtype(detail["dtype"]).name,
            "scale": float(detail["quantization"][0]),
            "zero_point": int(detail["quantization"][1]),
        }
        for detail in (*reader.get_input_details(), *reader.get_output_details())
    ]


def _lines(table: Mapping[str, object]) -> list[str]:
    """Return ``table`` as TOML; of these types JSON's spelling is TOML's too."""
    return [f"{key} = {json.dumps(value)}" for key, value in table.items()]


def _input_name(path: Path) -> str:
    from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415 - only here a runtime is needed

    names: list[str] = Interpreter(model_path=str(path)).get_signature_list()[_SIGNATURE]["inputs"]
    return names[0]

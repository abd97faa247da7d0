"""From a trained torch module to an int8 TFLite file that both runtimes load."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    module: nn.Module,
    calibration: Sequence[NDArray[np.float32]],
    path: Path,
    *,
    float_path: Path | None = None,
) -> None:
    """Write ``module`` as TFLite with int8 weights, activations, input and outputs.

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
        path.write_bytes(bytes(maker.quantize(result).quantized_model))


def tensors(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the input and outputs of a TFLite file as a runtime sees them.

    Each is shape, dtype, scale and zero point, under the names that a model's manifest uses.
    """
    from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415 - only here a runtime is needed

    reader = Interpreter(model_path=str(path))
    reader.allocate_tensors()
    found = [
        {
            "shape": [int(size) for size in detail["shape"]],
            "dtype": np.dtype(detail["dtype"]).name,
            "scale": float(detail["quantization"][0]),
            "zero_point": int(detail["quantization"][1]),
        }
        for detail in (*reader.get_input_details(), *reader.get_output_details())
    ]
    return found[0], found[1:]


def sha256(path: Path) -> str:
    """Return a file's digest in hex, as a manifest states it."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _input_name(path: Path) -> str:
    from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415 - only here a runtime is needed

    names: list[str] = Interpreter(model_path=str(path)).get_signature_list()[_SIGNATURE]["inputs"]
    return names[0]

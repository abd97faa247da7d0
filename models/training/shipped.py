"""Begin a training with the weights of the shipped int8 files, when their checkpoints are gone.

    python -m models.training.shipped --models models --run DIR

writes ``DIR/shipped.pt``, ``DIR/shipped-second.pt`` and ``DIR/shipped-place.pt``, for ``--start`` of
`models.training.reader` and `models.training.place`, and for `models.training.reader_export`. The files'
convolutions have their batch norm folded in: it is unfolded again with the mean and the deviation that each
layer has on crops of ``DIR/shards``, so that each network computes what its file does but for the rounding of
the weights.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import torch
from ai_edge_litert import schema_py_generated as schema
from torch import Tensor, nn

from alprd.vision.loading import READER_MODELS
from models.training.place_net import PlaceNet
from models.training.reader_net import ReaderNet, normalise
from models.training.reader_views import varied
from models.training.saves import write_whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SAMPLES: Final = 1024


class Layer(NamedTuple):
    """The weights of one layer of a file, as torch has them, and its bias."""

    weight: Tensor
    bias: Tensor


def layers_of(content: bytes) -> list[Layer]:
    """Return the convolutions and dense layers of the TFLite file ``content``, in its order."""
    model = schema.ModelT.InitFromPackedBuf(content, 0)
    graph = model.subgraphs[0]
    kinds = schema.BuiltinOperator
    layers = []
    for operator in graph.operators:
        kind = model.operatorCodes[operator.opcodeIndex].builtinCode
        if kind not in {kinds.CONV_2D, kinds.DEPTHWISE_CONV_2D, kinds.FULLY_CONNECTED}:
            continue
        weight, bias = (_values(model, graph.tensors[number], content) for number in operator.inputs[1:3])
        if kind == kinds.DEPTHWISE_CONV_2D:  # of one channel: (1, h, w, outputs)
            weight = weight.transpose(3, 0, 1, 2)
        elif kind == kinds.CONV_2D:  # (outputs, h, w, inputs)
            weight = weight.transpose(0, 3, 1, 2)
        layers.append(Layer(torch.from_numpy(np.ascontiguousarray(weight)), torch.from_numpy(bias)))
    return layers


def _values(model: Any, tensor: Any, content: bytes) -> NDArray[np.float32]:  # noqa: ANN401 - generated classes without types
    """Return a constant tensor's real values."""
    buffer = model.buffers[tensor.buffer]
    # A buffer stands in the file's table, or behind it.
    inside = buffer.data is not None
    data = bytes(buffer.data) if inside else content[buffer.offset : buffer.offset + buffer.size]
    dtype = {schema.TensorType.INT8: np.int8, schema.TensorType.INT32: np.int32}[tensor.type]
    stored = np.frombuffer(data, dtype).reshape(tensor.shape)
    found = tensor.quantization
    sides = [1] * stored.ndim
    sides[found.quantizedDimension] = -1
    scale = np.asarray(found.scale, np.float32).reshape(sides)
    zero = np.asarray(found.zeroPoint, np.float32).reshape(sides)
    return np.asarray((stored.astype(np.float32) - zero) * scale, np.float32)


@torch.no_grad()  # type: ignore[untyped-decorator]  # torch is untyped to mypy here
def unfold(net: nn.Module, layers: list[Layer], inputs: Tensor) -> nn.Module:
    """Give ``net`` the weights of ``layers``, in the order of its own layers, and return it in eval mode.

    ``inputs`` (n, 1, 48, 144) are what the network meets. Raises `ValueError` where the layers are not its.
    """
    own = [part for part in net.modules() if isinstance(part, nn.Conv2d | nn.Linear)]
    norms = [part for part in net.modules() if isinstance(part, nn.BatchNorm2d)]
    if [part.weight.shape for part in own] != [layer.weight.shape for layer in layers]:
        raise ValueError("the file's layers are not this network's: other sizes or another order")
    net.eval()
    for part, layer in zip(own, layers, strict=True):
        part.weight.copy_(layer.weight)
        if part.bias is not None:
            part.bias.copy_(layer.bias)

    def learn(norm: nn.BatchNorm2d, layer: Layer) -> Any:  # noqa: ANN401 - torch's handle
        def hook(_norm: nn.Module, entering: tuple[Tensor]) -> None:
            deviation, mean = torch.std_mean(entering[0], dim=(0, 2, 3))
            norm.running_mean.copy_(mean)
            norm.running_var.copy_(deviation**2)
            norm.weight.copy_((deviation**2 + norm.eps).sqrt())
            norm.bias.copy_(mean + layer.bias)

        return norm.register_forward_pre_hook(hook)

    # A convolution with a norm has no bias of its own, and its norm comes right after it.
    folded = [layer for part, layer in zip(own, layers, strict=True) if part.bias is None]
    hooks = [learn(norm, layer) for norm, layer in zip(norms, folded, strict=True)]
    net(inputs)
    for hook in hooks:
        hook.remove()
    return net


def main() -> None:
    """Write the saves."""
    parser = argparse.ArgumentParser(prog="python -m models.training.shipped", description=__doc__)
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--run", type=Path, required=True)
    options = parser.parse_args()
    files = sorted((options.run / "shards").glob("r*-crops.npy"))[:8]
    wide = np.concatenate([np.load(path, mmap_mode="r")[: -(-_SAMPLES // len(files))] for path in files])
    inputs = normalise(varied(torch.from_numpy(wide), torch.Generator().manual_seed(3)))
    first, second = (
        layers_of((options.models / name / f"{name}.tflite").read_bytes()) for name in READER_MODELS
    )
    layers = second + first
    nets: dict[str, nn.Module] = {
        "shipped-second": ReaderNet(), "shipped": ReaderNet(), "shipped-place": PlaceNet(),
    }  # fmt: skip
    for name, net in nets.items():
        count = sum(isinstance(part, nn.Conv2d | nn.Linear) for part in net.modules())
        part, layers = layers[:count], layers[count:]
        state = {"average": unfold(net, part, inputs).state_dict(), "width": 1.0, "step": 0}
        write_whole(state, options.run / f"{name}.pt")


if __name__ == "__main__":
    main()

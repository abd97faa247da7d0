"""What a model costs to run, from its file alone: multiply-adds, weights, bytes.

Counted from the operators' tensor shapes. A convolution does one multiply-add for each weight of a filter
at each output element; additions, activations and moves of data are not counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any, Final

from ai_edge_litert import schema_py_generated as schema

from alprd.vision.litert import default_folder
from alprd.vision.manifest import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from models.evaluate.table import Table

MODELS: Final = ("detector", "reader", "second_reader")
OF_A_FRAME: Final = ("detector", "reader")
"""What a frame costs whose one plate the first reader is sure of, as it is of four in five."""
_Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Cost:
    """A model file's multiply-adds for one inference, its constant values, its size, its operators."""

    multiply_adds: int
    weights: int
    file_bytes: int
    operators: Mapping[str, int]


def _each_filter(_given: _Shape, weights: _Shape, made: _Shape) -> int:
    """For filters of (out, height, width, in) or rows of (out, in): all but the first size."""
    return prod(made) * prod(weights[1:])


def _each_channel(_given: _Shape, weights: _Shape, made: _Shape) -> int:
    """For depthwise filters of (1, height, width, channels)."""
    return prod(made) * weights[1] * weights[2]


def _each_input(given: _Shape, weights: _Shape, _made: _Shape) -> int:
    """For transposed convolutions with (out, height, width, in): every input value meets every filter."""
    return prod(given) * prod(weights[:3])


def _inner(given: _Shape, _other: _Shape, made: _Shape) -> int:
    """For products of two computed matrices."""
    return prod(made) * given[-1]


_COUNTED: Final[dict[str, Callable[[_Shape, _Shape, _Shape], int]]] = {
    "CONV_2D": _each_filter,
    "FULLY_CONNECTED": _each_filter,
    "DEPTHWISE_CONV_2D": _each_channel,
    "TRANSPOSE_CONV": _each_input,
    "BATCH_MATMUL": _inner,
}
_NAMES: Final = {
    number: name for name, number in vars(schema.BuiltinOperator).items() if not name.startswith("_")
}
_REFUSED: Final = {"CUSTOM", "WHILE", "IF", "UNIDIRECTIONAL_SEQUENCE_LSTM", "LSTM", "RNN", "CONV_3D"}


def cost_of(folder: Path) -> Cost:
    """Return the cost of the model in ``folder``.

    Raises `ValueError` where its file holds an operator whose cost does not follow from shapes alone.
    """
    content = (folder / parse((folder / "manifest.toml").read_bytes()).file).read_bytes()
    model: Any = schema.ModelT.InitFromPackedBuf(content, 0)
    codes = [max(code.builtinCode, code.deprecatedBuiltinCode) for code in model.operatorCodes]
    operators: dict[str, int] = {}
    total = 0
    for graph in model.subgraphs:
        for operator in graph.operators:
            name = _NAMES[codes[operator.opcodeIndex]]
            if name in _REFUSED:
                raise ValueError(f"{folder}: the cost of {name} does not follow from its shapes")
            operators[name] = operators.get(name, 0) + 1
            if name in _COUNTED:
                total += _COUNTED[name](*_shapes(name, graph.tensors, operator))
    constants = {
        tensor.buffer: prod(tensor.shape)
        for graph in model.subgraphs
        for tensor in graph.tensors
        if tensor.shape is not None and _is_constant(model.buffers[tensor.buffer])
    }
    return Cost(total, sum(constants.values()), len(content), operators)


def _is_constant(buffer: Any) -> bool:  # noqa: ANN401 - generated code
    """Tell whether a buffer has content, in the table itself or, at an offset, behind it."""
    return bool(buffer.size) or buffer.data is not None


def _shapes(name: str, tensors: Any, operator: Any) -> tuple[_Shape, _Shape, _Shape]:  # noqa: ANN401 - generated code
    """Return the shapes of what an operator is given, of its weights, and of what it makes."""
    given = operator.inputs[2 if name == "TRANSPOSE_CONV" else 0]  # a transposed one begins with its size
    sizes = [tuple(map(int, tensors[i].shape)) for i in (given, operator.inputs[1], operator.outputs[0])]
    return sizes[0], sizes[1], sizes[2]


def megabytes() -> float:
    """Return the size of the installed models' files together, in MB."""
    return sum(cost_of(default_folder(name)).file_bytes for name in MODELS) / 1e6


def cost_table() -> Table:
    """Return the table of the models that are installed."""
    costs = {name: cost_of(default_folder(name)) for name in MODELS}
    headings = ("model", "million multiply-adds", "million weights", "MB")
    rows = [
        (name, *(f"{x / 1e6:.2f}" for x in (cost.multiply_adds, cost.weights, cost.file_bytes)))
        for name, cost in costs.items()
    ]
    return headings, rows

"""Multiply-adds counted from a model file, on files written by hand."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import flatbuffers  # type: ignore[import-untyped] # ships no types; comes with ai-edge-litert
import pytest
from ai_edge_litert import schema_py_generated as schema

from models.evaluate.costs import cost_of

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = """
name = "x"
file = "x.tflite"
sha256 = "{digest}"
[input]
shape = [1]
dtype = "int8"
scale = 1.0
zero_point = 0
[[outputs]]
name = "y"
shape = [1]
dtype = "int8"
scale = 1.0
zero_point = 0
"""
Shape = tuple[int, ...]


def model_folder(folder: Path, *operators: tuple[str, list[Shape], Shape]) -> Path:
    """Write a model of ``operators`` (name, inputs' shapes, output's shape), each with its own tensors."""
    model: Any = schema.ModelT()
    model.version = 3
    graph: Any = schema.SubGraphT()
    model.subgraphs, model.buffers, model.operatorCodes = [graph], [schema.BufferT()], []
    graph.tensors, graph.operators, graph.inputs, graph.outputs = [], [], [], []
    for name, given, made in operators:
        code = schema.OperatorCodeT()
        code.builtinCode = getattr(schema.BuiltinOperator, name)
        model.operatorCodes.append(code)
        operator: Any = schema.OperatorT()
        operator.opcodeIndex = len(model.operatorCodes) - 1
        operator.inputs = [_tensor(model, graph, shape, constant=i == 1) for i, shape in enumerate(given)]
        operator.outputs = [_tensor(model, graph, made, constant=False)]
        graph.operators.append(operator)
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    content = bytes(builder.Output())
    (folder / "x.tflite").write_bytes(content)
    (folder / "manifest.toml").write_text(MANIFEST.format(digest=hashlib.sha256(content).hexdigest()))
    return folder


def _tensor(model: Any, graph: Any, shape: Shape, *, constant: bool) -> int:
    tensor: Any = schema.TensorT()
    tensor.shape = list(shape)
    buffer: Any = schema.BufferT()
    if constant:
        buffer.data = [1, 2]
    model.buffers.append(buffer)
    tensor.buffer = len(model.buffers) - 1
    graph.tensors.append(tensor)
    return len(graph.tensors) - 1


@pytest.mark.parametrize(
    ("name", "given", "made", "multiply_adds"),
    [
        pytest.param(
            "CONV_2D", [(1, 8, 8, 3), (16, 3, 3, 3)], (1, 8, 8, 16), 8 * 8 * 16 * 27, id="convolution"
        ),
        pytest.param(
            "DEPTHWISE_CONV_2D", [(1, 8, 8, 16), (1, 3, 3, 16)], (1, 4, 4, 16), 4 * 4 * 16 * 9, id="depthwise"
        ),
        pytest.param("FULLY_CONNECTED", [(72, 64), (37, 64)], (72, 37), 72 * 64 * 37, id="rows"),
        pytest.param("BATCH_MATMUL", [(1, 5, 7), (1, 7, 3)], (1, 5, 3), 5 * 7 * 3, id="product"),
        pytest.param(
            "TRANSPOSE_CONV",
            [(4,), (8, 2, 2, 4), (1, 6, 6, 4)],
            (1, 12, 12, 8),
            6 * 6 * 4 * 8 * 4,
            id="transposed",
        ),
        pytest.param("ADD", [(1, 8, 8, 3), (1, 8, 8, 3)], (1, 8, 8, 3), 0, id="addition"),
    ],
)
def test_multiply_adds_follow_from_the_shapes(
    tmp_path: Path, name: str, given: list[Shape], made: Shape, multiply_adds: int
) -> None:
    cost = cost_of(model_folder(tmp_path, (name, given, made)))
    assert cost.multiply_adds == multiply_adds
    assert cost.operators == {name: 1}


def test_operators_add_up_and_constants_are_the_weights(tmp_path: Path) -> None:
    rows: tuple[str, list[Shape], Shape] = ("FULLY_CONNECTED", [(1, 4), (3, 4)], (1, 3))
    cost = cost_of(model_folder(tmp_path, rows, rows))
    assert (cost.multiply_adds, cost.weights, cost.operators) == (24, 24, {"FULLY_CONNECTED": 2})
    assert cost.file_bytes == (tmp_path / "x.tflite").stat().st_size


def test_an_operator_whose_cost_is_not_in_its_shapes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the cost of WHILE"):
        cost_of(model_folder(tmp_path, ("WHILE", [(1,), (1,)], (1,))))

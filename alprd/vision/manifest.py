"""What a model's ``manifest.toml`` promises about its file, as frozen values.

Pure: bytes in, `Manifest` out. An unknown key, a missing one or a wrong type is a `ModelError`; only
the table named after the model ("[detector]", "[reader]") is free, its keys belong to that model's stage.
"""

from __future__ import annotations

import math
import re
import tomllib
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from alprd.errors import ModelError, printable

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_BYTES: Final = 64 * 1024
_MAX_DIMENSIONS: Final = 6
_DTYPES: Final = ("int8", "uint8", "float32")
_TENSOR_KEYS: Final = {"name", "shape", "dtype", "scale", "zero_point"}
_TOP_KEYS: Final = {"name", "file", "sha256", "input", "outputs", "self_test"}
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
_FILE: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}\.tflite")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tensor:
    """One input or output tensor: real value = ``scale`` * (stored value - ``zero_point``)."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    scale: float
    zero_point: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A model file's name, digest and tensors; ``own`` is the model's own free table."""

    name: str
    file: str
    sha256: str
    input: Tensor
    outputs: tuple[Tensor, ...]
    own: Mapping[str, object] = field(default_factory=dict)
    self_test: Mapping[str, object] = field(default_factory=dict)

    def number(self, key: str, low: float, high: float) -> float:
        """Return the own table's number ``key``. Raises `ModelError` where it is not in [low, high]."""
        value = self.own.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise ModelError(f"manifest of {self.name}: {key} must be a number from {low} to {high}")
        return float(value)


def parse(content: bytes) -> Manifest:
    """Return the manifest that ``content`` (UTF-8 TOML, at most 64 KiB) states. Raises `ModelError`."""
    if len(content) > MAX_BYTES:
        raise ModelError(f"manifest: expected at most {MAX_BYTES} bytes, found {len(content)}")
    try:
        table: dict[str, object] = tomllib.loads(content.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ModelError(f"manifest: not TOML: {printable(str(error))}") from error
    name = _text(table, "name", _NAME)
    unknown = table.keys() - _TOP_KEYS - {name}
    if unknown:
        raise ModelError(f"manifest of {name}: unknown key {printable(min(unknown))!r}")
    outputs = table.get("outputs")
    if not isinstance(outputs, list) or not outputs:
        raise ModelError(f"manifest of {name}: expected at least one [[outputs]] table")
    return Manifest(
        name=name,
        file=_text(table, "file", _FILE),
        sha256=_text(table, "sha256", _SHA256),
        input=_tensor(table.get("input"), "input"),
        outputs=tuple(_tensor(output, None) for output in outputs),
        own=_table(table, name),
        self_test=_table(table, "self_test"),
    )


def _text(table: dict[str, object], key: str, pattern: re.Pattern[str]) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ModelError(f"manifest: {key} must be text of the form {pattern.pattern}")
    return value


def _table(table: dict[str, object], key: str) -> Mapping[str, object]:
    value = table.get(key, {})
    if not isinstance(value, dict):
        raise ModelError(f"manifest: {key} must be a table")
    return MappingProxyType(value)


def _tensor(value: object, name: str | None) -> Tensor:
    """Return one tensor table as a value; ``name`` is the name of a table that states none."""
    if not isinstance(value, dict) or value.keys() - _TENSOR_KEYS:
        raise ModelError(f"manifest: a tensor is a table of {', '.join(sorted(_TENSOR_KEYS))}")
    table: dict[str, object] = {"name": name, **value}
    shape, scale, zero = table.get("shape"), table.get("scale"), table.get("zero_point")
    if not isinstance(shape, list) or not 0 < len(shape) <= _MAX_DIMENSIONS:
        raise ModelError(f"manifest: shape must be a list of 1 to {_MAX_DIMENSIONS} sizes")
    if not all(type(size) is int and size > 0 for size in shape):
        raise ModelError("manifest: shape must hold whole numbers over 0")
    if table.get("dtype") not in _DTYPES:
        raise ModelError(f"manifest: dtype must be one of {', '.join(_DTYPES)}")
    if type(scale) is not float or not math.isfinite(scale) or scale < 0:
        raise ModelError("manifest: scale must be a finite number, 0 or more")
    if type(zero) is not int:
        raise ModelError("manifest: zero_point must be a whole number")
    return Tensor(
        name=_text(table, "name", _NAME),
        shape=tuple(shape),
        dtype=str(table["dtype"]),
        scale=scale,
        zero_point=zero,
    )

"""Strict JSON objects: a format's name, each field once, nothing else. Pure."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Final

from alprd.errors import OfficeInputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

MAX_DOCUMENT_BYTES: Final = 1 << 26


def encode(file_format: str, fields: Mapping[str, object]) -> bytes:
    """Return ``fields`` under the name of their format: one JSON object, keys sorted, UTF-8."""
    text = json.dumps({"format": file_format, **fields}, sort_keys=True, ensure_ascii=False)
    return text.encode() + b"\n"


def decode(data: bytes, file_format: str, names: AbstractSet[str], what: str) -> dict[str, object]:
    """Return the fields of ``data``, which is called ``what`` in errors.

    Raises `OfficeInputError` when it is not JSON, has a name twice, another format, or names other than
    ``names``.
    """
    if len(data) > MAX_DOCUMENT_BYTES:
        raise OfficeInputError(f"{what} has more than {MAX_DOCUMENT_BYTES} bytes")
    try:
        fields = json.loads(data, object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError):
        raise OfficeInputError(f"{what} is not JSON with each name once") from None
    if not isinstance(fields, dict) or fields.pop("format", None) != file_format:
        raise OfficeInputError(f"{what} is not of format {file_format!r}")
    if fields.keys() != names:
        raise OfficeInputError(f"{what} has not exactly the fields of format {file_format!r}")
    return fields


def text_of(fields: Mapping[str, object], name: str, what: str) -> str:
    """Return the text ``name``. Raises `OfficeInputError` when it is none."""
    value = fields.get(name)
    if not isinstance(value, str):
        raise OfficeInputError(f"{what}: {name} is not a text")
    return value


def number_of(fields: Mapping[str, object], name: str, what: str) -> int:
    """Return the whole number ``name``. Raises `OfficeInputError` when it is none, or negative."""
    value = fields.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise OfficeInputError(f"{what}: {name} is not a whole number")
    return value


def bytes_of(fields: Mapping[str, object], name: str, size: int, what: str) -> bytes:
    """Return the ``size`` bytes that stand at ``name`` in base64. Raises `OfficeInputError`."""
    try:
        value = base64.b64decode(text_of(fields, name, what), validate=True)
    except (binascii.Error, ValueError):
        value = b""
    if len(value) != size:
        raise OfficeInputError(f"{what}: {name} is not {size} bytes in base64")
    return value


def base64_text(value: bytes) -> str:
    """Return ``value`` in standard base64."""
    return base64.b64encode(value).decode("ascii")


def _without_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a name stands twice")
    return fields

"""A unit's name: its form, and how formats hold it. Pure."""

from __future__ import annotations

import re
from typing import Final

MAX_UNIT: Final = 32
_UNIT_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")


def is_unit_name(text: str) -> bool:
    """Return whether ``text`` can name a unit: 1 to 32 of A-Z a-z 0-9 . _ -, not starting with a sign."""
    return _UNIT_NAME.fullmatch(text) is not None


def pack_unit(name: str) -> bytes:
    """Return a unit's name as 32 bytes. Raises `ValueError` for what is no name."""
    if not is_unit_name(name):
        raise ValueError("a unit's name has 1 to 32 of A-Z a-z 0-9 . _ -")
    return name.encode("ascii").ljust(MAX_UNIT, b"\0")


def unpack_unit(field: bytes) -> str:
    """Return the name in its 32 bytes. Raises `ValueError` when there is none."""
    name = field.rstrip(b"\0").decode("latin-1")
    if pack_unit(name) != field:
        raise ValueError("a unit's name is filled up with 0 to 32 bytes")
    return name

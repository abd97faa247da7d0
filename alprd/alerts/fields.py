"""Checks of the alert link's fields, shared by its messages. Each raises `ValueError` and tells no value."""

from __future__ import annotations

import re
from typing import Final

PLATE: Final = re.compile(r"[A-Z0-9]{1,10}", re.ASCII)


def check(name: str, value: int, least: int, most: int) -> None:
    """Refuse a number outside ``least`` to ``most``."""
    if not least <= value <= most:
        raise ValueError(f"{name}: expected {least} to {most}")


def check_text(name: str, form: re.Pattern[str], text: str) -> None:
    """Refuse a text that is not wholly of ``form``."""
    if not form.fullmatch(text):
        raise ValueError(f"{name}: expected {form.pattern}")


def check_words(name: str, text: str, most_bytes: int) -> None:
    """Refuse a text that is not printable, or has more than ``most_bytes`` in UTF-8."""
    if not text.isprintable() or len(text.encode()) > most_bytes:
        raise ValueError(f"{name}: expected printable text of at most {most_bytes} bytes")


def padded_text(field_bytes: bytes) -> str:
    """Return the ASCII text of a field that is filled up with 0."""
    text, _, padding = field_bytes.partition(b"\0")
    if padding.strip(b"\0"):
        raise ValueError("padding: expected zeros")
    return text.decode("ascii")


def cut_words(text: str, most_bytes: int) -> str:
    """Return ``text``, cut between two characters and ended with an ellipsis where it is too long."""
    encoded = text.encode()
    if len(encoded) <= most_bytes:
        return text
    return encoded[: most_bytes - len(_ELLIPSIS.encode())].decode(errors="ignore") + _ELLIPSIS


_ELLIPSIS: Final = "\u2026"

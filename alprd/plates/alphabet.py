"""The characters a plate can carry, as small integers.

A plate read is an array of codes from the reader to the matcher; only a hit becomes text.
Code 0 is "no character" (padding, and the reader's blank).
"""

from __future__ import annotations

from typing import Final

CHARACTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""Code ``i`` (1 to 36) stands for ``CHARACTERS[i - 1]``."""

CODES: Final = len(CHARACTERS) + 1
"""Number of codes, the empty code 0 included."""

UNREADABLE: Final = CODES
"""A reader's code for "a character stands here and cannot be made out"; no plate text contains it."""

READ_CODES: Final = CODES + 1
"""Number of codes that a reader tells apart."""

LEAST_CHARACTERS: Final = 2
"""The shortest; one character alone is a sticker's or a badge's."""

MAX_CHARACTERS: Final = 10
"""The longest plate text that is read, listed or alerted."""

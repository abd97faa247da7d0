"""Characters that a camera takes for one another.

The pairs are those that makers of ALPR systems count as the same or warn of (0/O/D/Q, 1/I, 2/Z, 5/S, 6/G,
8/B), those whose strokes differ least (3/8, 1/T, U/V, V/Y, K/X, W/M), and 2/7: a 7 read for a 2 had a child
held at gunpoint in Espanola, New Mexico, in 2023. The table is general knowledge, not a measurement of
this project's reader.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.plates.alphabet import CHARACTERS, CODES

if TYPE_CHECKING:
    from numpy.typing import NDArray

GROUPS: Final = ("0DOQ", "1IT", "27", "2Z", "38", "5S", "6G", "8B", "KX", "MW", "UV", "VY")
"""In each group every character is a lookalike of every other."""


def _table() -> NDArray[np.bool_]:
    table = np.zeros((CODES, CODES), np.bool_)
    for group in GROUPS:
        codes = [CHARACTERS.index(character) + 1 for character in group]
        table[np.ix_(codes, codes)] = True
    np.fill_diagonal(table, val=False)
    table.setflags(write=False)
    return table


ARE_LOOKALIKES: Final = _table()
"""bool (37, 37): whether two codes are lookalikes; symmetric, no code its own."""

MOST: Final = int(ARE_LOOKALIKES.sum(axis=1).max())
"""The most lookalikes that a character has."""


def _by_code() -> NDArray[np.uint8]:
    table = np.zeros((CODES, MOST), np.uint8)
    for code in range(CODES):
        alike = np.flatnonzero(ARE_LOOKALIKES[code])
        table[code, : len(alike)] = alike
    table.setflags(write=False)
    return table


LOOKALIKES: Final = _by_code()
"""uint8 (37, MOST): the codes that each code has for lookalikes, filled up with 0."""

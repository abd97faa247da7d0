"""What several frames of one pass are worth together.

They resemble each other: the same mud, the same angle. ``n`` of them count as n / (1 + (n - 1) * `LIKENESS`)
independent ones (Kish's design effect).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LIKENESS: Final = 0.3
"""How much frames of one pass resemble each other: 0 independent, 1 all the same."""

FLOOR: Final = 0.005
"""The least probability that one frame can give a character, a length or a place."""


def temper(reads: NDArray[Any]) -> NDArray[np.float32]:
    """Return by what the sums of so many ``reads`` are multiplied, for what they are worth together."""
    worth: NDArray[np.float32] = np.reciprocal(1 + np.maximum(reads - 1, 0) * np.float32(LIKENESS))
    return worth

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

_MOST_READS: Final = 512


def _alike() -> NDArray[np.float32]:
    earlier = np.arange(_MOST_READS - 1)
    again = (earlier + 1) * LIKENESS / (1 + earlier * LIKENESS)
    factors: NDArray[np.float32] = np.concatenate([[1, 1], np.cumprod(again[:-1])]).astype(np.float32)
    factors.setflags(write=False)
    return factors


ALIKE: Final = _alike()
"""At n: how many times as likely it is that n frames of a pass err alike as that one errs.

The urn that this is the limit of, for rare errors: after j frames the next one errs as they did with the
chance j * `LIKENESS` / (1 + (j - 1) * `LIKENESS`), so that any two of them agree as `LIKENESS` says.
"""


def temper(reads: NDArray[Any]) -> NDArray[np.float32]:
    """Return by what the sums of so many ``reads`` are multiplied, for what they are worth together."""
    worth: NDArray[np.float32] = np.reciprocal(1 + np.maximum(reads - 1, 0) * np.float32(LIKENESS))
    return worth

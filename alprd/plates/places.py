"""Whose plate it is: what its design tells, weighed with the pattern of its serial.

Numeric only, on arrays of the caller; nothing of a plate is left here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.plates.grammar import places_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

ELSEWHERE: Final = 0
"""Number of the place that is neither Canada nor the United States."""

NOT_KNOWN: Final = -1
"""In place of a jurisdiction's number, where a plate does not tell it surely enough."""

_MISFIT: Final = np.float32(0.3)
"""What is left of a place's chance when the serial is of another place's pattern and not of its own."""


def weigh_by_serial(
    chances: NDArray[np.float32], codes: NDArray[np.uint8], length: int, fits: NDArray[np.bool_]
) -> None:
    """Weigh ``chances`` (jurisdictions,) with the serial of ``length`` ``codes`` (10,); their sum becomes 1.

    ``fits`` (jurisdictions,) is scratch, for the caller to wipe. A serial of no known pattern, as a personal
    one, tells nothing.
    """
    places_of(codes, length, fits)
    if fits.any():
        fits[ELSEWHERE] = True  # the patterns of the rest of the world are not known here
        np.logical_not(fits, out=fits)
        np.multiply(chances, _MISFIT, out=chances, where=fits)
    np.divide(chances, np.add.reduce(chances), out=chances)

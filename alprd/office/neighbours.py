"""Listed plates that one lookalike turns into one another: where a misread would be a wrong hit. Pure.

For each place and each pair of lookalikes, the plates with the one are looked for with the other in the
sorted list. That is at most ten times nineteen passes over the list and, for each plate, a search for each
of its characters' lookalikes: time grows with the list, memory by some thirty bytes a plate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.plates.alphabet import CODES, MAX_CHARACTERS
from alprd.plates.lookalikes import ARE_LOOKALIKES
from alprd.plates.normal import WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_PAIRS: Final = [(int(low), int(high)) for low, high in np.argwhere(np.triu(ARE_LOOKALIKES))]
"""Each two lookalikes once, the lower code first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """What was found among ``plates`` different texts.

    ``with_neighbour`` of them have one or more; ``pairs`` is how many pairs there are, ``most`` the most
    neighbours of one plate. ``shown`` holds the first pairs as packed keys, uint64 (s, 2).
    """

    plates: int
    with_neighbour: int
    pairs: int
    most: int
    shown: NDArray[np.uint64]


def find_neighbours(
    keys: NDArray[np.uint64], *, shown: int = 0, progress: Callable[[int], None] = lambda _: None
) -> Neighbours:
    """Return the neighbours among the packed ``keys`` (n,), which are sorted and may stand several times.

    At most ``shown`` pairs are kept; ``progress`` gets the number of places that were looked at.
    """
    plates = np.unique(keys)
    counts = np.zeros(len(plates), np.uint16)
    kept: list[NDArray[np.uint64]] = []
    pairs = 0
    for place in range(MAX_CHARACTERS):
        codes = (plates // WEIGHTS[place] % np.uint64(CODES)).astype(np.uint8)
        for low, high in _PAIRS:
            ours = np.flatnonzero(codes == low)
            if not ours.size:
                continue
            others = plates[ours] + np.uint64(high - low) * WEIGHTS[place]
            found = np.searchsorted(plates, others)
            is_listed = plates[np.minimum(found, len(plates) - 1)] == others
            ours, found = ours[is_listed], found[is_listed]
            counts[ours] += np.uint16(1)  # each plate stands once in either, so no count is lost
            counts[found] += np.uint16(1)
            room = max(0, shown - pairs)
            kept.append(np.stack((plates[ours[:room]], plates[found[:room]]), axis=1))
            pairs += len(ours)
        progress(place + 1)
    return Neighbours(
        plates=len(plates),
        with_neighbour=int(np.count_nonzero(counts)),
        pairs=pairs,
        most=int(counts.max(initial=0)),
        shown=np.concatenate([np.zeros((0, 2), np.uint64), *kept]),
    )

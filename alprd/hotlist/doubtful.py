"""Which characters of a listed plate the frames are not sure of, and what they hold instead. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from alprd.plates.alphabet import CHARACTERS, CODES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from alprd.hotlist.match import Match
    from alprd.plates.vote import FusedRead

IN_DOUBT: Final = 0.5
"""A listed character of which a lookalike was read is never surer than this."""


def of_listed(confidences: NDArray[np.float32], match: Match) -> tuple[float, ...]:
    """Return how sure each character of the listed plate is, from ``confidences`` (10,) of those read.

    Where the frames hold a lookalike of it, it is at most what that one leaves, and never over a half: the
    officer is shown which characters to look at.
    """
    shares = [float(share) for share in confidences[: len(match.plate)]]
    for place in match.differs_at:
        shares[place] = min(shares[place], 1 - shares[place])
    return tuple(shares)


def confused_in(read: FusedRead, match: Match) -> tuple[tuple[int, int], ...]:
    """Return the codes of each listed character in doubt, and of what the frames hold instead of it.

    Where they hold the listed one and are not sure of it, the other is what they hold next.
    """
    pairs = []
    for place, share in enumerate(of_listed(read.confidences, match)):
        if share > IN_DOUBT:
            continue
        listed = CHARACTERS.index(match.plate[place]) + 1
        held = int(read.codes[place])
        if held == listed:
            odds = read.odds[place]
            held = max((code for code in range(1, CODES) if code != listed), key=lambda code: odds[code - 1])
        pairs.append((listed, held))
    return tuple(pairs)

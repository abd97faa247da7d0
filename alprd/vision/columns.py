"""What one text network saw: a probability of every character in every column (CTC), and its text.

Two networks that learnt apart err apart: `surest` takes the first one's text where that is sure of it, and
else the text that they give more of a chance together. Where the first sees no text there is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from alprd.memory import locked_array, wipe
from alprd.plates.alphabet import LEAST_CHARACTERS, MAX_CHARACTERS
from alprd.vision.ctc import TextChance

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray


class Columns:
    """The columns of one network; not for two threads at a time.

    ``chances`` (columns, 38) is the caller's array: logits, in units of ``decode``'s ``scale``, which that
    turns into probabilities. ``count`` is the text's length, 0 for none, and the first ``count`` of ``found``
    its codes.
    """

    def __init__(self, chances: NDArray[np.float32]) -> None:
        columns = len(chances)
        self.chances = chances
        self.count = 0
        self.found: NDArray[np.intp] = locked_array(MAX_CHARACTERS, np.intp)
        self._highest: NDArray[np.float32] = locked_array((columns, 1), np.float32)
        self._best: NDArray[np.intp] = locked_array(columns, np.intp)
        self._certain: NDArray[np.float32] = locked_array(columns, np.float32)
        self._inked: NDArray[np.bool_] = locked_array(columns, np.bool_)
        self._begins: NDArray[np.bool_] = locked_array(columns, np.bool_)
        self._chance: NDArray[np.float32] = locked_array(1, np.float32)
        self._text_chance = TextChance(columns)

    def decode(self, scale: float) -> int:
        """Turn the logits into characters: of equal neighbours one, no blanks (greedy). Returns ``count``.

        A text of fewer than `LEAST_CHARACTERS` or more than `MAX_CHARACTERS` counts as none.
        """
        chances = self.chances
        np.argmax(chances, axis=1, out=self._best)
        np.max(chances, axis=1, keepdims=True, out=self._highest)
        np.subtract(chances, self._highest, out=chances)
        np.multiply(chances, np.float32(scale), out=chances)
        np.exp(chances, out=chances)
        np.add.reduce(chances, axis=1, out=self._certain)
        np.reciprocal(self._certain, out=self._certain)  # the best code's probability
        np.multiply(chances, self._certain[:, None], out=chances)

        np.not_equal(self._best, 0, out=self._inked)
        np.not_equal(self._best[1:], self._best[:-1], out=self._begins[1:])
        self._begins[0] = True
        np.logical_and(self._begins, self._inked, out=self._begins)
        count = int(np.count_nonzero(self._begins))
        self.count = count if LEAST_CHARACTERS <= count <= MAX_CHARACTERS else 0
        if self.count:
            np.multiply(self._certain, self._inked, out=self._certain)
            # Any mode but "raise": that one, and np.compress, fill a hidden copy that nobody wipes.
            self._best.take(self._starts(), mode="clip", out=self.found[:count])
        return self.count

    def chance_of(self, codes: NDArray[np.intp], count: int) -> float:
        """Return how likely the text of ``count`` ``codes`` is by these columns."""
        self._chance[0] = 0
        self._text_chance.of(self.chances, codes, count, self._chance)
        return float(self._chance[0])

    def add_marks(self, out: NDArray[np.float32]) -> None:
        """Add to each of the first ``count`` rows of ``out`` (10, 38) the column that shows it clearest."""
        starts = self._starts()
        for place, (start, end) in enumerate(zip(starts, (*starts[1:], len(self._best)), strict=True)):
            np.add(out[place], self.chances[start + int(self._certain[start:end].argmax())], out=out[place])

    def wipe(self) -> None:
        """Zero everything but ``chances``, which is the caller's."""
        self.count = 0
        wipe(self.found, self._highest, self._best, self._certain, self._inked, self._begins, self._chance)
        self._text_chance.wipe()

    def _starts(self) -> NDArray[np.intp]:
        # Columns only, not codes: where characters begin says nothing of which they are.
        return np.flatnonzero(self._begins)


def likeliest(networks: Sequence[Columns]) -> tuple[Columns | None, float]:
    """Return which of the decoded ``networks`` has the likeliest text, and that text's chance.

    The chance is the mean of what all networks give it, so that one alone is half sure at most. None, and 0,
    where no network has a text.
    """
    best, most = None, 0.0
    for network in networks:
        if not network.count:
            continue
        chance = sum(other.chance_of(network.found, network.count) for other in networks) / len(networks)
        if best is None or chance > most:
            best, most = network, chance
    return best, most


def surest(
    first: Columns, second: Callable[[], Columns], sure: float
) -> tuple[Columns | None, float, tuple[Columns, ...]]:
    """Return which network has the text, that text's chance, and the networks that were asked.

    ``second`` is asked, and returns its decoded columns, only where the decoded ``first`` has a text and
    gives it less than ``sure``. Most of what a detector takes for plates is none, and the first network
    sees that: on none of 975 boxes did the second add a text that counted.
    """
    best, chance = likeliest([first])
    if best is None or chance >= sure:
        return best, chance, (first,)
    both = first, second()
    return *likeliest(both), both

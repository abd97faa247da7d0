"""Passes of simulated reads, matched with a list as `cycle.run_cycle` matches them, and what comes of it.

The vote, its rule, the place and the matcher are the unit's own. Pictures are not here, nor tracks: which
reads are of one plate is given.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from alprd.plates.alphabet import CHARACTERS, CODES
from alprd.plates.lookalikes import ARE_LOOKALIKES
from alprd.plates.vote import AlertRule

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alprd.hotlist.match import Matcher
    from alprd.records import Doubt
    from tests.sim.passes import Passes

FRAMES: Final = 5
"""Frames of a pass: one more than an alert in doubt waits for."""
AT_ONCE: Final = 1024


@dataclass
class Alerts:
    """The alerts of ``passes`` passes: chance and doubts of each, and whether it was of that plate."""

    passes: int = 0
    chances: list[float] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    is_right: list[bool] = field(default_factory=list)

    def count(self, *, right: bool, stop_grade: bool | None = None) -> int:
        """Return how many alerts are ``right``; of stop-grade or not, or either where that is None."""
        return sum(
            was == right and stop_grade in {None, not doubts}
            for was, doubts in zip(self.is_right, self.doubts, strict=True)
        )

    def reliability(self, low: float, high: float) -> tuple[int, float, float]:
        """Return how many alerts say a chance from ``low`` to ``high``, what they say, and what is so."""
        chances = np.array(self.chances)
        here = (chances >= low) & (chances < high)
        if not here.any():
            return 0, 0.0, 0.0
        return int(here.sum()), float(chances[here].mean()), float(np.array(self.is_right)[here].mean())


class Nearby:
    """Which reads are near a listed plate: lookalikes, however many, make the one of the other."""

    def __init__(self, listed: NDArray[np.uint8], length: int) -> None:
        self._weights = np.uint64(CODES) ** np.arange(length, dtype=np.uint64)
        self._one = _representatives()
        self._listed = np.unique(self._folded(listed[:, :length]))

    def __call__(self, codes: NDArray[Any]) -> NDArray[np.bool_]:
        """Return it for ``codes`` (n, length)."""
        folded = self._folded(codes)
        at = np.minimum(np.searchsorted(self._listed, folded), len(self._listed) - 1)
        near: NDArray[np.bool_] = self._listed[at] == folded
        return near

    def _folded(self, codes: NDArray[Any]) -> NDArray[np.uint64]:
        keys = np.zeros(len(codes), np.uint64)
        for place, weight in enumerate(self._weights):
            keys += self._one[codes[:, place]] * weight
        return keys


def alerts_on(
    matcher: Matcher,
    passes: Passes,
    codes: NDArray[np.uint8],
    rng: np.random.Generator,
    *,
    nearby: Nearby | None = None,
    frames: int = FRAMES,
    rule: AlertRule | None = None,
) -> Alerts:
    """Return the alerts of a pass of each plate of ``codes`` (n, 10).

    With ``nearby`` texts are left out that are near no listed plate: nothing that the matcher looks up
    for them is on the list. So are passes whose frames all read one such text: it is their vote.
    """
    rule, alerts = rule or AlertRule(), Alerts(passes=len(codes))
    for start in range(0, len(codes), AT_ONCE):
        batch = codes[start : start + AT_ONCE]
        drawn = passes.draw(batch, frames, rng)
        if nearby is not None:
            counts = ~drawn.agree | nearby(drawn.looks[0, 0])
            batch, drawn = batch[counts], drawn.of(counts)
        waiting = np.ones(len(batch), np.bool_)
        for frame in passes.run(drawn):
            is_near = waiting if nearby is None else waiting & nearby(passes.texts()[: len(batch)])
            for i in np.flatnonzero(is_near) if frame >= rule.votes else ():
                read = passes.fused(i)
                if not (read.is_matchable(rule) and passes.is_as_read(i) and matcher.finds(read, rule)):
                    continue
                match = matcher.match(read, rule, passes.tell_place(i).place_known(rule))
                if match is None:
                    continue
                waiting[i] = False
                alerts.chances.append(match.chance)
                alerts.doubts.append(match.doubts)
                alerts.is_right.append(match.plate == _text(batch[i]))
    return alerts


def _representatives() -> NDArray[np.uint64]:
    """Return for each code the lowest that lookalikes of lookalikes lead to."""
    alike = ARE_LOOKALIKES | np.eye(CODES, dtype=np.bool_)
    for _ in range(CODES):
        alike = alike @ alike
    lowest: NDArray[np.uint64] = alike.argmax(axis=1).astype(np.uint64)
    return lowest


def _text(codes: NDArray[np.uint8]) -> str:
    return "".join(CHARACTERS[code - 1] for code in codes if code)

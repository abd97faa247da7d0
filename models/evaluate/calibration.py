"""Whether a confidence is a probability: reliability, calibration error, and what a threshold costs."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

Judged = tuple[float, bool]
"""A confidence from 0 to 1, and whether what was said with it is right."""

BINS: Final = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """What was said with about one confidence: how often, how sure on average, the share that is right."""

    count: int
    confidence: float
    right: float


def reliability(judged: Sequence[Judged], bins: int = BINS) -> list[Bin]:
    """Return the bins of equal width that hold anything, least confidence first."""
    held: list[list[Judged]] = [[] for _ in range(bins)]
    for one in judged:
        held[min(int(one[0] * bins), bins - 1)].append(one)
    return [
        Bin(len(here), sum(c for c, _ in here) / len(here), sum(right for _, right in here) / len(here))
        for here in held
        if here
    ]


def calibration_error(judged: Sequence[Judged]) -> float | None:
    """Return the expected calibration error (Naeini 2015), 0 to 1, or None for nothing.

    The mean gap between confidence and share right over the bins, each counted by how much it holds.
    """
    if not judged:
        return None
    return sum(b.count * abs(b.confidence - b.right) for b in reliability(judged)) / len(judged)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What a threshold gives: the share accepted, and the share of these that is right."""

    least: float
    accepted: float
    right: float


def acceptance(judged: Sequence[Judged], plates: int) -> list[Acceptance]:
    """Return, for every confidence that occurs as a threshold, highest first, what would be accepted.

    ``plates`` is how many there are to read: those without a read are never accepted.
    """
    curve: list[Acceptance] = []
    accepted = right = 0
    ordered = sorted(judged, key=lambda one: -one[0])
    for least, same in groupby(ordered, key=lambda one: one[0]):
        for _, is_right in same:
            accepted += 1
            right += is_right
        curve.append(Acceptance(least, accepted / max(plates, accepted), right / accepted))
    return curve

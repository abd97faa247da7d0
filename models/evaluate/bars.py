"""What the models have to reach, and whether they do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from models.evaluate.table import NONE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from models.evaluate.score import Score

_SCENES: Final = ("us-scenes", "eu-scenes", "na-scenes")
_MOST_FALSE: Final = (9, 3, 13)


@dataclass(frozen=True, slots=True)
class Bar:
    """One figure that has to be reached: ``at_least`` ``bar``, or else at most; in ``unit``."""

    what: str
    figure: float | None
    bar: float
    unit: str = "%"
    at_least: bool = True

    @property
    def is_reached(self) -> bool | None:
        """Whether it is, or None where nothing was measured."""
        if self.figure is None:
            return None
        return self.figure >= self.bar if self.at_least else self.figure <= self.bar

    def cells(self) -> tuple[str, str, str, str]:
        """Return the row of a table: what, the bar, the figure, whether it is reached."""
        bar = f"{'at least' if self.at_least else 'at most'} {self.bar:g} {self.unit}".rstrip()
        said = {True: "yes", False: "no", None: NONE}[self.is_reached]
        return self.what, bar, NONE if self.figure is None else f"{self.figure:.1f}", said


HEADINGS: Final = ("what", "bar", "figure", "reached")


def _percent(part: float, whole: float) -> float | None:
    return 100 * part / whole if whole else None


def _accepted(scores: Sequence[Score]) -> tuple[float | None, float | None]:
    """Return the percentages accepted, and right of these, of several sets together."""
    accepted = sum(score.accepted for score in scores)
    plates = sum(score.counts.plates for score in scores)
    return _percent(accepted, plates), _percent(sum(score.accepted_right for score in scores), accepted)


def bars(scores: Sequence[Score], megabytes: float) -> list[Bar]:
    """Return every bar with its figure from the sets' scores and the size of both model files."""
    named = {score.name: score for score in scores}
    rows = [_of_set(named, *row) for row in _OF_SETS]
    for name, most in zip(_SCENES, _MOST_FALSE, strict=True):
        false = named[name].counts.false if name in named else None
        rows.append(Bar(f"{name}: false outputs", false, most, "", at_least=False))
    scenes = [named[name] for name in _SCENES if name in named]
    slowest = max((score.median_ms for score in scenes), default=None)
    rows.append(Bar("scenes: slowest median", slowest, 10, "ms", at_least=False))
    peak = max((score.peak_mib for score in scores), default=None)
    rows.append(Bar("peak memory", peak, 140, "MiB", at_least=False))
    rows.append(Bar("both model files", megabytes, 6, "MB", at_least=False))
    accepted, right = _accepted(scenes)
    rows += [Bar("scenes: accepted", accepted, 75), Bar("scenes: right of accepted", right, 99.5)]
    return rows


def _of_set(
    named: Mapping[str, Score], name: str, what: str, part: Callable[[Score], float | None], bar: float
) -> Bar:
    return Bar(f"{name}: {what}", part(named[name]) if name in named else None, bar)


def _found(score: Score) -> float | None:
    return _percent(score.counts.found, score.counts.plates)


def _exact(score: Score) -> float | None:
    return _percent(score.counts.exact, score.counts.plates)


def _fold(score: Score) -> float | None:
    return _percent(score.counts.fold, score.counts.plates)


def _answered(score: Score) -> float | None:
    return _percent(score.place_answered, score.place_known)


def _place_right(score: Score) -> float | None:
    return _percent(score.place_right, score.place_answered)


_OF_SETS: Final[tuple[tuple[str, str, Callable[[Score], float | None], float], ...]] = (
    ("us-scenes", "exact", _exact, 86),
    ("us-scenes", "fold", _fold, 90),
    ("us-scenes", "found", _found, 97),
    ("eu-scenes", "fold", _fold, 98),
    ("na-scenes", "exact", _exact, 88),
    ("na-scenes", "fold", _fold, 93),
    ("us-crops", "fold", _fold, 92),
    ("nyc-crops", "fold", _fold, 92),
    ("us-crops", "place answered", _answered, 60),
    ("us-crops", "place right of answered", _place_right, 97),
)

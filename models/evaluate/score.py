"""Scores of what was read against what is labelled."""

from __future__ import annotations

import re
import statistics
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from models.evaluate.confusions import aligned, is_alike

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from models.evaluate.bench import Read
    from models.evaluate.calibration import Judged
    from models.evaluate.reading import Reading
    from models.evaluate.truth import Label

LEASTS: Final = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
_FOLD: Final = str.maketrans("OI", "01")


@dataclass(slots=True)
class Counts:
    """What `counted` says of outputs: numbers of plates, but ``false`` is a number of outputs."""

    plates: int = 0
    exact: int = 0
    fold: int = 0
    found: int = 0
    false: int = 0


@dataclass(slots=True)
class Score:
    """One set's score, or several sets' together; numbers of plates where nothing else is said.

    ``partial``: plates with a partial read and no output. ``place_known``: with a labelled place, of these
    ``place_answered`` and ``place_right``. ``accepted``: with a read at the operating point, of these
    ``accepted_right``; ``accepted_elsewhere``: accepted outputs on no labelled plate. ``texts``,
    ``characters``, ``places``: confidences of all whole reads on labelled plates, each with whether it is
    right (O as 0, I as 1). ``ms`` of each picture; ``peak_mib`` of the reading process.
    """

    name: str
    boxes: str
    counts: Counts
    partial: int = 0
    place_known: int = 0
    place_answered: int = 0
    place_right: int = 0
    accepted: int = 0
    accepted_right: int = 0
    accepted_elsewhere: int = 0
    texts: list[Judged] = field(default_factory=list)
    characters: list[Judged] = field(default_factory=list)
    places: list[Judged] = field(default_factory=list)
    ms: list[float] = field(default_factory=list)
    peak_mib: float = 0.0

    @property
    def median_ms(self) -> float:
        """The median milliseconds a picture."""
        return statistics.median(self.ms)


_SUMMED: Final = tuple(
    part for part in Score.__slots__ if part not in {"name", "boxes", "counts", "peak_mib"}
)


def normal(text: str, *, fold: bool = False) -> str:
    """Return the letters and digits of ``text``; with ``fold``, O as 0 and I as 1."""
    kept = re.sub("[^A-Z0-9]", "", text.upper())
    return kept.translate(_FOLD) if fold else kept


def is_right(read: Read, label: Label) -> bool:
    """Tell whether ``read`` says what ``label`` says, O counted as 0 and I as 1."""
    return normal(read.text, fold=True) == normal(label.text, fold=True)


def counted(outputs: Mapping[str, Sequence[Read]], labels: Mapping[str, Sequence[Label]]) -> Counts:
    """Count the plates that the outputs (by picture) find and read, and the false outputs.

    A plate is found when an output's centre lies in its box, and read when its text is among the picture's
    outputs. A false output is one on no labelled plate; pictures may hold plates that nobody labelled.
    """
    counts = Counts()
    for image, truth in labels.items():
        here = outputs.get(image, ())
        for label in truth:
            counts.plates += 1
            counts.exact += any(normal(read.text) == normal(label.text) for read in here)
            counts.fold += any(is_right(read, label) for read in here)
            counts.found += any(label.box.holds_centre_of(read.box) for read in here)
        counts.false += sum(1 for _ in elsewhere(here, truth))
    return counts


def elsewhere(reads: Iterable[Read], labels: Sequence[Label]) -> Iterator[Read]:
    """Yield the reads of a picture that lie on none of its labelled plates."""
    return (read for read in reads if not any(label.box.holds_centre_of(read.box) for label in labels))


def read_on(label: Label, reads: Iterable[Read]) -> Read | None:
    """Return the most confident of a picture's reads that lies on the labelled plate."""
    there = (read for read in reads if label.box.holds_centre_of(read.box))
    return max(there, key=lambda read: read.confidence, default=None)


def _whose_boxes(reading: Reading) -> str:
    if reading.are_close_ups:
        return "detector, at the label"
    return "labelled" if reading.is_by_boxes else "detector"


def scored(reading: Reading, labels: Mapping[str, Sequence[Label]], least: float) -> Score:
    """Score what was read; outputs are whole texts of confidence ``least`` and more."""
    outputs = reading.outputs(least).reads
    score = Score(
        reading.name,
        _whose_boxes(reading),
        counted(outputs, labels),
        ms=list(reading.ms.values()),
        peak_mib=reading.peak_mib,
    )
    accept = max(reading.point.accept, least)
    for image, truth in labels.items():
        for read in elsewhere(outputs.get(image, ()), truth):
            score.accepted_elsewhere += read.confidence >= accept
        for label in truth:
            _judge(score, label, reading.reads.get(image, ()))
            output = read_on(label, outputs.get(image, ()))
            score.place_known += bool(label.place)
            if output is None:
                score.partial += read_on(label, _partial(reading.reads.get(image, ()))) is not None
                continue
            if output.confidence >= accept:
                score.accepted += 1
                score.accepted_right += is_right(output, label)
            if label.place and output.place:
                score.place_answered += 1
                score.place_right += output.place == label.place
    return score


def _partial(reads: Iterable[Read]) -> Iterator[Read]:
    return (read for read in reads if read.is_partial)


def _judge(score: Score, label: Label, reads: Iterable[Read]) -> None:
    """Note how sure the read on a plate was of its text, characters and place, and whether it is right."""
    read = read_on(label, (read for read in reads if not read.is_partial))
    if read is None:
        return
    score.texts.append((read.confidence, is_right(read, label)))
    steps = aligned(normal(label.text, fold=True), normal(read.text, fold=True))
    if is_alike(steps):
        score.characters += [
            (read.characters[at], wanted == found)
            for wanted, found, at in steps
            if 0 <= at < len(read.characters)
        ]
    if label.place and read.place:
        score.places.append((read.place_confidence, read.place == label.place))


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A set that was read, its labels by picture, and its score."""

    reading: Reading
    labels: Mapping[str, Sequence[Label]]
    score: Score


def together(name: str, scores: Sequence[Score]) -> Score:
    """Return the score of several sets as one; the peak memory is the largest."""
    total = Score(name, " and ".join(sorted({score.boxes for score in scores})), Counts())
    for score in scores:
        for part in Counts.__slots__:
            setattr(total.counts, part, getattr(total.counts, part) + getattr(score.counts, part))
        for part in _SUMMED:
            setattr(total, part, getattr(total, part) + getattr(score, part))
        total.peak_mib = max(total.peak_mib, score.peak_mib)
    return total


def swept(reading: Reading, labels: Mapping[str, Sequence[Label]]) -> list[tuple[float, Counts]]:
    """Return the counts for each least confidence that one could ask for."""
    return [(least, counted(reading.outputs(least).reads, labels)) for least in LEASTS]


@dataclass(slots=True)
class PlaceScore:
    """What became of the plates of one labelled place."""

    plates: int = 0
    fold: int = 0
    answered: int = 0
    right: int = 0


def by_place(sets: Iterable[Evaluated], least: float) -> dict[str, PlaceScore]:
    """Return the scores of all sets' plates by their labelled place, the most plates first."""
    places: dict[str, PlaceScore] = {}
    for one in sets:
        outputs = one.reading.outputs(least).reads
        for image, truth in one.labels.items():
            for label in truth:
                place = places.setdefault(label.place, PlaceScore())
                place.plates += 1
                place.fold += any(is_right(read, label) for read in outputs.get(image, ()))
                output = read_on(label, outputs.get(image, ()))
                if output is not None and output.place:
                    place.answered += 1
                    place.right += output.place == label.place
    return dict(sorted(places.items(), key=lambda item: (-item[1].plates, item[0])))

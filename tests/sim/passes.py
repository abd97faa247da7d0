"""Simulated passes: what a reader that is as sure as it should be reads of plates, frame after frame.

Each character of a plate is as hard to read as chance will have it: the reader errs on it once in ten
thousand looks, or once in seven, or anything between, evenly in the logarithm; on average
`CHARACTER_ERROR`. What is taken for it is a lookalike, seven times in ten where it has some, else any
character. The reader knows how sure it is: it says how often it errs, and in `SEEN` of its errors what
is right is its second choice. Frames of one pass resemble each other as `plates.likeness` says: a
character is seen as in one of the earlier frames, error and all, or anew (a Polya urn), so that its
errors in any two frames have the correlation `LIKENESS`.

The model knows nothing of series: a letter is taken for a figure as easily as for a letter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from alprd.plates.alphabet import CODES, MAX_CHARACTERS, READ_CODES
from alprd.plates.jurisdictions import JURISDICTIONS, jurisdiction_number
from alprd.plates.likeness import LIKENESS
from alprd.plates.lookalikes import ARE_LOOKALIKES
from alprd.plates.vote import Votes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from alprd.plates.vote import FusedRead

CHARACTER_ERROR: Final = 0.02
LEAST_ERROR: Final = 1e-4
MOST_ERROR: Final = 0.1457
"""With `LEAST_ERROR` these make `CHARACTER_ERROR`, evenly in the logarithm."""
LOOKALIKE_SHARE: Final = 0.7
SEEN: Final = 0.8
PLACE_SURE: Final = 0.9
PLACE_TOLD: Final = 0.91
PLACE_WRONG: Final = 0.006
"""How often the place is told, and wrong where it is: as `models/reader/CARD.md` has it for Ontario."""


@dataclass
class _Read:
    """One read, in views of a batch."""

    codes: NDArray[np.uint8]
    confidences: NDArray[np.float32]
    probabilities: NDArray[np.float32]
    score: NDArray[np.float32]
    places: NDArray[np.float32]
    partial: bool = False


@dataclass(frozen=True)
class Drawn:
    """What is seen of plates, before anybody votes.

    ``looks`` (frames, 2, n, length) are first and second choice of each character, ``errors`` (n, length) how
    likely the first is wrong; ``places`` (n,) what each plate's design tells, -1 nothing.
    """

    looks: NDArray[np.intp]
    errors: NDArray[np.float64]
    places: NDArray[np.intp]

    def of(self, which: NDArray[np.bool_]) -> Drawn:
        """Return what is seen of those plates alone."""
        return Drawn(self.looks[:, :, which], self.errors[which], self.places[which])

    @property
    def agree(self) -> NDArray[np.bool_]:
        """(n,): whether all frames read the plate alike: then that is what their vote says, too."""
        agree: NDArray[np.bool_] = (self.looks[:, 0] == self.looks[0, 0]).all(axis=(0, 2))
        return agree


class Passes:
    """Passes of plates of one ``length`` by a unit that votes on at most ``most`` at once.

    ``likeness`` is how much the frames of a pass resemble each other; the reader says that it errs
    ``boast`` times less often than it does.
    """

    def __init__(
        self, most: int, length: int, *, place: str = "CA-ON", likeness: float = LIKENESS, boast: float = 1.0
    ) -> None:
        self._length, self._likeness, self._boast = length, likeness, boast
        self._place = jurisdiction_number(place)
        self._votes = Votes(most)
        confused = np.cumsum(_confusions(), axis=1) + np.arange(CODES)[:, None]
        self._confused = confused.reshape(-1)

    def draw(self, codes: NDArray[np.uint8], frames: int, rng: np.random.Generator) -> Drawn:
        """Return what is seen of the plates ``codes`` (n, 10) in ``frames`` frames."""
        truth = codes[:, : self._length].astype(np.intp)
        errors = np.exp(rng.uniform(np.log(LEAST_ERROR), np.log(MOST_ERROR), truth.shape))
        looks = np.empty((frames, 2, *truth.shape), np.intp)
        for frame in range(frames):
            looks[frame] = self._look(truth, errors, rng)
            self._repeat(looks[: frame + 1], rng)
        is_told = rng.random(len(codes)) < PLACE_TOLD
        is_wrong = rng.random(len(codes)) < PLACE_WRONG
        told = np.where(is_wrong, rng.integers(1, len(JURISDICTIONS), len(codes)), self._place)
        return Drawn(looks, errors, np.where(is_told, told, -1))

    def run(self, drawn: Drawn) -> Iterator[int]:
        """Vote on one frame after the other, and yield its number, from 1; then `fused` tells."""
        votes, count = self._votes, len(drawn.errors)
        votes.wipe()
        places = _places(drawn.places)
        for frame, look in enumerate(drawn.looks, 1):
            arrays = self._reads(look, drawn.errors / self._boast)
            votes.wipe_frame()
            for i in range(count):
                votes.take(i, _Read(*(array[i] for array in (*arrays, places))), self._length)
            votes.weigh(count)
            for i in range(count):
                votes.cast(i, i)
            votes.fuse(np.arange(count))
            yield frame

    def texts(self) -> NDArray[np.uint8]:
        """Return the codes (most, 10) that the vote says of all plates."""
        return self._votes._fused_codes

    def fused(self, i: int) -> FusedRead:
        """Return what the vote says of plate ``i``, of which `place` is not told yet."""
        return self._votes.fused[i]

    def is_as_read(self, i: int) -> bool:
        """Return whether the frame itself reads plate ``i`` so."""
        return self._votes.is_as_read(i)

    def tell_place(self, i: int) -> FusedRead:
        """Fuse the place of plate ``i``, too."""
        self._votes.fuse_place(i, i)
        return self._votes.fused[i]

    def _look(
        self, truth: NDArray[np.intp], errors: NDArray[np.float64], rng: np.random.Generator
    ) -> NDArray[np.intp]:
        """Return what is seen at a look: first and second choice of each character, (2, n, length)."""
        other = self._taken_for(truth, rng)
        is_wrong = rng.random(truth.shape) < errors
        is_seen = rng.random(truth.shape) < SEEN
        second = np.where(is_seen, truth, self._taken_for(other, rng))
        return np.stack((np.where(is_wrong, other, truth), np.where(is_wrong, second, other)))

    def _taken_for(self, codes: NDArray[np.intp], rng: np.random.Generator) -> NDArray[np.intp]:
        taken = np.searchsorted(self._confused, codes + rng.random(codes.shape)) - codes * CODES
        return np.clip(taken, 1, CODES - 1)

    def _repeat(self, looks: NDArray[np.intp], rng: np.random.Generator) -> None:
        """Let the last of ``looks`` repeat an earlier one, character by character, as likeness asks."""
        earlier = len(looks) - 1
        if earlier == 0:
            return
        again = earlier * self._likeness / (1 + (earlier - 1) * self._likeness)
        shape = looks.shape[2:]
        which = np.where(rng.random(shape) < again, rng.integers(0, earlier, shape), earlier)
        looks[-1] = np.take_along_axis(looks, which[None, None], axis=0)[0]

    def _reads(self, look: NDArray[np.intp], errors: NDArray[np.float64]) -> tuple[NDArray[Any], ...]:
        """Return codes, confidences, probabilities and scores of a frame's reads."""
        count, length = errors.shape
        codes = np.zeros((count, MAX_CHARACTERS), np.uint8)
        confidences = np.zeros((count, MAX_CHARACTERS), np.float32)
        probabilities = np.zeros((count, MAX_CHARACTERS, READ_CODES), np.float32)
        first, second = look
        codes[:, :length], confidences[:, :length] = first, 1 - errors
        rest = probabilities[:, :length]
        rest[:] = ((1 - SEEN) * errors / (CODES - 3))[..., None]
        rest[..., 0] = rest[..., READ_CODES - 1] = 0
        np.put_along_axis(rest, second[..., None], (SEEN * errors)[..., None], axis=2)
        np.put_along_axis(rest, first[..., None], (1 - errors)[..., None], axis=2)
        score = (1 - errors).prod(axis=1, keepdims=True).astype(np.float32)
        return codes, confidences, probabilities, score


def _places(told: NDArray[np.intp]) -> NDArray[np.float32]:
    """Return how likely each jurisdiction is, for what each plate's design tells: (n, jurisdictions)."""
    places = np.full((len(told), len(JURISDICTIONS)), 1 / len(JURISDICTIONS), np.float32)
    is_told = told >= 0
    places[is_told] = (1 - PLACE_SURE) / (len(JURISDICTIONS) - 1)
    places[is_told, told[is_told]] = PLACE_SURE
    return places


def _confusions() -> NDArray[np.float64]:
    """Return how likely each code is taken for each other, where it is misread: (37, 37)."""
    table = np.zeros((CODES, CODES))
    any_other = np.ones((CODES, CODES)) - np.eye(CODES)
    any_other[:, 0] = 0
    for code in range(1, CODES):
        alike = ARE_LOOKALIKES[code].astype(float)
        share = LOOKALIKE_SHARE if alike.any() else 0.0
        table[code] = (1 - share) * any_other[code] / any_other[code].sum()
        table[code] += share * alike / max(1, alike.sum())
    return table

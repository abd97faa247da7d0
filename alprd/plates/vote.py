"""The vote over the reads of one plate: what several frames together say its text is.

Numeric only, and in locked memory: a plate in view is sums of logarithms and counts of votes, from its
first frame until its track ends. A text, as ten codes, exists within one frame's cycle alone.

For each plate and each length of text a sum is kept per place and character: of the logarithms of what
the reader gave that character there, frame by frame, none below that of `FLOOR`. So a frame can speak
against a character by a bounded amount, and frames that agree outvote one that was sure and wrong.

Frames of one pass resemble each other, and count for as much as `plates.likeness` says, in confidences and
margins alike.

A partial read speaks for the characters that it could make out, at their places, and only among texts of
its own length. It never speaks for that length: what hides one character may hide two. So without a full
read no text is fused, and a place that the only full read got wrong stays with one vote. A partial read
without an unreadable character is of a plate that the frame's edge cuts: its places are not the
plate's, and it says nothing.

The jurisdiction is fused beside the text: see `plates.place_vote`; its chance to be right: `plates.chance`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from alprd.memory import locked_array, wipe
from alprd.plates.alphabet import CODES, MAX_CHARACTERS, UNREADABLE
from alprd.plates.chance import TextChances
from alprd.plates.likeness import FLOOR, temper
from alprd.plates.lookalikes import ARE_LOOKALIKES
from alprd.plates.place_vote import PlaceVotes
from alprd.plates.places import ELSEWHERE, NOT_KNOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alprd.plates.reads import Read

LEAST_SHARED: Final = 3
"""Characters by which texts of different length are known to be of one plate."""

_LETTERS: Final = CODES - 1  # characters that a text can hold: code less 1, from here on
_PLACES: Final = MAX_CHARACTERS
_NEVER: Final = np.float32(-1e9)
_CODES: Final = np.arange(1, CODES, dtype=np.uint8)
_ROW: Final = np.arange(_PLACES, dtype=np.intp)
_RIVALS: Final = np.where(ARE_LOOKALIKES[1:, 1:], np.float32(0), _NEVER)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule:
    """When a fused text is matched with the list, and when an alert on it can be stop-grade.

    ``votes``: frames that must have read each of its characters so, 1 or more; ``doubtful_votes`` where the
    text is not certain. ``min_chance``: an alert that is less likely right is not raised. Certain is a text
    from ``stop_chance`` on that is also ``odds`` times likelier than with any one character changed to a
    lookalike, and of which no frame read such a change. ``place_accept``: the least fused probability of a
    jurisdiction that counts as known.
    """

    votes: int = 2
    doubtful_votes: int = 4
    min_chance: float = 0.5
    stop_chance: float = 0.995
    odds: float = 99.0
    place_accept: float = 0.45

    @property
    def votes_in_doubt(self) -> int:
        """The votes that a text in doubt needs. Where one vote is enough, as for stills, nothing waits."""
        return 1 if self.votes == 1 else max(self.votes, self.doubtful_votes)


@dataclass(frozen=True, slots=True, kw_only=True)
class FusedRead:
    """What the vote says of one plate of the frame: views of locked memory, zeros after the frame."""

    codes: NDArray[np.uint8]
    """(10,): the text's codes, 0 after the last."""
    confidences: NDArray[np.float32]
    """(10,): per character, 0 to 1."""
    score: NDArray[np.float32]
    """(1,): the probability that the whole text is right."""
    length: NDArray[np.intp]
    """(1,): how many characters, 0 where there is no text."""
    votes: NDArray[np.uint16]
    """(1,): how many frames read the character so that the fewest did."""
    margin: NDArray[np.float32]
    """(1,): log odds of the text over its likeliest single change to a lookalike."""
    chance: NDArray[np.float32]
    """(1,): how likely the text is the plate's own, as `plates.chance` reckons."""
    is_disputed: NDArray[np.bool_]
    """(1,): whether a frame read a lookalike of one of its characters."""
    odds: NDArray[np.float32]
    """(10, 36): of each code from 1 on against the text's own at its place, 0 to 1."""
    others: NDArray[np.float32]
    """(10, 36): what of these odds the frames hold for each code, as `plates.chance` reckons."""
    backings: NDArray[np.uint16]
    """(10, 36): how many frames could have read each code from 1 on."""
    place: NDArray[np.uint8]
    """(1,): the likeliest jurisdiction's number, 0 for one that is none of Canada or the United States.

    It and its confidence are 0 until `Votes.fuse_place` is asked for them.
    """
    place_confidence: NDArray[np.float32]
    """(1,): the probability that it is that one."""

    def is_matchable(self, rule: AlertRule) -> bool:
        """Return whether ``rule`` lets the text be matched."""
        return bool(self.length[0] > 0 and self.votes[0] >= rule.votes)

    def is_certain(self, rule: AlertRule) -> bool:
        """Return whether ``rule`` counts the text as certain."""
        is_clear = self.chance[0] >= rule.stop_chance and self.margin[0] >= np.log(rule.odds)
        return bool(is_clear and not self.is_disputed[0])

    def would_alert(self, rule: AlertRule) -> bool:
        """Return whether the text would alert if it, and nothing like it, were listed."""
        is_due = self.is_certain(rule) or self.votes[0] >= rule.votes_in_doubt
        return self.is_matchable(rule) and bool(is_due and self.chance[0] >= rule.min_chance)

    def place_known(self, rule: AlertRule) -> int:
        """Return the jurisdiction's number where ``rule`` counts it as known, else `NOT_KNOWN`.

        A plate from elsewhere is not known either: no list names where it is from.
        """
        is_known = self.place[0] != ELSEWHERE and self.place_confidence[0] >= rule.place_accept
        return int(self.place[0]) if is_known else NOT_KNOWN


class Votes:
    """The votes for ``plates`` plates at once, and the reads of one frame, as many.

    In each frame: `take` every read, `weigh` them, ask `likeness` which plate each is of, `cast` them, and
    `fuse`. Then ``fused[i]`` is the vote on the plate of read ``i``. Not for two threads at a time.
    """

    def __init__(self, plates: int) -> None:
        table = (_PLACES, _LETTERS)
        self._sums: NDArray[np.float32] = locked_array((plates, _PLACES, *table), np.float32)
        self._counts: NDArray[np.uint16] = locked_array((plates, _PLACES, *table), np.uint16)
        self._length_sums: NDArray[np.float32] = locked_array((plates, _PLACES), np.float32)
        self._full_reads: NDArray[np.float32] = locked_array((plates, _PLACES), np.float32)
        self._reads: NDArray[np.float32] = locked_array((plates, _PLACES), np.float32)
        self._lengths: NDArray[np.intp] = locked_array(plates, np.intp)
        self._of_places = PlaceVotes(plates)
        self._chances = TextChances(plates)
        self.strength: NDArray[np.uint16] = locked_array(plates, np.uint16)
        """Per plate: how many frames read the character so that the fewest did, when it was last fused."""
        self._of_plates: tuple[NDArray[Any], ...] = (
            self._sums, self._counts, self._length_sums, self._full_reads, self._reads, self._lengths,
            self.strength, *self._of_places.of_plates, *self._chances.of_plates,
        )  # fmt: skip
        # One frame's reads.
        self._codes: NDArray[np.uint8] = locked_array((plates, _PLACES), np.uint8)
        self._logs: NDArray[np.float32] = locked_array((plates, *table), np.float32)
        self._is_code: NDArray[np.bool_] = locked_array((plates, *table), np.bool_)
        self._ones: NDArray[np.uint16] = locked_array((plates, *table), np.uint16)
        self._is_read: NDArray[np.bool_] = locked_array((plates, _PLACES), np.bool_)
        self._length_logs: NDArray[np.float32] = locked_array((plates, _PLACES), np.float32)
        self._read_lengths: NDArray[np.intp] = locked_array(plates, np.intp)
        self._scores: NDArray[np.float32] = locked_array(plates, np.float32)
        self._read_confidences: NDArray[np.float32] = locked_array((plates, _PLACES), np.float32)
        self._is_partial: NDArray[np.bool_] = locked_array(plates, np.bool_)
        self._shared: NDArray[np.uint16] = locked_array(table, np.uint16)
        # What the vote on them says.
        self._odds: NDArray[np.float32] = locked_array((plates, *table), np.float32)
        self._rivals: NDArray[np.float32] = locked_array((plates, *table), np.float32)
        self._highest: NDArray[np.float32] = locked_array((plates, _PLACES, 1), np.float32)
        self._best: NDArray[np.intp] = locked_array((plates, _PLACES), np.intp)
        self._cells: NDArray[np.intp] = locked_array((plates, _PLACES), np.intp)
        self._places: NDArray[np.float32] = locked_array((plates, _PLACES), np.float32)
        self._votes: NDArray[np.uint16] = locked_array((plates, _PLACES), np.uint16)
        self._is_past: NDArray[np.bool_] = locked_array((plates, _PLACES), np.bool_)
        self._fused_codes: NDArray[np.uint8] = locked_array((plates, _PLACES), np.uint8)
        self._confidences: NDArray[np.float32] = locked_array((plates, _PLACES), np.float32)
        self._fused_scores: NDArray[np.float32] = locked_array(plates, np.float32)
        self._fused_lengths: NDArray[np.intp] = locked_array(plates, np.intp)
        self._least_votes: NDArray[np.uint16] = locked_array(plates, np.uint16)
        self._margins: NDArray[np.float32] = locked_array(plates, np.float32)
        self._of_frame: tuple[NDArray[Any], ...] = (
            self._codes, self._logs, self._is_code, self._ones, self._is_read, self._length_logs,
            self._read_lengths, self._scores, self._read_confidences, self._is_partial, self._shared,
            self._odds, self._rivals, self._highest, self._best, self._cells, self._places, self._votes,
            self._is_past, self._fused_codes, self._confidences, self._fused_scores, self._fused_lengths,
            self._least_votes, self._margins, *self._of_places.of_frame, *self._chances.of_frame,
        )  # fmt: skip
        self.fused: Final = tuple(self._fused_read(i) for i in range(plates))

    def take(self, i: int, read: Read, length: int) -> None:
        """Take a read of ``length`` characters (0 to 10) as number ``i`` of the frame."""
        self._read_lengths[i] = length
        self._scores[i] = read.score[0]
        self._is_partial[i] = read.partial
        np.copyto(self._codes[i], read.codes)
        np.copyto(self._read_confidences[i], read.confidences)
        np.copyto(self._logs[i], read.probabilities[:, 1:CODES])
        self._chances.take(i, read.score)
        self._of_places.take(i, read.places)

    def weigh(self, count: int) -> None:
        """Make the first ``count`` reads into what each would add to a plate's sums and votes."""
        codes, logs, is_read = self._codes[:count], self._logs[:count], self._is_read[:count]
        np.equal(codes[:, :, None], _CODES, out=self._is_code[:count])
        # copyto casts straight into place; a ufunc on mixed types would cast through heap memory.
        np.copyto(self._ones[:count], self._is_code[:count])
        np.logical_or.reduce(self._is_code[:count], axis=2, out=is_read)
        self._chances.weigh(logs, is_read)
        np.maximum(logs, np.float32(FLOOR), out=logs)
        np.log(logs, out=logs)
        np.multiply(logs, is_read[:, :, None], out=logs)
        self._of_places.weigh(count)
        # A text that is right has the right length: its probability bounds the length's from below.
        lengths = self._length_logs[:count]
        for i in range(count):
            sure = min(1.0, max(float(self._scores[i]), 1 / _PLACES))
            lengths[i] = max((1 - sure) / (_PLACES - 1), FLOOR)
            lengths[i, self._read_lengths[i] - 1] = sure
        np.log(lengths, out=lengths)

    def likeness(self, plate: int, i: int) -> float:
        """Return which share of read ``i`` was read of ``plate`` before, 0 to 1.

        Texts of different length are compared from both ends, by the length of the shorter: a character
        too many or too few is forgiven, and a plate half hidden is known by what is seen of it, if that is
        `LEAST_SHARED` characters or more.
        """
        mine, known = int(self._read_lengths[i]), int(self._lengths[plate])
        if mine == 0 or known == 0:
            return 0.0
        least, counts = min(mine, known), self._counts[plate, known - 1]
        shared = self._shared[:least]
        np.multiply(counts[:least], self._ones[i, :least], out=shared)
        found = np.count_nonzero(shared)
        if mine != known:
            np.multiply(counts[known - least : known], self._ones[i, mine - least : mine], out=shared)
            found += np.count_nonzero(shared)
            if found < LEAST_SHARED:
                return 0.0
        return float(min(1.0, found / max(1, min(least, np.count_nonzero(self._is_read[i])))))

    def is_as_read(self, i: int) -> bool:
        """Return whether the frame itself reads plate ``i`` as the vote does, after `fuse`."""
        shared = self._shared.reshape(-1)[:_PLACES].view(np.bool_)[:_PLACES]
        return bool(np.equal(self._codes[i], self._fused_codes[i], out=shared).all())

    def cast(self, i: int, plate: int) -> None:
        """Add read ``i`` to the votes for ``plate``."""
        length = int(self._read_lengths[i])
        if length == 0:
            return
        is_full = not self._is_partial[i]
        if not is_full and not (self._codes[i, :length] == UNREADABLE).any():
            return
        sums, counts = self._sums[plate, length - 1], self._counts[plate, length - 1]
        np.add(sums, self._logs[i], out=sums)
        np.add(counts, self._ones[i], out=counts)
        self._of_places.cast(i, plate)
        self._chances.cast(i, plate, length, is_full=is_full)
        self._reads[plate, length - 1] += 1
        if is_full:
            self._full_reads[plate, length - 1] += 1
            np.add(self._length_sums[plate], self._length_logs[i], out=self._length_sums[plate])

    def fuse(self, plates: NDArray[np.intp]) -> None:
        """Fill ``fused`` for the frame's reads; read ``i`` is of plate ``plates[i]``, or of none at -1."""
        count = len(plates)
        if count == 0:
            return
        lengths, tempers, length_odds = self._fuse_lengths(plates)
        rows = plates * _PLACES + lengths  # of none: clipped to a plate, and zeroed at the end
        best, odds, is_past = self._best[:count], self._odds[:count], self._is_past[:count]
        np.greater(_ROW, lengths[:, None], out=is_past)
        flat = odds.reshape(count, -1)
        np.take(self._sums.reshape(-1, flat.shape[1]), rows, axis=0, out=flat, mode="clip")
        np.argmax(odds, axis=2, out=best)
        np.max(odds, axis=2, keepdims=True, out=self._highest[:count])
        np.subtract(odds, self._highest[:count], out=odds)
        np.multiply(odds, tempers[:, None, None], out=odds)
        self._count_votes(count, rows)
        self._find_margins(count)
        self._find_confidences(count)
        self._chances.fuse(
            plates, lengths, best=best, odds=odds, highest=self._highest[:count], counts=self._counts,
            tempers=tempers, full_reads=self._full_reads[plates, lengths],
            votes=self._least_votes[:count], length_odds=length_odds,
        )  # fmt: skip
        for i in range(count):
            if plates[i] < 0 or self._least_votes[i] == 0:
                self._forget_fused(i)
            else:
                self._fused_lengths[i] = self._lengths[plates[i]] = lengths[i] + 1
                self.strength[plates[i]] = self._least_votes[i]
                if self._full_reads[plates[i]].sum() == self._reads[plates[i]].sum() == 1:
                    self._say_as_read(i)

    def fuse_place(self, i: int, plate: int) -> None:
        """Fill in the jurisdiction of ``fused[i]`` from the votes for ``plate``, after `fuse`.

        Apart from it because only a text that is listed needs it.
        """
        self._of_places.fuse(i, plate, self._fused_codes[i], int(self._fused_lengths[i]))

    def wipe_plate(self, plate: int) -> None:
        """Zero all votes for ``plate``: its track has ended."""
        wipe(*(array[plate : plate + 1] for array in self._of_plates))

    def wipe_frame(self) -> None:
        """Zero the frame's reads and what was fused of them. The plates' sums and votes stay."""
        wipe(*self._of_frame)

    def wipe(self) -> None:
        """Zero everything."""
        wipe(*self._of_frame, *self._of_plates)

    def _fuse_lengths(
        self, plates: NDArray[np.intp]
    ) -> tuple[NDArray[np.intp], NDArray[np.float32], NDArray[np.float32]]:
        """Return each plate's best length less 1, what its sums are tempered by, and its length's odds.

        These are the odds that the length is another, beyond what the floor gives; the fused scores are set.
        """
        count = len(plates)
        full, sums = self._full_reads[plates], self._length_sums[plates]
        sums[full == 0] = _NEVER
        lengths: NDArray[np.intp] = sums.argmax(axis=1)
        highest, reads = sums.max(axis=1, keepdims=True), full.sum(axis=1)
        sums -= highest
        sums *= temper(reads)[:, None]
        np.exp(sums, out=sums)
        np.divide(1, sums.sum(axis=1), out=self._fused_scores[:count])
        floors = np.minimum(reads[:, None] * np.float32(np.log(FLOOR)) - highest, 0)
        floors = np.exp(floors * temper(reads)[:, None])
        odds = np.maximum(sums - floors, 0).sum(axis=1) - np.maximum(1 - floors[:, 0], 0)
        return lengths, temper(self._reads[plates, lengths]), np.maximum(odds, 0)

    def _count_votes(self, count: int, rows: NDArray[np.intp]) -> None:
        cells, votes = self._cells[:count], self._votes[:count]
        np.add(rows[:, None] * (_PLACES * _LETTERS), _ROW * _LETTERS, out=cells)
        np.add(cells, self._best[:count], out=cells)
        np.take(self._counts.reshape(-1), cells, out=votes, mode="clip")
        np.copyto(votes, np.uint16(np.iinfo(np.uint16).max), where=self._is_past[:count])
        np.min(votes, axis=1, out=self._least_votes[:count])

    def _find_margins(self, count: int) -> None:
        rivals, places = self._rivals[:count], self._places[:count]
        np.take(_RIVALS, self._best[:count], axis=0, out=rivals, mode="clip")
        np.add(rivals, self._odds[:count], out=rivals)
        np.max(rivals, axis=2, out=places)
        np.copyto(places, _NEVER, where=self._is_past[:count])
        np.max(places, axis=1, out=self._margins[:count])
        np.negative(self._margins[:count], out=self._margins[:count])

    def _find_confidences(self, count: int) -> None:
        odds, confidences, is_past = self._odds[:count], self._confidences[:count], self._is_past[:count]
        np.exp(odds, out=odds)
        np.add.reduce(odds, axis=2, out=confidences)
        np.reciprocal(confidences, out=confidences)  # the best character's probability
        np.copyto(confidences, np.float32(1), where=is_past)
        np.multiply.reduce(confidences, axis=1, out=self._places[:count, 0])
        np.multiply(self._fused_scores[:count], self._places[:count, 0], out=self._fused_scores[:count])
        np.copyto(confidences, np.float32(0), where=is_past)
        np.copyto(self._fused_codes[:count], self._best[:count], casting="unsafe")
        np.add(self._fused_codes[:count], np.uint8(1), out=self._fused_codes[:count])
        np.copyto(self._fused_codes[:count], np.uint8(0), where=is_past)

    def _say_as_read(self, i: int) -> None:
        """Where one frame is all there is, tell its own confidences, not what `FLOOR` leaves of them."""
        if not self._is_partial[i] and self.is_as_read(i):
            self._fused_scores[i] = self._scores[i]
            np.copyto(self._confidences[i], self._read_confidences[i])

    def _fused_read(self, i: int) -> FusedRead:
        here = slice(i, i + 1)
        return FusedRead(
            codes=self._fused_codes[i],
            confidences=self._confidences[i],
            score=self._fused_scores[here],
            length=self._fused_lengths[here],
            votes=self._least_votes[here],
            margin=self._margins[here],
            chance=self._chances.chances[here],
            is_disputed=self._chances.is_disputed[here],
            odds=self._odds[i],
            others=self._chances.others[i],
            backings=self._chances.backings[i],
            place=self._of_places.fused[here],
            place_confidence=self._of_places.confidences[here],
        )

    def _forget_fused(self, i: int) -> None:
        fused = self.fused[i]
        wipe(
            fused.codes, fused.confidences, fused.score, fused.length, fused.votes, fused.margin,
            fused.chance, fused.is_disputed, fused.odds, fused.others, fused.backings,
            fused.place, fused.place_confidence,
        )  # fmt: skip

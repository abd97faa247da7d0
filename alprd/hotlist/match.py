"""Matches a fused read, and the texts that a camera takes for it, with the hotlist, without making it text.

A read comes as codes in locked memory. It and its lookalikes (`plates.variants`) are compared as keyed
tags in locked memory, in one go. No Python string, bytes or integer of a read that is no hit exists at any
moment; what comes out is "no", or a `Match`. The text of a match is the listed plate's.

How likely it is that the listed plate is the one that was seen: its odds among all texts that the frames
could be of, each weighed with whether a serial like it exists. See `docs/matching.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.hotlist.body import FLAG_CANARY
from alprd.hotlist.plate_types import PLATE_TYPES
from alprd.memory import locked_array, wipe
from alprd.plates.alphabet import CHARACTERS, MAX_CHARACTERS
from alprd.plates.grammar import fits, places_of, types_of
from alprd.plates.jurisdictions import JURISDICTIONS, jurisdiction_name
from alprd.plates.normal import pack
from alprd.plates.places import NOT_KNOWN
from alprd.plates.variants import KEYS, PAIRS, Variants
from alprd.records import Doubt, Entry

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alprd.hotlist.body import Facts
    from alprd.hotlist.index import HotlistIndex
    from alprd.plates.vote import AlertRule, FusedRead

UNUSUAL: Final = 0.1
"""How common a text is that is no serial of the plate's place, against one that is."""

_PLACES: Final = len(JURISDICTIONS)
# Arrays: a number would cost more than the step that it is for.
_FIRST_ROW: Final[NDArray[np.int64]] = np.array(0)
_NO_ODDS: Final[NDArray[np.float32]] = np.array(0, np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An entry that a read is likely of. ``plate`` is the listed text; what was read never becomes text.

    ``differs_at`` are the places, from 0, where the frames hold a lookalike of its character.
    ``entry_number`` is the entry's row; ``chance`` is how likely the plate is the listed one, 0 to 1.
    A match of a canary is a self-test and no hit.
    """

    entry_number: int
    plate: str
    differs_at: tuple[int, ...]
    chance: float
    doubts: Doubt
    is_canary: bool = False


class Matcher:
    """Finds reads in one opened list, at one time of day.

    ``now_s`` is Unix seconds and decides which entries have expired; `set_time` moves it on. The
    scratch memory is locked and is zeroed before `finds` and `match` return.
    """

    def __init__(self, index: HotlistIndex, *, now_s: int) -> None:
        index.prepared()
        self._index = index
        self._now_s = now_s
        self._muted: frozenset[int] = frozenset()
        self._variants = Variants()
        # One locked block for all of it, so that one call wipes it.
        sizes = (8 * KEYS, 8 * KEYS, 8 * KEYS, KEYS, KEYS, 1, _PLACES, MAX_CHARACTERS)
        self._block: NDArray[np.uint8] = locked_array(sum(sizes), np.uint8)
        found, rows, weights, *flags, self._codes = np.split(self._block, np.cumsum(sizes)[:-1])
        self._found: NDArray[np.int64] = found.view(np.int64)
        self._rows: NDArray[np.int64] = rows.view(np.int64)
        self._weights: NDArray[np.float32] = weights.view(np.float32).reshape(2, KEYS)
        self._chances: NDArray[np.float32] = self._weights[1]
        self._is_listed, self._is_likely, self._flag, self._fits = (part.view(np.bool_) for part in flags)

    @property
    def index(self) -> HotlistIndex:
        """The list that is searched."""
        return self._index

    def set_time(self, now_s: int) -> None:
        """Let entries expire as of ``now_s`` (Unix seconds)."""
        self._now_s = now_s

    def mute(self, priorities: frozenset[int]) -> None:
        """Match no entry of these priority classes from now on; none to match all again."""
        self._muted = priorities

    def finds(self, read: FusedRead, rule: AlertRule) -> bool:
        """Return whether ``read``, or a lookalike that its frames could have read, is listed for any place.

        A read that is no plate text (empty, code 0 or above 36 among its characters) is not listed. The
        caller keeps and wipes ``read``.
        """
        try:
            found = self._look_up(read, rule, with_all=False)
            return found is not None and self._is_any_likely(found)
        finally:
            self.wipe()

    def match(self, read: FusedRead, rule: AlertRule, place: int = NOT_KNOWN) -> Match | None:
        """Return the entry that ``read`` is likely of, None where none is likely enough for ``rule``.

        ``place`` is the number of the plate's jurisdiction: an entry of another one does not match. Where it
        is not known, or the entry's is not, the text alone decides. Of several entries for the plate the
        one of highest priority is returned, the first of these. An expired entry never matches, and after the
        list's own expiry none does. A match in doubt waits until the read has the votes that ``rule`` asks
        of one.
        """
        try:
            self._found.fill(-1)
            if self._look_up(read, rule, with_all=True) is None or not self._put_in_order():
                return None
            self._weigh(read, place)
            self._flag[0] = self._chances.max() >= rule.min_chance
            return self._matched(read, rule, place) if self._flag[0] else None
        finally:
            self.wipe()

    def is_valid(self, row: int) -> bool:
        """Return whether row ``row`` may match now: neither it nor the list has expired, nor is it muted."""
        facts = self._index.facts(row)
        expires = facts.expires
        if facts.priority in self._muted:
            return False
        return self._now_s < self._index.header.expires and (expires == 0 or self._now_s < expires)

    def lists(self, entry: Entry) -> bool:
        """Return whether the list has ``entry`` in force: a hit's plate, jurisdiction and category."""
        keys, rows = self._variants.keys[:1], self._rows[:1]
        try:
            keys[0] = pack(entry.plate)
            self._index.find(keys, rows)
            first = int(rows[0])
        finally:
            self.wipe()
        if first < 0:
            return False
        for row in self._index.rows_of(first):
            facts = self._index.facts(row)
            is_it = (jurisdiction_name(facts.jurisdiction), facts.category) == (
                entry.jurisdiction,
                entry.category,
            )
            if is_it and self.is_valid(row):
                return True
        return False

    def entry(self, match: Match) -> Entry:
        """Return the entry of a match."""
        facts = self._index.facts(match.entry_number)
        return Entry(
            plate=match.plate,
            jurisdiction=jurisdiction_name(facts.jurisdiction),
            category=facts.category,
            priority=facts.priority,
            expires=facts.expires,
        )

    def wipe(self) -> None:
        """Zero the scratch memory. The list stays: see `HotlistIndex.wipe`."""
        self._variants.wipe()
        wipe(self._block)

    def _look_up(self, read: FusedRead, rule: AlertRule, *, with_all: bool) -> slice | None:
        """Find the rows of ``read`` and its lookalikes; return of which keys, None where none is listed.

        ``with_all`` looks those up, too, that cannot be one: what is listed beside a match makes it doubtful.
        """
        if len(self._index) == 0 or self._now_s >= self._index.header.expires:
            return None
        asked = self._variants.of(read, rule.votes, with_all=with_all)
        return asked if self._index.find(self._variants.keys[asked], self._found[asked]) else None

    def _is_any_likely(self, asked: slice) -> bool:
        """Return whether a text that was found can be a match: only a pair that was asked for may be none."""
        np.greater_equal(self._found[asked], _FIRST_ROW, out=self._is_listed[asked])
        if np.count_nonzero(self._is_listed[PAIRS:]):
            return True
        np.not_equal(self._variants.weigh_pairs(), _NO_ODDS, out=self._is_likely[:PAIRS])
        np.logical_and(self._is_listed, self._is_likely, out=self._is_likely)
        return np.count_nonzero(self._is_likely) > 0

    def _put_in_order(self) -> bool:
        """Order what was found by the texts' numbers; return whether one of them can be a match."""
        self._variants.weigh_pairs()
        self._variants.in_order(self._found, self._rows)
        np.greater_equal(self._rows, _FIRST_ROW, out=self._is_listed)
        np.not_equal(self._variants.odds, _NO_ODDS, out=self._is_likely)
        np.logical_and(self._is_listed, self._is_likely, out=self._is_likely)
        return np.count_nonzero(self._is_likely) > 0

    def _weigh(self, read: FusedRead, place: int) -> None:
        """Fill in how likely each listed text is the plate's: 0 for those that are not listed."""
        odds, weights, length = self._variants.odds, self._weights[0], int(read.length[0])
        np.copyto(weights, odds)
        elsewhere = 1 / float(read.chance[0]) - float(odds.sum())  # odds of what is none of these texts
        for number in np.flatnonzero(self._variants.odds):
            self._variants.codes_of(int(number), read.codes, self._codes)
            if not self._is_serial(length, place):
                weights[number] *= UNUSUAL
        # What else it could be is as usual as the read itself, for all that is known.
        np.divide(weights, weights.sum() + max(0.0, elsewhere) * weights[0], out=self._chances)
        np.copyto(self._chances, np.float32(0), where=~self._is_listed)

    def _is_serial(self, length: int, place: int) -> bool:
        """Return whether the text in the scratch is a serial of ``place``, of any where that is not known."""
        if place != NOT_KNOWN:
            return fits(self._codes, length, place)
        places_of(self._codes, length, self._fits)
        return bool(self._fits.any())

    def _matched(self, read: FusedRead, rule: AlertRule, place: int) -> Match | None:
        """Return the likeliest entry with what speaks against it, None where it is of another place."""
        number = int(self._chances.argmax())
        row = self._most_urgent(int(self._rows[number]), place)
        if row is None:
            return None
        facts, chance, length = self._index.facts(row), float(self._chances[number]), int(read.length[0])
        is_canary = bool(facts.flags & FLAG_CANARY)
        if is_canary and number:
            return None  # nobody has a plate that is nearly one
        self._variants.codes_of(number, read.codes, self._codes)
        doubts = Doubt.NONE if is_canary else self._contradictions(facts, place, length)
        if not is_canary and (
            number
            or chance < rule.stop_chance
            or not read.is_certain(rule)
            or self._variants.nearest(read, self._is_listed) > rule.odds**-2
        ):
            doubts |= Doubt.LOOKALIKE
            if read.votes[0] < rule.votes_in_doubt:
                return None
        return Match(
            entry_number=row,
            plate="".join(CHARACTERS[int(code) - 1] for code in self._codes[:length]),
            differs_at=tuple(np.flatnonzero(self._codes[:length] != read.codes[:length]).tolist()),
            chance=chance,
            doubts=doubts,
            is_canary=is_canary,
        )

    def _contradictions(self, facts: Facts, place: int, length: int) -> Doubt:
        """Return what the plate's place, the serial in the scratch and the category say against a stop."""
        doubts = Doubt.NONE
        if place == NOT_KNOWN or facts.jurisdiction == 0:
            doubts |= Doubt.PLACE_UNKNOWN
        if not self._index.categories.facts(facts.category).can_stop:
            doubts |= Doubt.CATEGORY
        types = types_of(self._codes, length, facts.jurisdiction)
        if facts.plate_type and types and PLATE_TYPES[facts.plate_type] not in types:
            doubts |= Doubt.TYPE_DIFFERS
        return doubts

    def _most_urgent(self, first: int, place: int) -> int | None:
        """Return the valid row of highest priority among those of the plate at row ``first``."""
        best: int | None = None
        highest = 0
        for row in self._index.rows_of(first):
            facts = self._index.facts(row)
            is_its = place in {NOT_KNOWN, facts.jurisdiction} or facts.jurisdiction == 0
            if facts.priority > highest and is_its and self.is_valid(row):
                best, highest = row, facts.priority
        return best

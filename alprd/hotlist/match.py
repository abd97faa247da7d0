"""Exact match of a plate read, text and jurisdiction, with the hotlist, without making the read into text.

A read comes as codes in locked memory and is compared as a keyed tag in locked memory. No Python
string, bytes or integer of it exists at any moment; what comes out is "no", or the number of the
entry that it equals. The text of a hit is that of the read: the list holds none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.memory import locked_array, wipe
from alprd.plates.alphabet import CHARACTERS, CODES, MAX_CHARACTERS
from alprd.plates.jurisdictions import jurisdiction_name
from alprd.plates.normal import WEIGHTS
from alprd.plates.places import NOT_KNOWN
from alprd.records import Entry

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alprd.hotlist.index import HotlistIndex

_LAST_CODE: Final = np.uint8(CODES - 1)
_NO_CODE: Final = np.uint8(0)
_SCRATCH_BYTES: Final = 107


class Matcher:
    """Finds reads in one opened list, at one time of day.

    ``now_s`` is Unix seconds and decides which entries have expired; `set_time` moves it on. The
    scratch memory is locked and is zeroed before `match` returns.
    """

    def __init__(self, index: HotlistIndex, *, now_s: int) -> None:
        self._index = index
        self._now_s = now_s
        # One locked block for all scratch, so that one call wipes it.
        self._scratch = locked_array(_SCRATCH_BYTES, np.uint8)
        self._key = self._scratch[:8].view(np.uint64)
        self._row = self._scratch[8:16].view(np.int64)
        self._digits = self._scratch[16:96].view(np.uint64)
        self._invalid = self._scratch[96:106].view(np.bool_)
        self._flag = self._scratch[106:107].view(np.bool_)

    @property
    def index(self) -> HotlistIndex:
        """The list that is searched."""
        return self._index

    def set_time(self, now_s: int) -> None:
        """Let entries expire as of ``now_s`` (Unix seconds)."""
        self._now_s = now_s

    def match(self, codes: NDArray[np.uint8], length: int, place: int = NOT_KNOWN) -> int | None:
        """Return the number of the entry that equals the read, None when there is none.

        ``place`` is the number of the plate's jurisdiction: an entry of another one does not match. Where it
        is not known, or the entry's is not, the text alone decides.

        ``codes`` is uint8, shape (10,), of which the first ``length`` count. Of several entries for the
        plate the one of highest priority is returned, the first of these. An expired entry never
        matches, and after the list's own expiry none does. A read that is no plate text (empty, code 0
        or above 36 among the first ``length``) matches nothing. The caller keeps and wipes ``codes``.
        """
        if codes.dtype != np.uint8 or codes.shape != (MAX_CHARACTERS,) or not 0 <= length <= MAX_CHARACTERS:
            raise ValueError("a read is uint8 of shape (10,), of which 0 to 10 codes count")
        if length == 0 or len(self._index) == 0 or self._now_s >= self._index.header.expires:
            return None
        try:
            if not self._pack(codes, length):
                return None
            return self._search(place)
        finally:
            self.wipe()

    def is_valid(self, row: int) -> bool:
        """Return whether row ``row`` may match now: neither it nor the list has expired."""
        expires = self._index.facts(row).expires
        return self._now_s < self._index.header.expires and (expires == 0 or self._now_s < expires)

    def entry(self, row: int, codes: NDArray[np.uint8], length: int) -> Entry:
        """Return entry ``row`` with the read that matched it as its text. For a hit only."""
        facts = self._index.facts(row)
        return Entry(
            plate="".join(CHARACTERS[int(code) - 1] for code in codes[:length]),
            jurisdiction=jurisdiction_name(facts.jurisdiction),
            category=facts.category,
            priority=facts.priority,
            expires=facts.expires,
        )

    def wipe(self) -> None:
        """Zero the scratch memory. The list stays: see `HotlistIndex.wipe`."""
        wipe(self._scratch)

    def _pack(self, codes: NDArray[np.uint8], length: int) -> bool:
        # Code 0 is a gap, and one above 36 would carry into its neighbour: either could alias another plate.
        np.greater(codes, _LAST_CODE, out=self._invalid)
        np.logical_or.reduce(self._invalid[:length], keepdims=True, out=self._flag)
        if self._flag[0]:
            return False
        np.equal(codes, _NO_CODE, out=self._invalid)
        np.logical_or.reduce(self._invalid[:length], keepdims=True, out=self._flag)
        if self._flag[0]:
            return False
        # copyto casts straight into the scratch; a ufunc on mixed types would cast through heap memory.
        np.copyto(self._digits[:length], codes[:length])
        np.multiply(self._digits, WEIGHTS, out=self._digits)
        np.add.reduce(self._digits, keepdims=True, out=self._key)
        return True

    def _search(self, place: int) -> int | None:
        self._index.find(self._key, self._row)
        np.greater_equal(self._row, 0, out=self._flag)
        return self._most_urgent(int(self._row[0]), place) if self._flag[0] else None

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

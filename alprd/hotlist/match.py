"""Exact match of a plate read, text and jurisdiction, with the hotlist, without making the read into text.

A read comes as codes in locked memory and is compared as a packed key in locked memory. No Python
string, bytes or integer of it exists at any moment; what comes out is "no", or the number of the
entry that it equals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.memory import locked_array, wipe
from alprd.plates.alphabet import CODES, MAX_CHARACTERS
from alprd.plates.normal import WEIGHTS
from alprd.plates.places import NOT_KNOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alprd.hotlist.index import HotlistIndex
    from alprd.records import Entry

_LAST_CODE: Final = np.uint8(CODES - 1)
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
        self._found = self._scratch[8:16].view(np.uint64)
        self._digits = self._scratch[16:96].view(np.uint64)
        self._invalid = self._scratch[96:106].view(np.bool_)
        self._equal = self._scratch[106:107].view(np.bool_)

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

    def entry(self, number: int) -> Entry:
        """Return entry ``number`` as text, which comes from the list. For a hit only."""
        return self._index.entry(number)

    def wipe(self) -> None:
        """Zero the scratch memory. The list stays: see `HotlistIndex.wipe`."""
        wipe(self._scratch)

    def _pack(self, codes: NDArray[np.uint8], length: int) -> bool:
        # A code above 36 would carry into its neighbour and alias another plate.
        np.greater(codes, _LAST_CODE, out=self._invalid)
        np.logical_or.reduce(self._invalid[:length], keepdims=True, out=self._equal)
        if self._equal[0]:
            return False
        # copyto casts straight into the scratch; a ufunc on mixed types would cast through heap memory.
        np.copyto(self._digits[:length], codes[:length])
        np.multiply(self._digits, WEIGHTS, out=self._digits)
        np.add.reduce(self._digits, keepdims=True, out=self._key)
        return True

    def _search(self, place: int) -> int | None:
        plates = self._index.columns.plate
        row = plates.searchsorted(self._key)
        try:
            plates.take(row, mode="clip", out=self._found)
            np.equal(self._found, self._key, out=self._equal)
            return self._most_urgent(int(row[0]), place) if self._equal[0] else None
        finally:
            wipe(row)  # where a read would stand in the list tells much of it

    def _most_urgent(self, first: int, place: int) -> int | None:
        """Return the valid row of highest priority among those of the plate at row ``first``."""
        columns = self._index.columns
        best: int | None = None
        number = first
        while number < len(columns) and columns.plate[number] == columns.plate[first]:
            expires, listed = int(columns.expires[number]), int(columns.jurisdiction[number])
            is_valid = expires == 0 or self._now_s < expires
            is_its = place in {NOT_KNOWN, listed} or listed == 0
            if is_valid and is_its and (best is None or columns.priority[number] > columns.priority[best]):
                best = number
            number += 1
        return best

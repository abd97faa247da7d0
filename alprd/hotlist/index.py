"""The opened hotlist: tags and facts in locked memory, searched without a Python value of a read.

A read comes as a packed plate in locked memory and is hashed, looked up and forgotten there; what
comes out is the number of a row, or -1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

import numpy as np

from alprd.errors import HotlistTrustError
from alprd.hotlist.body import PLACE_BYTES, Facts, bucket_groups
from alprd.hotlist.details import LENGTHS, Kind, Owner, Person, Vehicle, open_record, place_of_record
from alprd.hotlist.sodium import SipHash
from alprd.hotlist.tags import RESIDUAL_BITS
from alprd.memory import locked_array, wipe

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from alprd.hotlist.blob import HotlistHeader
    from alprd.hotlist.body import Body

AT_ONCE: Final = 64
"""Keys that are looked up together."""
_TAG_BITS: Final = 64
_Record = TypeVar("_Record", Vehicle, Person)


class DetailSource(Protocol):
    """The file that the details stand in."""

    def read_at(self, offset: int, out: NDArray[np.uint8]) -> None:
        """Fill ``out`` from ``offset`` on."""

    def close(self) -> None:
        """Read no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailFile:
    """Where in ``source`` the sealed details begin and end."""

    source: DetailSource
    start: int
    end: int


class HotlistIndex:
    """An opened list. ``body`` is views of locked memory; ``details`` is None when nobody asks for them.

    ``delta`` is the delta that was applied, whose details have pointers to rows of this list: see
    `hotlist.delta`.
    """

    def __init__(
        self,
        header: HotlistHeader,
        body: Body,
        details: DetailFile | None,
        delta: HotlistIndex | None = None,
    ) -> None:
        self.header = header
        self.body = body
        self._details = details
        self._delta = delta
        below, above = _reach(body)
        self._scratch = _Scratch(body.tag_key, header.shape.bucket_bits, below, above)

    def __len__(self) -> int:
        return len(self.body.numbers)

    def find(self, keys: NDArray[np.uint64], out: NDArray[np.int64]) -> None:
        """Write into ``out`` the number of each key's first row, -1 where the list has none.

        ``keys`` are packed plates, uint64 (n,), ``out`` int64 (n,), both in locked memory and the caller's.
        No Python value is made of a key, its tag or its place; the scratch is zeroed before this returns.
        """
        if keys.shape != out.shape or keys.dtype != np.uint64 or out.dtype != np.int64:
            raise ValueError("as many uint64 keys go in as int64 rows come out")
        if len(self) == 0:
            out.fill(-1)
            return
        try:
            for start in range(0, len(keys), AT_ONCE):
                stop = min(start + AT_ONCE, len(keys))
                self._scratch.find(keys[start:stop], out[start:stop], self.body)
        finally:
            self._scratch.wipe()

    def rows_of(self, row: int) -> range:
        """Return the rows from ``row`` on that have its tag: all of its plate, when it is the first."""
        directory, residuals = self.body.directory, self.body.residuals
        end = int(directory[int(directory.searchsorted(row, side="right"))])
        stop = row + 1
        while stop < end and residuals[stop] == residuals[row]:
            stop += 1
        return range(row, stop)

    def facts(self, row: int) -> Facts:
        """Return what row ``row`` says beside its plate."""
        return Facts.of(self.body.facts, int(self.body.numbers[row]))

    def vehicle(self, row: int, plate: str) -> Vehicle | None:
        """Open what is known of the vehicle of a hit; None when nothing is.

        ``plate`` is the hit's text in normal form. Raises `HotlistTrustError` when the record on disk is
        not the one that was sealed for this plate, `StorageError` when it cannot be read.
        """
        plain = self._open(row, plate, "vehicle")
        return None if plain is None else _parsed(Vehicle.parse, plain)

    def person(self, row: int, plate: str) -> Person | None:
        """Open the registered owner of a hit that the officer has CONFIRMED, and of no other.

        The errors are those of `vehicle`.
        """
        plain = self._open(row, plate, "person")
        return None if plain is None else _parsed(Person.parse, plain)

    def wipe(self) -> None:
        """Zero the whole list and close its file. The index matches nothing afterwards."""
        wipe(self.body.data)
        self._scratch.wipe()
        if self._delta is not None:
            self._delta.wipe()
        if self._details is not None:
            self._details.source.close()
            self._details = None

    def _open(self, row: int, plate: str, kind: Kind) -> bytes | None:
        owner = Owner.of(plate, self.facts(row).jurisdiction, self.facts(row).category)
        if self._delta is not None and self._delta.has_details(row):
            return self._delta.open_detail(row, owner, kind)
        return self.open_detail(row, owner, kind)

    @property
    def details(self) -> DetailFile | None:
        """The file that this list's own details stand in."""
        return self._details

    def has_details(self, row: int) -> bool:
        """Return whether a pointer of this list, and not of its delta, is to ``row``."""
        rows = self.body.pointers[:, 0]
        number = int(rows.searchsorted(row))
        return number < len(rows) and bool(rows[number] == row)

    def open_detail(self, row: int, owner: Owner, kind: Kind) -> bytes | None:
        """Return the plain ``kind`` of record that this list's own file has for ``row``, None for none."""
        details = self._details
        if details is None or not self.has_details(row):
            return None
        number = int(self.body.pointers[:, 0].searchsorted(row))
        place = int(self.body.pointers[number, 1])
        start = details.start + PLACE_BYTES * place
        lengths = np.empty(LENGTHS.size, dtype=np.uint8)
        details.source.read_at(start, lengths)
        offset, size = place_of_record(lengths.tobytes(), kind, details.end - start)
        if size == 0:
            return None
        room = locked_array(size, np.uint8)
        try:
            details.source.read_at(start + offset, room)
            return open_record(room, owner, self.body.details_key.data, kind, place)
        finally:
            wipe(room)


class _Scratch:
    """Locked memory of one lookup, and the lookup: every step writes into an array of its own.

    Tags are spread evenly, so a residual tells about where in its bucket a row stands. ``below`` and
    ``above`` say how far off that guess is in this list at most; that window is searched whole.
    """

    def __init__(self, tag_key: NDArray[np.uint8], bucket_bits: int, below: int, above: int) -> None:
        width = below + above + 1
        self._buckets = np.uint64(_TAG_BITS - bucket_bits)
        self._bits = np.uint64(bucket_bits)
        self._words: NDArray[np.uint64] = locked_array((2, AT_ONCE), np.uint64)
        self._places: NDArray[np.int64] = locked_array((5, AT_ONCE), np.int64)
        self._flags: NDArray[np.bool_] = locked_array((2, AT_ONCE), np.bool_)
        self._window: NDArray[np.int64] = locked_array((AT_ONCE, width), np.int64)
        self._seen: NDArray[np.uint32] = locked_array((AT_ONCE, width), np.uint32)
        self._equal: NDArray[np.bool_] = locked_array((AT_ONCE, width), np.bool_)
        self._wanted: NDArray[np.uint32] = locked_array(AT_ONCE, np.uint32)
        self._steps: NDArray[np.int64] = np.arange(-below, above + 1, dtype=np.int64)
        self._rows_before: NDArray[np.int64] = np.arange(0, AT_ONCE * width, width, dtype=np.int64)
        self._hash = SipHash(tag_key, self._words[0], self._words[1])

    def find(self, keys: NDArray[np.uint64], out: NDArray[np.int64], body: Body) -> None:
        """Look ``keys``, at most `AT_ONCE`, up in ``body``, which has rows."""
        count = len(keys)
        tags, wanted = self._words[1, :count], self._wanted[:count]
        first, end, residual, guess, best = self._places[:, :count]
        window, equal, seen = self._window[:count], self._equal[:count], self._seen[:count]
        found, inside = self._flags[:, :count]
        np.copyto(self._words[0, :count], keys)
        self._hash.run(count)
        # Bucket and residual. mode="clip" writes straight into `out=`; the default would go through the heap.
        buckets = guess.view(np.uint64)
        np.right_shift(tags, self._buckets, out=buckets)
        body.directory.take(guess, mode="clip", out=wanted)
        np.copyto(first, wanted)
        np.add(guess, 1, out=guess)
        body.directory.take(guess, mode="clip", out=wanted)
        np.copyto(end, wanted)
        np.left_shift(tags, self._bits, out=residual.view(np.uint64))
        np.right_shift(residual.view(np.uint64), np.uint64(RESIDUAL_BITS), out=residual.view(np.uint64))
        np.copyto(wanted, residual, casting="unsafe")
        # The window about the guess, kept within the bucket.
        np.subtract(end, first, out=guess)
        np.multiply(guess, residual, out=guess)
        np.right_shift(guess, np.int64(RESIDUAL_BITS), out=guess)
        np.add(guess, first, out=guess)
        np.add(guess[:, None], self._steps, out=window)
        np.maximum(window, first[:, None], out=window)
        np.subtract(end, 1, out=best)
        np.minimum(window, best[:, None], out=window)
        body.residuals.take(window, mode="clip", out=seen)
        np.equal(seen, wanted[:, None], out=equal)
        np.less(first, end, out=inside)
        # The first equal row of each window, if there is one.
        equal.argmax(axis=1, out=best)
        np.add(best, self._rows_before[:count], out=best)
        equal.reshape(-1).take(best, mode="clip", out=found)
        np.logical_and(found, inside, out=found)
        window.reshape(-1).take(best, mode="clip", out=out)
        np.logical_not(found, out=found)
        np.copyto(out, -1, where=found)

    def wipe(self) -> None:
        """Zero what a read could be told from."""
        wipe(self._words, self._places, self._flags, self._window, self._seen, self._equal, self._wanted)


def _reach(body: Body) -> tuple[int, int]:
    """Return how many rows before and after the guessed place a row of ``body`` can stand."""
    below = above = 0
    for start, stop, firsts, ends in bucket_groups(body.directory):
        residuals = body.residuals[start:stop].astype(np.int64)
        guess = firsts + (((ends - firsts) * residuals) >> RESIDUAL_BITS)
        off = np.arange(start, stop, dtype=np.int64) - guess
        below = max(below, -int(off.min(initial=0)))
        above = max(above, int(off.max(initial=0)))
    return below, above


def _parsed(parse: Callable[[bytes], _Record], plain: bytes) -> _Record:
    try:
        return parse(plain)
    except ValueError as error:
        raise HotlistTrustError(f"a detail of the hotlist is not well formed: {error}") from None

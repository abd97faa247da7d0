"""The opened hotlist: tags and facts in locked memory, searched without a Python value of a read.

A read comes as a packed plate in locked memory and is hashed, looked up and forgotten there; what
comes out is the number of a row, or -1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

import numpy as np

from alprd.errors import HotlistTrustError
from alprd.hotlist.body import PLACE_BYTES, Facts
from alprd.hotlist.categories import CLOSED_SET
from alprd.hotlist.details import LENGTHS, Kind, Owner, Person, Vehicle, open_record, place_of_record
from alprd.hotlist.lookup import AT_ONCE, Lookup
from alprd.memory import locked_array, wipe

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from alprd.hotlist.blob import HotlistHeader
    from alprd.hotlist.body import Body
    from alprd.hotlist.categories import CategoryTable

_KEY: Final = np.dtype(np.uint64)
_ROW: Final = np.dtype(np.int64)
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
    `hotlist.delta`. ``categories`` tell what the numbers of its rows mean.
    """

    def __init__(
        self,
        header: HotlistHeader,
        body: Body,
        details: DetailFile | None,
        delta: HotlistIndex | None = None,
        *,
        categories: CategoryTable = CLOSED_SET,
    ) -> None:
        self.categories = categories
        self.header = header
        self.body = body
        self._details = details
        self._delta = delta
        self._lookup: Lookup | None = None

    def __len__(self) -> int:
        return len(self.body.numbers)

    def find(self, keys: NDArray[np.uint64], out: NDArray[np.int64]) -> int:
        """Write into ``out`` the number of each key's first row, -1 where the list has none; count the rows.

        ``keys`` are packed plates, uint64 (n,), ``out`` int64 (n,), both in locked memory and the caller's.
        No Python value is made of a key, its tag or its place; the scratch is zeroed before this returns.
        """
        if keys.shape != out.shape or keys.dtype != _KEY or out.dtype != _ROW:
            raise ValueError("as many uint64 keys go in as int64 rows come out")
        if len(self) == 0:
            out.fill(-1)
            return 0
        lookup, found = self.prepared(), 0
        try:
            for start in range(0, len(keys), AT_ONCE):
                stop = start + AT_ONCE
                found += lookup.find(keys[start:stop], out[start:stop])
            return found
        finally:
            lookup.wipe()

    def prepared(self) -> Lookup:
        """Return what `find` searches with, made on the first call.

        A list that is only merged with another one needs none.
        """
        if self._lookup is None:
            self._lookup = Lookup(self.body, self.header.shape.bucket_bits)
        return self._lookup

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
        if self._lookup is not None:
            self._lookup.close()
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


def _parsed(parse: Callable[[bytes], _Record], plain: bytes) -> _Record:
    try:
        return parse(plain)
    except ValueError as error:
        raise HotlistTrustError(f"a detail of the hotlist is not well formed: {error}") from None

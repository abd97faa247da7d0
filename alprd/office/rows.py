"""Rows of a list on arrays, with the details that some of them have: sorted, unique, compared. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

INTERNAL: Final = 1
"""Flag: entered by the service itself, for its own units."""
DOUBTFUL: Final = 2
"""Flag: the plate is in no serial format of its issuer. The office's own; it leaves no list."""
CANARY: Final = 4
"""Flag: no vehicle has the plate."""

_SEPARATOR: Final = "\x1f"
_T = TypeVar("_T", bound=np.generic)


class Details(NamedTuple):
    """What is known of one row besides its plate; empty where it is not known.

    ``owner`` and ``corrective_lens`` (None: the source does not say) are of a suspended driver who is the
    registered owner.
    """

    make: str = ""
    model: str = ""
    year: str = ""
    colour: str = ""
    vehicle_class: str = ""
    descriptors: str = ""
    owner: str = ""
    corrective_lens: bool | None = None

    def packed(self) -> bytes:
        """Return the details as one text in UTF-8. No field has non-printable characters."""
        lens = "" if self.corrective_lens is None else str(int(self.corrective_lens))
        return _SEPARATOR.join((*self[:-1], lens)).encode()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known."""
        return self == _NOTHING


_NOTHING: Final = Details()
_LENS: Final = {"": None, "0": False, "1": True}


def unpack_details(packed: bytes | bytearray | memoryview) -> Details:
    """Return what `Details.packed` packed. Raises `ValueError`."""
    fields = bytes(packed).decode().split(_SEPARATOR)
    if len(fields) != len(Details._fields) or fields[-1] not in _LENS:
        raise ValueError(f"details have {len(Details._fields)} fields")
    make, model, year, colour, vehicle_class, descriptors, owner, lens = fields
    return Details(make, model, year, colour, vehicle_class, descriptors, owner, _LENS[lens])


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailTexts:
    """The details of some rows: uint32 ``rows`` (d,) sorted, uint64 ``ends`` (d,) in ``text``."""

    rows: NDArray[np.uint32]
    ends: NDArray[np.uint64]
    text: bytearray | memoryview

    def of(self, row: int) -> Details | None:
        """Return the details of ``row``, None when it has none."""
        place = int(np.searchsorted(self.rows, np.uint32(row)))
        if place == len(self.rows) or int(self.rows[place]) != row:
            return None
        start = int(self.ends[place - 1]) if place else 0
        return unpack_details(self.text[start : int(self.ends[place])])

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Arrays of one length n: ``plate`` packed uint64, ``expires`` uint32 Unix seconds, the others uint8."""

    plate: NDArray[np.uint64]
    expires: NDArray[np.uint32]
    jurisdiction: NDArray[np.uint8]
    plate_type: NDArray[np.uint8]
    category: NDArray[np.uint8]
    flags: NDArray[np.uint8]
    details: DetailTexts

    def __len__(self) -> int:
        return len(self.plate)

    def facts(self) -> NDArray[np.uint32]:
        """Return what makes a plate's rows different: issuer, plate type and category, uint32 (n,)."""
        facts: NDArray[np.uint32] = self.jurisdiction.astype(np.uint32)
        for column in (self.plate_type, self.category):
            facts <<= np.uint32(8)
            facts |= column
        return facts

    def take(self, kept: NDArray[np.intp]) -> Rows:
        """Return the rows ``kept``, in that order, each once at most, with their details."""
        return Rows(
            plate=self.plate[kept],
            expires=self.expires[kept],
            jurisdiction=self.jurisdiction[kept],
            plate_type=self.plate_type[kept],
            category=self.category[kept],
            flags=self.flags[kept],
            details=_take_details(self.details, kept, len(self)),
        )


def no_rows() -> Rows:
    """Return no rows."""
    return join([])


def join(parts: Sequence[Rows]) -> Rows:
    """Return the rows of all ``parts``, one after the other."""
    starts = np.cumsum([0, *(len(part) for part in parts)])
    sizes = np.cumsum([0, *(len(part.details.text) for part in parts)])
    text = bytearray()
    for part in parts:
        text += part.details.text
    return Rows(
        plate=_concatenate((part.plate for part in parts), np.uint64),
        expires=_concatenate((part.expires for part in parts), np.uint32),
        jurisdiction=_concatenate((part.jurisdiction for part in parts), np.uint8),
        plate_type=_concatenate((part.plate_type for part in parts), np.uint8),
        category=_concatenate((part.category for part in parts), np.uint8),
        flags=_concatenate((part.flags for part in parts), np.uint8),
        details=DetailTexts(
            rows=_concatenate(
                (p.details.rows + np.uint32(s) for p, s in zip(parts, starts, strict=False)), np.uint32
            ),
            ends=_concatenate(
                (p.details.ends + np.uint64(s) for p, s in zip(parts, sizes, strict=False)), np.uint64
            ),
            text=text,
        ),
    )


def sort_unique(rows: Rows) -> tuple[Rows, int]:
    """Return ``rows`` sorted by plate, issuer, type and category, of equal ones the longest lasting.

    With it, how many were left out.
    """
    facts = rows.facts()
    order = np.lexsort((~rows.expires, facts, rows.plate))
    plate, facts = rows.plate[order], facts[order]
    is_first = np.ones(len(order), np.bool_)
    is_first[1:] = (plate[1:] != plate[:-1]) | (facts[1:] != facts[:-1])
    del plate, facts
    kept = order[is_first]
    return rows.take(kept), len(order) - len(kept)


def differences(old: Rows, new: Rows) -> tuple[int, int]:
    """Return how many rows of ``new`` are not in ``old``, and of ``old`` not in ``new``.

    Both have each row once; rows are the same when plate, issuer, type and category are.
    """
    plate = np.concatenate((old.plate, new.plate))
    facts = np.concatenate((old.facts(), new.facts()))
    order = np.lexsort((facts, plate))
    plate, facts = plate[order], facts[order]
    common = int(np.count_nonzero((plate[1:] == plate[:-1]) & (facts[1:] == facts[:-1])))
    return len(new) - common, len(old) - common


def _concatenate(arrays: Iterable[NDArray[_T]], dtype: type[_T]) -> NDArray[_T]:
    return np.concatenate([np.zeros(0, dtype), *arrays])


def _take_details(details: DetailTexts, kept: NDArray[np.intp], count: int) -> DetailTexts:
    where = np.full(count, -1, np.int64)
    where[details.rows] = np.arange(len(details))
    found = where[kept]
    rows = np.flatnonzero(found >= 0)
    ends = np.zeros(len(rows), np.uint64)
    text = bytearray()
    old_ends = [0, *details.ends.tolist()]
    for place, old in enumerate(found[rows].tolist()):
        text += details.text[old_ends[old] : old_ends[old + 1]]
        ends[place] = len(text)
    return DetailTexts(rows=rows.astype(np.uint32), ends=ends, text=text)

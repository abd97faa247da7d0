"""A list of the size and kind of Ontario's, all invented: plates ABCD 123, details of one in twenty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.hotlist.categories import FACTS, Category
from alprd.hotlist.columns import Columns
from alprd.hotlist.details import Details, Person, Vehicle
from alprd.plates.jurisdictions import jurisdiction_number
from alprd.plates.normal import WEIGHTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

ONTARIO_PLATES: Final = 26**4 * 1000
_DAY: Final = 86_400
_MAKES: Final = ("TOYOTA", "HONDA", "FORD", "CHEVROLET", "NISSAN", "HYUNDAI", "VOLKSWAGEN")
_MODELS: Final = ("COROLLA", "CIVIC", "F-150", "SILVERADO", "ROGUE", "ELANTRA", "JETTA")
_COLOURS: Final = ("BLACK", "WHITE", "SILVER", "GREY", "RED", "BLUE")
_NAMES: Final = ("TREMBLAY", "SMITH", "SINGH", "NGUYEN", "MACDONALD", "CHEN", "WILLIAMS")


def codes_of(numbers: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """Return the codes of Ontario-like plates, ABCD 123, by their number: uint8 (n, 10)."""
    codes = np.zeros((len(numbers), 10), np.uint8)
    left = numbers.copy()
    for place, base, first in [
        (6, 10, 1),
        (5, 10, 1),
        (4, 10, 1),
        (3, 26, 11),
        (2, 26, 11),
        (1, 26, 11),
        (0, 26, 11),
    ]:
        codes[:, place] = left % np.uint64(base) + np.uint64(first)
        left //= np.uint64(base)
    return codes


def packed(codes: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Return the packed plates of ``codes``, a slice at a time."""
    keys = np.empty(len(codes), np.uint64)
    for start in range(0, len(codes), 1 << 18):
        part = codes[start : start + (1 << 18)].astype(np.uint64)
        keys[start : start + (1 << 18)] = part @ WEIGHTS
    return keys


def plate_numbers(rows: int) -> NDArray[np.uint64]:
    """Return numbers of different plates, drawn by chance: ``rows`` listed ones, then some to come."""
    drawn = np.random.default_rng(3).integers(0, ONTARIO_PLATES, rows + rows // 20 + 100, dtype=np.uint64)
    _, firsts = np.unique(drawn, return_index=True)
    numbers: NDArray[np.uint64] = drawn[np.sort(firsts)]
    return numbers


def listed_numbers(rows: int) -> NDArray[np.uint64]:
    """Return the numbers of the listed plates."""
    return plate_numbers(rows)[:rows]


def synthetic(rows: int, now_s: int) -> Columns:
    """Return ``rows`` different rows: all categories of the ministry and of CPIC, two years of expiries."""
    rng = np.random.default_rng(4)
    plate = packed(codes_of(np.sort(listed_numbers(rows))))
    category = rng.integers(1, 13, rows, dtype=np.uint8)
    priorities = np.zeros(len(Category) + 1, np.uint8)
    for listed, facts in FACTS.items():
        priorities[listed] = facts.priority
    jurisdiction = np.full(rows, jurisdiction_number("CA-ON"), np.uint8)
    jurisdiction[rng.random(rows) < 0.02] = jurisdiction_number("CA-QC")
    first_day = now_s // _DAY + 2
    return Columns(
        plate=plate,
        expires=((first_day + rng.integers(0, 730, rows)) * _DAY).astype(np.uint32),
        jurisdiction=jurisdiction,
        plate_type=np.where(rng.random(rows) < 0.03, 3, 1).astype(np.uint8),
        category=category,
        priority=priorities[category],
        flags=np.zeros(rows, np.uint8),
    )


class Twentieth(Mapping[int, Details]):
    """Details of one plate in twenty, by row, made when they are asked for.

    Which plates have some, and what they are, goes by the plate: a row that moves keeps its own.
    """

    def __init__(self, plates: NDArray[np.uint64]) -> None:
        mixed = plates * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(40)
        self._plates = plates
        self._has = mixed % np.uint64(20) == 0
        self._rows = np.flatnonzero(self._has)

    def __getitem__(self, row: int) -> Details:
        if not self._has[row]:
            raise KeyError(row)
        plate = int(self._plates[row]) // 37**3
        name = f"{_NAMES[plate % 7]}, {_NAMES[plate % 5]} {plate % 10**7}"
        vehicle = Vehicle(
            make=_MAKES[plate % 7], model=_MODELS[plate % 7], colour=_COLOURS[plate % 6], vehicle_class="CAR",
            year=1995 + plate % 30,
        )  # fmt: skip
        return Details(vehicle=vehicle, person=Person(name=name, corrective_lens=plate % 3 == 0))

    def __iter__(self) -> Iterator[int]:
        return iter(self._rows.tolist())

    def __len__(self) -> int:
        return len(self._rows)


def churned(columns: Columns, rows: int) -> Columns:
    """Return ``columns`` after a day: 1 % of the rows are gone and as many others have come."""
    out = np.zeros(rows, np.bool_)
    out[np.random.default_rng(12).choice(rows, rows // 100, replace=False)] = True
    coming = columns.rows(out)
    numbers = plate_numbers(rows)[rows : rows + int(out.sum())]
    both = {
        name: np.concatenate([getattr(columns, name)[~out], getattr(coming, name)])
        for name in ("expires", "jurisdiction", "plate_type", "category", "priority", "flags")
    }
    plate = np.concatenate([columns.plate[~out], packed(codes_of(numbers))])
    return Columns(plate=plate, **both).rows(np.argsort(plate))

"""Fuzzes what reads hotlists and records: ``python -m tests.fuzz.hotlist [-max_total_time=600]``.

Needs atheris. Each input is tried as a file, as the body of a list and of a delta that are rightly sealed and
approved, as a root record and as a category record. Out may come a list or an `AlprdError`, and nothing else.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from alprd.errors import AlprdError
from alprd.hotlist.body import Body
from alprd.hotlist.build import BuiltList, build_delta
from alprd.hotlist.categories import CategoryTable
from alprd.hotlist.category_record import check_approved, parse_categories
from alprd.hotlist.delta import apply_delta
from alprd.keys.approvals import trailer_bytes
from alprd.keys.root import check_first, parse_root
from tests.unit.hotlist.opening import open_list
from tests.vectors.categories.generate import GOOD as CATEGORIES
from tests.vectors.categories.generate import UNINSURED, resigned
from tests.vectors.hotlist.made import (
    DETAILS_KEY,
    FIVE,
    FIVE_ROWS,
    FULL,
    GOOD,
    GOOD_ROW,
    ROOT,
    ROOT_RECORD,
    SMALL_LIST,
    TAG_KEY,
    Made,
    columns_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from alprd.hotlist.index import HotlistIndex

_TABLE: Final = CategoryTable((UNINSURED,))
_LISTS: Final = (SMALL_LIST, FIVE)
_BASE: Final = FIVE.data()
_CHANGE: Final = (
    columns_of(FIVE_ROWS),
    columns_of([*FIVE_ROWS[:2], (*GOOD_ROW[:1], 1, *GOOD_ROW[2:]), FIVE_ROWS[4]]),
)
"""The base's rows and those that the delta makes of them: a row out, one that changes, two that stay."""


def as_file(data: bytes) -> None:
    """Open ``data`` as a hotlist file; the same data laid over a good one, too."""
    _tolerate(open_list, data)
    _tolerate(open_list, (data + GOOD[len(data) :])[: len(GOOD)])


def as_body(data: bytes) -> None:
    """Open a list with ``data`` laid over its plain body, sealed and approved as it should be."""
    for made in _LISTS:
        built = made.built()
        plain = built.body.data
        count = min(len(data), len(plain))
        plain[:count] ^= np.frombuffer(data[:count], np.uint8)
        changed = BuiltList(body=Body.over(plain, built.shape), shape=built.shape, details=built.details)
        _tolerate(_search, made.data(changed))


def as_delta(data: bytes) -> None:
    """Apply a delta with ``data`` laid over its plain body, sealed and approved, to its base."""
    built = build_delta(*_CHANGE, tag_key=TAG_KEY, details_key=DETAILS_KEY, details={2: FULL})
    plain = built.body.data
    count = min(len(data), len(plain))
    plain[:count] ^= np.frombuffer(data[:count], np.uint8)
    changed = BuiltList(body=Body.over(plain, built.shape), shape=built.shape, details=built.details)
    delta = Made(sequence=8, base=7).data(changed)
    _tolerate(lambda given: _look(apply_delta(open_list(_BASE), open_list(given))), delta)


def as_root(data: bytes) -> None:
    """Read ``data`` as a root record; the same data laid over a good one, too."""
    good = ROOT_RECORD.pack()
    for attempt in (data, (data + good[len(data) :])[: len(good)]):
        _tolerate(lambda given: check_first(parse_root(given)), attempt)


def as_categories(data: bytes) -> None:
    """Read ``data`` as a category record; the same data laid over a good one, signed anew, too."""
    body = CATEGORIES[: -trailer_bytes(2)]
    laid = resigned((data + body[len(data) :])[: len(body)])
    for attempt in (data, laid):
        _tolerate(lambda given: check_approved(parse_categories(given), ROOT), attempt)


def one_input(data: bytes) -> None:
    """Try ``data`` in every way."""
    as_file(data)
    as_body(data)
    as_delta(data)
    as_root(data)
    as_categories(data)


def _search(data: bytes) -> None:
    _look(open_list(data, categories=_TABLE))


def _look(index: HotlistIndex) -> None:
    keys, rows = np.arange(1, 100, dtype=np.uint64), np.zeros(99, np.int64)
    index.find(keys, rows)
    for row in range(len(index)):
        index.facts(row)
        index.rows_of(row)
        for opened in (index.vehicle, index.person):
            with contextlib.suppress(AlprdError):  # of another plate: the next row is looked at all the same
                opened(row, "ABCD123")


def _tolerate(call: Callable[[bytes], object], data: bytes) -> None:
    try:
        call(data)
    except AlprdError:
        return


def main() -> None:
    atheris: Any = importlib.import_module("atheris")  # by name: it is not among the project's packages
    atheris.instrument_all()
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()

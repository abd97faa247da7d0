"""Fuzzes what reads a hotlist and a root record: ``python -m tests.fuzz.hotlist [-max_total_time=600]``.

Needs atheris. Each input is tried as a file, as the body of a list that is rightly sealed and approved, and
as a root record. Out may come a list or an `AlprdError`, and nothing else.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from alprd.errors import AlprdError
from alprd.hotlist.body import Body
from alprd.hotlist.build import BuiltList
from alprd.keys.root import check_first, parse_root
from tests.unit.hotlist.opening import open_list
from tests.vectors.hotlist.made import FIVE, GOOD, ROOT_RECORD, SMALL_LIST

if TYPE_CHECKING:
    from collections.abc import Callable

_LISTS: Final = (SMALL_LIST, FIVE)


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


def as_root(data: bytes) -> None:
    """Read ``data`` as a root record; the same data laid over a good one, too."""
    good = ROOT_RECORD.pack()
    for attempt in (data, (data + good[len(data) :])[: len(good)]):
        _tolerate(lambda given: check_first(parse_root(given)), attempt)


def one_input(data: bytes) -> None:
    """Try ``data`` in every way."""
    as_file(data)
    as_body(data)
    as_root(data)


def _search(data: bytes) -> None:
    index = open_list(data)
    keys, rows = np.arange(1, 100, dtype=np.uint64), np.zeros(99, np.int64)
    index.find(keys, rows)
    for row in range(len(index)):
        index.facts(row)
        index.rows_of(row)
        index.vehicle(row, "ABCD123")
        index.person(row, "ABCD123")


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

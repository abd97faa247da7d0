"""Takes a list from bytes to index, as the unit's store does, without a disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from alprd.errors import HotlistFormatError
from alprd.hotlist import trust
from alprd.hotlist.categories import CLOSED_SET
from alprd.hotlist.opening import SealedList, open_index, read_sealed
from tests.vectors.hotlist.made import NOW, ROOT, UNIT

if TYPE_CHECKING:
    from nacl.public import PrivateKey
    from numpy.typing import NDArray

    from alprd.hotlist.categories import CategoryTable
    from alprd.hotlist.index import HotlistIndex
    from alprd.keys.root import Root


class Bytes:
    """A hotlist file in memory."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.size = len(data)
        self.is_closed = False

    def read_at(self, offset: int, out: NDArray[np.uint8]) -> None:
        """Fill ``out`` from ``offset`` on."""
        part = self._data[offset : offset + len(out)]
        if len(part) != len(out):
            raise HotlistFormatError("the bytes end before")
        out[:] = np.frombuffer(part, np.uint8)

    def close(self) -> None:
        self.is_closed = True


def sealed_list(data: bytes) -> SealedList:
    return read_sealed(Bytes(data))


def open_list(
    data: bytes,
    *,
    now_s: int = NOW,
    floor: int = 0,
    root: Root = ROOT,
    unit: PrivateKey = UNIT,
    categories: CategoryTable = CLOSED_SET,
) -> HotlistIndex:
    source = Bytes(data)
    sealed = read_sealed(source)
    trust.authenticate(sealed, root=root, floor=floor, now_s=now_s)
    trust.check_in_date(sealed, root=root, now_s=now_s)
    return open_index(source, sealed, unit, categories)

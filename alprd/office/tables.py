"""Files of the vault that hold arrays: a head of JSON, filled up, then array after array. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np

from alprd.errors import OfficeInputError
from alprd.office.documents import decode, encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from numpy.typing import NDArray

HEAD_BYTES: Final = 4096
_T = TypeVar("_T", bound=np.generic)


def pack_table(
    file_format: str, facts: Mapping[str, object], arrays: Iterable[NDArray[Any]]
) -> Iterator[bytes | memoryview]:
    """Yield a file: ``facts`` as JSON in 4,096 bytes, then the bytes of ``arrays``. Any length of array."""
    head = encode(file_format, facts)
    if len(head) > HEAD_BYTES:
        raise ValueError(f"the facts of a table have at most {HEAD_BYTES} bytes")
    yield head.ljust(HEAD_BYTES)
    for array in arrays:
        yield np.ascontiguousarray(array).view(np.uint8).data


class Table:
    """What `pack_table` packed, called ``what`` in errors. Raises `OfficeInputError` for another format."""

    def __init__(self, content: bytearray, file_format: str, names: AbstractSet[str], what: str) -> None:
        self.facts = decode(bytes(content[:HEAD_BYTES]), file_format, names, what)
        self._content = content
        self._place = min(HEAD_BYTES, len(content))
        self._what = what

    def take(self, dtype: type[_T], count: int) -> NDArray[_T]:
        """Return the next ``count`` items, a view. Raises `OfficeInputError` when the file ends before."""
        size = count * np.dtype(dtype).itemsize
        if count < 0 or self._place + size > len(self._content):
            raise OfficeInputError(f"{self._what} is damaged: it is shorter than its counts")
        array = np.frombuffer(self._content, dtype, count, self._place)
        self._place += size
        return array

    def rest(self) -> memoryview:
        """Return all after what was taken, read-only."""
        return memoryview(self._content)[self._place :].toreadonly()

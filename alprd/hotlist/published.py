"""The index of a published folder: which lists lie there, and which of them a unit needs. Pure.

The format is `alprd/docs/formats/distribution.md`. Nothing in the index is trusted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from alprd.errors import HotlistFormatError
from alprd.hotlist.blob import MAX_BYTES, MAX_SEQUENCE, MIN_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable

INDEX_FILE: Final = "index.txt"
MAX_INDEX_BYTES: Final = 65_536
MAX_LISTS: Final = 64
DIGEST_BYTES: Final = 32
_FIRST_LINE: Final = "alprd distribution 1"
_LINE: Final = re.compile(
    r"(\S+) (0|[1-9]\d{0,18}) (0|[1-9]\d{0,18}) ([1-9]\d{0,18}) ([0-9a-f]{64})", re.ASCII
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A list in a folder: ``base`` is 0 for a whole one, ``digest`` BLAKE2b-256 of the whole file.

    Raises `ValueError` when a number is out of range.
    """

    sequence: int
    base: int
    size: int
    digest: bytes

    def __post_init__(self) -> None:
        if not 1 <= self.sequence <= MAX_SEQUENCE or not 0 <= self.base < self.sequence:
            raise ValueError("a list's sequence is 1 to 2**63 - 1, its base's is less")
        if not MIN_BYTES <= self.size <= MAX_BYTES:
            raise ValueError(f"a list has {MIN_BYTES} to {MAX_BYTES} bytes")
        if len(self.digest) != DIGEST_BYTES:
            raise ValueError(f"a digest has {DIGEST_BYTES} bytes")

    @property
    def file(self) -> str:
        """The file's name."""
        return f"{'delta' if self.base else 'list'}-{self.sequence:010d}.hotlist"


def pack_index(lists: Iterable[Published]) -> bytes:
    """Return the index of ``lists``."""
    ordered = sorted(lists, key=lambda one: one.sequence)
    lines = [f"{one.file} {one.sequence} {one.base} {one.size} {one.digest.hex()}" for one in ordered]
    return ("\n".join([_FIRST_LINE, *lines]) + "\n").encode("ascii")


def read_index(data: bytes) -> tuple[Published, ...]:
    """Return the lists that the index ``data`` names, sorted. Raises `HotlistFormatError`."""
    if len(data) > MAX_INDEX_BYTES:
        raise HotlistFormatError(f"a folder's index has at most {MAX_INDEX_BYTES} bytes")
    first, *lines = data.decode("latin-1").split("\n")
    if first != _FIRST_LINE or not lines or lines.pop() != "" or len(lines) > MAX_LISTS:
        raise HotlistFormatError(
            f"the folder's index does not begin with {_FIRST_LINE!r}, end with a newline and name at most "
            f"{MAX_LISTS} lists"
        )
    lists = tuple(_published(line, number) for number, line in enumerate(lines, 2))
    if not all(a.sequence < b.sequence for a, b in pairwise(lists)):
        raise HotlistFormatError("the folder's index is not sorted, or names a list twice")
    return lists


def newest(lists: Iterable[Published], base: int | None = None) -> Published | None:
    """Return the newest whole list, or the newest delta on ``base``; None when there is none."""
    fitting = [one for one in lists if one.base == (base or 0)]
    return max(fitting, key=lambda one: one.sequence, default=None)


def needed(lists: Iterable[Published], *, whole: int, held: int) -> list[Published]:
    """Return what a unit installs, in order: a newer whole list, then the newest delta on it.

    ``whole`` is the sequence of the whole list that the unit has (0: none), ``held`` of it or its delta.
    """
    there = tuple(lists)
    wanted = []
    base = newest(there)
    if base is not None and base.sequence > held:
        wanted.append(base)
        whole = held = base.sequence
    delta = newest(there, whole) if whole else None
    if delta is not None and delta.sequence > held:
        wanted.append(delta)
    return wanted


def _published(line: str, number: int) -> Published:
    found = _LINE.fullmatch(line)
    if found is None:
        raise HotlistFormatError(f"line {number} of the folder's index is none of a list")
    try:
        one = Published(
            sequence=int(found[2]), base=int(found[3]), size=int(found[4]), digest=bytes.fromhex(found[5])
        )
    except ValueError as error:
        raise HotlistFormatError(f"line {number} of the folder's index: {error}") from None
    if one.file != found[1]:
        raise HotlistFormatError(f"line {number} of the folder's index does not name its file {one.file}")
    return one

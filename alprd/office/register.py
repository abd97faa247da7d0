"""The register of the lists that the office has made: which number is which file, for whom, until when. Pure.

With it stand the removals: since which list a plate is listed no more. See `alprd/docs/office.md`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.errors import OfficeInputError
from alprd.office.documents import base64_text, bytes_of, decode, encode, number_of, text_of
from alprd.office.removals import NONE, Removals
from alprd.office.tables import Table, pack_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from alprd.hotlist.blob import HotlistHeader

MAX_LISTS: Final = 256
"""So many of the newest lists are remembered; older ones have long expired."""
DIGEST_BYTES: Final = 64
_FORMAT: Final = "alprd register 1"
_LISTS_FORMAT: Final = "alprd issued lists 1"
_WORD: Final = 8
_WHAT: Final = "the register of lists"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A list that was made: ``digest`` is what its approvers sign, ``units`` the names it is sealed to.

    ``base`` is 0 for a whole list, ``rows`` counts what is listed with it, and times are Unix seconds.
    """

    sequence: int
    base: int
    created_s: int
    expires_s: int
    rows: int
    digest: bytes
    units: tuple[str, ...]


def issued_of(header: HotlistHeader, digest: bytes, units: tuple[str, ...], *, rows: int) -> Issued:
    """Return what is to be remembered of a list."""
    return Issued(
        sequence=header.sequence,
        base=header.base,
        created_s=header.created,
        expires_s=header.expires,
        rows=rows,
        digest=digest,
        units=units,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """The newest lists of one audience, oldest first, and the removals."""

    lists: tuple[Issued, ...] = ()
    removals: Removals = NONE

    @property
    def whole(self) -> Issued | None:
        """The newest whole list."""
        return next((one for one in reversed(self.lists) if one.base == 0), None)

    def find(self, sequence: int) -> Issued | None:
        """Return the list of that number, None when it is not remembered."""
        return next((one for one in self.lists if one.sequence == sequence), None)

    def with_list(
        self,
        new: Issued,
        before: NDArray[np.uint64],
        now: NDArray[np.uint64],
    ) -> Register:
        """Return the register once ``new`` is made.

        ``before`` are the tags of the plates of the last whole list before it, ``now`` those of the plates
        listed with ``new``; sorted, none twice.
        """
        removals = self.removals.after(before, now, new.sequence)
        if new.base == 0:
            held = [one.sequence for one in self.lists if one.expires_s > new.created_s]
            removals = removals.of_whole_list(min(held, default=new.sequence))
        return replace(self, lists=(*self.lists, new)[-MAX_LISTS:], removals=removals)


def late_units(register: Register, sequence: int) -> list[str]:
    """Return the units that a delta is sealed to and its whole list is not: it is of no use to them."""
    delta = register.find(sequence)
    whole = None if delta is None else register.find(delta.base)
    return [] if delta is None or whole is None else sorted(set(delta.units) - set(whole.units))


def pack_register(register: Register) -> Iterator[bytes | memoryview]:
    """Yield the vault's file of ``register``."""
    lists = encode(_LISTS_FORMAT, {"lists": [_fields(one) for one in register.lists]})
    words = -(-len(lists) // _WORD)
    text = np.frombuffer(lists.ljust(words * _WORD), np.uint64)
    removals = register.removals
    facts = {"words": words, "removed": len(removals.tags)}
    return pack_table(_FORMAT, facts, [text, removals.tags, removals.since])


def read_register(content: bytearray | None) -> Register:
    """Return the register in ``content``, an empty one for None. Raises `OfficeInputError`."""
    if content is None:
        return Register()
    table = Table(content, _FORMAT, {"words", "removed"}, _WHAT)
    text = table.take(np.uint64, number_of(table.facts, "words", _WHAT)).tobytes()
    removed = number_of(table.facts, "removed", _WHAT)
    removals = Removals(tags=table.take(np.uint64, removed), since=table.take(np.uint64, removed))
    lists = decode(text, _LISTS_FORMAT, {"lists"}, _WHAT)["lists"]
    if not isinstance(lists, list):
        raise OfficeInputError(f"{_WHAT} is damaged")
    return Register(lists=tuple(_issued(fields) for fields in lists), removals=removals)


def _fields(one: Issued) -> dict[str, object]:
    numbers = {name: getattr(one, name) for name in ("sequence", "base", "created_s", "expires_s", "rows")}
    return {**numbers, "digest": base64_text(one.digest), "units": " ".join(one.units)}


def _issued(fields: Mapping[str, object]) -> Issued:
    numbers = ("sequence", "base", "created_s", "expires_s", "rows")
    if not isinstance(fields, dict) or fields.keys() != {*numbers, "digest", "units"}:
        raise OfficeInputError(f"{_WHAT} is damaged")
    return Issued(
        **{name: number_of(fields, name, _WHAT) for name in numbers},
        digest=bytes_of(fields, "digest", DIGEST_BYTES, _WHAT),
        units=tuple(text_of(fields, "units", _WHAT).split()),
    )

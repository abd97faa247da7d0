"""Feeds in the vault: imported whole under an agreement, replaced whole, their bad lines set aside.

See `alprd/docs/office.md`. Nothing of a feed touches a disk but sealed.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from alprd.errors import OfficeInputError, printable
from alprd.hotlist.blob import MAX_ENTRIES
from alprd.office.agreements import in_force, is_feed_name, read_agreements
from alprd.office.documents import decode, encode
from alprd.office.feed_lines import BadLine, Lines, read_lines
from alprd.office.ledger import DIGEST_BYTES, Act, Record
from alprd.office.rows import DetailTexts, Rows, differences, no_rows
from alprd.office.tables import Table, pack_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from alprd.office.feed_form import FeedForm
    from alprd.office.vault import Vault

FEED: Final = "feed-"
QUARANTINE: Final = "quarantine-"
MAX_FEED_BYTES: Final = 1 << 32
LEAST_BAD: Final = 10
"""So many bad lines are borne in any feed,"""
BAD_SHARE: Final = 0.001
"""and in a large one this share of its lines."""

_FORMAT: Final = "alprd feed 1"
_BAD_FORMAT: Final = "alprd bad lines 1"
_COLUMNS: Final = (
    ("plate", np.uint64),
    ("expires", np.uint32),
    ("jurisdiction", np.uint8),
    ("plate_type", np.uint8),
    ("category", np.uint8),
    ("flags", np.uint8),
)
_DETAIL_COLUMNS: Final = (("ends", np.uint64), ("rows", np.uint32))


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFacts:
    """What is known of a feed as a whole; the counts are of its import."""

    agreement: str
    imported_s: int
    lines: int
    bad: int
    duplicates: int
    expired: int
    doubtful: int
    rows: int
    details: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did: the feed's facts, the rows that came and went, and the lines to be told."""

    facts: FeedFacts
    added: int
    removed: int
    bad: Sequence[BadLine]
    outside: Sequence[int]


def import_feed(
    vault: Vault,
    name: str,
    blocks: Iterable[bytes],
    form: FeedForm,
    *,
    agreement: str,
    now_s: int,
    progress: Callable[[int], None],
    report: Callable[[str], None],
) -> Imported:
    """Read a feed and put it into the vault in the place of the feed ``name``.

    ``report`` gets each bad line's number and fault, ``progress`` the lines read so far. Raises
    `OfficeInputError` when no agreement in force covers it or more lines are bad than are borne; the
    earlier feed stays then.
    """
    if not is_feed_name(name):
        raise OfficeInputError("a feed's name is 1 to 32 of a-z 0-9 -")
    terms = in_force(read_agreements(vault), agreement, now_s=now_s)
    source = hashlib.blake2b(digest_size=DIGEST_BYTES)
    found = read_lines(
        _hashed(blocks, source),
        form,
        allowed=terms.allowed(vault.categories),
        now_s=now_s,
        progress=progress,
        categories=vault.categories,
    )
    for line in found.bad:
        report(f"line {line.number}: {line.fault}")
    _check_bound(found)
    old = read_feed(vault, name)
    added, removed = differences(no_rows() if old is None else old[1], found.rows)
    del old
    facts = FeedFacts(
        agreement=agreement,
        imported_s=now_s,
        lines=found.lines,
        bad=len(found.bad),
        duplicates=found.duplicates,
        expired=found.expired,
        doubtful=found.doubtful,
        rows=len(found.rows),
        details=len(found.rows.details),
    )
    digest = source.digest()
    _set_aside(vault, name, found.bad, now_s, digest)
    note = (
        f"{found.lines} lines, {len(found.bad)} bad, {found.duplicates} duplicates, {found.expired} expired"
    )
    vault.change(
        _record(vault, Act.FEED_IMPORTED, name, now_s, note=note, source=digest),
        _encode(facts, found.rows),
        slot=FEED + name,
        added=added,
        removed=removed,
    )
    return Imported(facts=facts, added=added, removed=removed, bad=found.bad, outside=found.outside)


def remove_feed(vault: Vault, name: str, *, now_s: int) -> int:
    """Take the feed ``name`` and its bad lines off; return its rows. Raises `OfficeInputError`."""
    if FEED + name not in vault.slots():
        raise OfficeInputError(f"there is no feed {printable(name)!r}", hint="See `alpr-office feed list`.")
    _set_aside(vault, name, [], now_s, None)
    rows = vault.rows(FEED + name)
    vault.change(_record(vault, Act.FEED_REMOVED, name, now_s), None, slot=FEED + name, added=0, removed=rows)
    return rows


def feed_names(vault: Vault) -> list[str]:
    """Return the names of the feeds, sorted."""
    return [slot.removeprefix(FEED) for slot in vault.slots(FEED)]


def read_feed(vault: Vault, name: str) -> tuple[FeedFacts, Rows] | None:
    """Return the feed ``name``, None when there is none. Its arrays are views. Raises `OfficeInputError`."""
    content = vault.read(FEED + name)
    return None if content is None else _decode(content, f"the feed {name}")


def read_quarantine(vault: Vault, name: str) -> list[BadLine]:
    """Return the bad lines of the feed ``name``. Raises `OfficeInputError`."""
    content = vault.read(QUARANTINE + name)
    if content is None:
        return []
    rows: Any = decode(bytes(content), _BAD_FORMAT, {"lines"}, f"the bad lines of {name}")["lines"]
    return [BadLine(number, fault, base64.b64decode(line)) for number, fault, line in rows]


def _check_bound(found: Lines) -> None:
    borne = max(LEAST_BAD, int(found.lines * BAD_SHARE))
    if len(found.bad) > borne:
        numbers = ", ".join(str(line.number) for line in found.bad[:LEAST_BAD])
        raise OfficeInputError(
            f"{len(found.bad)} of {found.lines} lines are bad, at most {borne} are borne; the first are "
            f"{numbers}. Nothing was changed",
            hint="Ask the agency for a good file, or correct the mapping.",
        )


def _set_aside(vault: Vault, name: str, bad: Sequence[BadLine], now_s: int, source: bytes | None) -> None:
    slot = QUARANTINE + name
    before = vault.rows(slot)
    if not bad and not before:
        return
    lines = [[line.number, line.fault, base64.b64encode(line.line).decode("ascii")] for line in bad]
    content = [encode(_BAD_FORMAT, {"lines": lines})] if bad else None
    record = _record(vault, Act.FEED_QUARANTINED, name, now_s, source=source)
    vault.change(record, content, slot=slot, added=len(bad), removed=before)


def _record(
    vault: Vault, act: Act, name: str, now_s: int, *, note: str = "", source: bytes | None = None
) -> Record:
    return Record(at_s=now_s, act=act, by=vault.me.badge, subject=name, note=note, source=source)


def _hashed(blocks: Iterable[bytes], source: hashlib.blake2b) -> Iterator[bytes]:
    size = 0
    for block in blocks:
        size += len(block)
        if size > MAX_FEED_BYTES:
            raise OfficeInputError(f"the feed has more than {MAX_FEED_BYTES} bytes")
        source.update(block)
        yield block


def _encode(facts: FeedFacts, rows: Rows) -> Iterator[bytes | memoryview]:
    """Yield a feed's file: its facts, the columns, then the details."""
    arrays = [np.asarray(getattr(rows, name), dtype) for name, dtype in _COLUMNS]
    arrays += [np.asarray(getattr(rows.details, name), dtype) for name, dtype in _DETAIL_COLUMNS]
    yield from pack_table(_FORMAT, asdict(facts), arrays)
    yield memoryview(rows.details.text)


def _decode(content: bytearray, what: str) -> tuple[FeedFacts, Rows]:
    table = Table(content, _FORMAT, {field.name for field in fields(FeedFacts)}, what)
    facts = FeedFacts(**_typed(table.facts, what))
    if not 0 <= facts.details <= facts.rows <= MAX_ENTRIES * 4:
        raise OfficeInputError(f"{what} is damaged: its counts are out of range")
    arrays: dict[str, Any] = {}
    for columns, count in ((_COLUMNS, facts.rows), (_DETAIL_COLUMNS, facts.details)):
        for name, dtype in columns:
            arrays[name] = table.take(dtype, count)
    details = DetailTexts(rows=arrays.pop("rows"), ends=arrays.pop("ends"), text=table.rest())
    if int(details.ends[-1] if facts.details else 0) != len(details.text):
        raise OfficeInputError(f"{what} is damaged: its details do not end with it")
    return facts, Rows(**arrays, details=details)


def _typed(values: Mapping[str, Any], what: str) -> Mapping[str, Any]:
    for name, value in values.items():
        if type(value) is not (str if name == "agreement" else int):
            raise OfficeInputError(f"{what} is damaged: {json.dumps(name)} has the wrong type")
    return values

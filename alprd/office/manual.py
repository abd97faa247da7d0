"""The manual entries in the vault: added, corrected, removed, closed with their case, each on record."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from alprd.errors import OfficeInputError, printable
from alprd.hotlist.categories import Category
from alprd.office.documents import decode, encode
from alprd.office.entries import DAY_S, Draft, Entry, as_fields, check, corrected, entry_of
from alprd.office.ledger import Act, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from alprd.office.people import PersonKeys
    from alprd.office.vault import Vault

SLOT: Final = "entries"
PAST_DAYS: Final = 365
"""So long the vault can tell that a plate stood in the last category, and on which basis."""
_FORMAT: Final = "alprd manual entries 1"
_MIN_WHY: Final = 5
_ONCE_ONLY: Final = Category.SUSPENDED_DRIVER_USE.slug


@dataclass(slots=True)
class Entries:
    """All manual entries by number, and what is remembered of the last category's.

    ``past`` holds (keyed tag of the plate and its issuer, keyed tag of the basis, Unix seconds until which
    it is remembered): whoever reads it learns no plate.
    """

    by_number: dict[str, Entry] = field(default_factory=dict)
    past: list[tuple[str, str, int]] = field(default_factory=list)
    last: int = 0


def read_entries(vault: Vault) -> Entries:
    """Return the manual entries of ``vault``. Raises `OfficeInputError`."""
    content = vault.read(SLOT)
    if content is None:
        return Entries()
    fields = decode(bytes(content), _FORMAT, {"entries", "past", "last"}, "the vault's file of entries")
    entries, past, last = fields["entries"], fields["past"], fields["last"]
    if not isinstance(entries, list) or not isinstance(past, list) or not isinstance(last, int):
        raise OfficeInputError("the vault's file of entries is damaged")
    found = [entry_of(values) for values in entries]
    return Entries({entry.number: entry for entry in found}, [_past(row) for row in past], last)


def add(vault: Vault, draft: Draft, *, now_s: int, second: PersonKeys | None = None) -> Entry:
    """List a plate by hand from ``now_s`` on. Returns the entry.

    Raises `OfficeInputError` for each thing that is missing, when the plate is listed for this reason
    already, and when the last category would be renewed without another basis and a ``second`` person.
    """
    entries = read_entries(vault)
    entry = check(draft, number=f"M{entries.last + 1}", now_s=now_s, categories=vault.categories)
    for other in entries.by_number.values():
        if other.expires_s > now_s and other.is_same_listing(entry):
            raise OfficeInputError(
                f"this plate is listed for this reason already, as {other.number}",
                hint="Correct that entry, or remove it first.",
            )
    _check_second(vault, second)
    _forget(entries, now_s)
    if entry.category == _ONCE_ONLY:
        _check_basis(vault, entries, entry, second)
        _remember(vault, entries, entry)
    entries.by_number[entry.number] = entry
    entries.last += 1
    _write(
        vault,
        entries,
        Act.ENTRY_ADDED,
        now_s,
        subject=entry.number,
        added=1,
        second=second,
        note=_told(entry),
    )
    return entry


def correct(vault: Vault, number: str, changes: Mapping[str, str], *, why: str, now_s: int) -> Entry:
    """Change what was said wrongly in entry ``number``; it never stays longer by this.

    Raises `OfficeInputError`.
    """
    entries = read_entries(vault)
    old = _find(entries, number)
    why = _why(why)
    if not changes:
        raise OfficeInputError(
            "nothing to correct was given", hint="Say it with --plate, --reason and so on."
        )
    new = corrected(old, changes, vault.categories)
    for other in entries.by_number.values():
        if other.number != number and other.expires_s > now_s and other.is_same_listing(new):
            raise OfficeInputError(f"this plate is listed for this reason already, as {other.number}")
    if new.category == _ONCE_ONLY and not new.is_same_listing(old):
        if _bases(vault, entries, new):
            raise OfficeInputError(
                "the corrected plate was in this category before: that would renew it",
                hint="Remove this entry and add the other with a new basis and a second person.",
            )
        _remember(vault, entries, new)
    entries.by_number[number] = new
    _write(vault, entries, Act.ENTRY_CORRECTED, now_s, subject=number, added=1, removed=1, note=why)
    return new


def remove(vault: Vault, number: str, *, why: str, now_s: int) -> None:
    """Take entry ``number`` off. Raises `OfficeInputError`."""
    entries = read_entries(vault)
    _find(entries, number)
    why = _why(why)
    del entries.by_number[number]
    _write(vault, entries, Act.ENTRY_REMOVED, now_s, subject=number, removed=1, note=why)


def close_case(vault: Vault, case: str, *, now_s: int) -> list[str]:
    """Take off all entries of ``case``, which is closed; return their numbers. Raises `OfficeInputError`."""
    gone = close_cases(vault, [case], now_s=now_s)
    if not gone:
        raise OfficeInputError(f"no entry has the case number {printable(case.strip())!r}")
    return gone


def close_cases(vault: Vault, cases: Iterable[str], *, now_s: int) -> list[str]:
    """Take off all entries of ``cases``, as the case system names the closed ones; return their numbers.

    A case without an entry is no fault. Nothing to do is no change.
    """
    entries = read_entries(vault)
    closed = {case.strip() for case in cases} - {""}
    gone = [entry.number for entry in entries.by_number.values() if entry.case in closed]
    if not gone:
        return gone
    subject = ", ".join(sorted({entries.by_number[number].case for number in gone}))
    for number in gone:
        del entries.by_number[number]
    _write(vault, entries, Act.CASE_CLOSED, now_s, subject=subject, removed=len(gone), note=", ".join(gone))
    return gone


def purge(vault: Vault, *, now_s: int) -> list[str]:
    """Take off all entries whose time has passed; return their numbers. Nothing to do is no change."""
    entries = read_entries(vault)
    gone = [entry.number for entry in entries.by_number.values() if entry.expires_s <= now_s]
    if gone:
        for number in gone:
            del entries.by_number[number]
        _forget(entries, now_s)
        note = ", ".join(gone)
        _write(vault, entries, Act.ENTRIES_PURGED, now_s, subject="", removed=len(gone), note=note)
    return gone


def _write(
    vault: Vault,
    entries: Entries,
    act: Act,
    now_s: int,
    *,
    subject: str,
    added: int = 0,
    removed: int = 0,
    second: PersonKeys | None = None,
    note: str,
) -> None:
    content = encode(
        _FORMAT,
        {
            "entries": [as_fields(entry) for entry in entries.by_number.values()],
            "past": entries.past,
            "last": entries.last,
        },
    )
    record = Record(
        at_s=now_s,
        act=act,
        by=vault.me.badge,
        second=None if second is None else second.badge,
        subject=subject,
        note=note,
    )
    vault.change(record, [content], slot=SLOT, added=added, removed=removed, second=second)


def _find(entries: Entries, number: str) -> Entry:
    entry = entries.by_number.get(number)
    if entry is None:
        raise OfficeInputError(
            f"there is no manual entry {printable(number)!r}", hint="See `alpr-office entry list`."
        )
    return entry


def _why(text: str) -> str:
    why = text.strip()
    if len(why) < _MIN_WHY or not why.isprintable():
        raise OfficeInputError("why is missing: say it in a few words", hint="Give it with --why.")
    return why


def _told(entry: Entry) -> str:
    """Return what the ledger says of an entry: never its plate."""
    days = -(-(entry.expires_s - entry.created_s) // DAY_S)
    asked = f"asked for by {entry.officer}, badge {entry.badge}"
    return f"{entry.category}, {days} days, {entry.scope}, {asked}"


def _check_second(vault: Vault, second: PersonKeys | None) -> None:
    if second is None:
        return
    if second.badge == vault.me.badge or vault.people.get(second.badge) != second.public:
        raise OfficeInputError("the second person must be another of the vault's people")


def _check_basis(vault: Vault, entries: Entries, entry: Entry, second: PersonKeys | None) -> None:
    bases = _bases(vault, entries, entry)
    if not bases:
        return
    if _basis_tag(vault, entry) in bases:
        raise OfficeInputError(
            "this plate stood in this category before, for the same reason: it is not renewed",
            hint="Only another basis, told in --reason, lists it again.",
        )
    if second is None:
        raise OfficeInputError(
            "this plate stood in this category before: a second person must agree",
            hint="Have them give their key file with --second.",
        )


def _bases(vault: Vault, entries: Entries, entry: Entry) -> set[str]:
    plate = _plate_tag(vault, entry)
    return {basis for tag, basis, _until in entries.past if tag == plate}


def _remember(vault: Vault, entries: Entries, entry: Entry) -> None:
    until = entry.expires_s + PAST_DAYS * DAY_S
    entries.past.append((_plate_tag(vault, entry), _basis_tag(vault, entry), until))


def _forget(entries: Entries, now_s: int) -> None:
    entries.past = [row for row in entries.past if row[2] > now_s]


def _plate_tag(vault: Vault, entry: Entry) -> str:
    return _tag(vault, [entry.plate, entry.jurisdiction])


def _basis_tag(vault: Vault, entry: Entry) -> str:
    # Blanks, case and punctuation make no other basis.
    return _tag(vault, ["".join(c for c in entry.reason.casefold() if c.isalnum())])


def _tag(vault: Vault, parts: list[str]) -> str:
    key = vault.derived_key(b"past entries")
    return hashlib.blake2b(json.dumps(parts).encode(), digest_size=16, key=key).hexdigest()


def _past(row: object) -> tuple[str, str, int]:
    match row:
        case [str() as plate, str() as basis, int() as until]:
            return plate, basis, until
    raise OfficeInputError("the vault's file of entries is damaged")

"""What goes into the next list: every feed in force and every manual entry, each row once, with an end.

See `alprd/docs/office.md`. What is left out is counted, source by source and reason by reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.errors import OfficeInputError
from alprd.hotlist.blob import MAX_ENTRIES
from alprd.hotlist.categories import CLOSED_SET, LAST_ADDED, Priority
from alprd.hotlist.plate_types import plate_type_number
from alprd.office.agreements import in_force, read_agreements
from alprd.office.canaries import CANARY_DAYS, read_canaries
from alprd.office.entries import DAY_S, Scope
from alprd.office.feed_lines import pack_all
from alprd.office.feeds import feed_names, read_feed
from alprd.office.manual import read_entries
from alprd.office.rows import (
    CANARY,
    DOUBTFUL,
    INTERNAL,
    Details,
    DetailTexts,
    Rows,
    join,
    no_rows,
    sort_unique,
)
from alprd.plates.jurisdictions import jurisdiction_number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alprd.hotlist.categories import CategoryTable
    from alprd.office.agreements import Agreement
    from alprd.office.entries import Entry
    from alprd.office.feeds import FeedFacts
    from alprd.office.vault import Vault

MANUAL: Final = "manual entries"
CANARIES: Final = "canaries"


@dataclass(slots=True, kw_only=True)
class Purged:
    """The count of one source. Its ``rows`` are those below them: left out for a reason, or ``kept``.

    The first four are of the source's last import; they never came to be rows.
    """

    source: str
    lines: int = 0
    erroneous: int = 0
    import_duplicates: int = 0
    import_expired: int = 0
    rows: int = 0
    expired: int = 0
    agreement_ended: int = 0
    outside_agreement: int = 0
    category_ended: int = 0
    kept_internal: int = 0
    kept: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeReport:
    """What was left out, for each source; ``duplicates`` are rows that several sources gave.

    ``listed`` rows remain: the sum of all sources' ``kept`` without the duplicates. Of these, ``doubtful``
    plates are in no serial format of their issuer.
    """

    sources: tuple[Purged, ...]
    duplicates: int
    listed: int
    doubtful: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The rows of the next list, sorted by plate, jurisdiction, plate type and category, each once.

    ``rows.expires`` is never 0; ``rows.flags`` has no bit but `INTERNAL` and `CANARY`. ``priority`` is uint8
    (n,). ``agreements`` are those that its feeds rest on.
    """

    rows: Rows
    priority: NDArray[np.uint8]
    agreements: tuple[Agreement, ...]
    report: PurgeReport

    def details(self, row: int) -> Details | None:
        """Return what is known of ``row`` besides its columns, None when nothing is."""
        return self.rows.details.of(row)


@dataclass(slots=True)
class _Sources:
    parts: list[Rows] = field(default_factory=list)
    counts: list[Purged] = field(default_factory=list)
    agreements: dict[str, Agreement] = field(default_factory=dict)
    categories: CategoryTable = CLOSED_SET


def assemble(
    vault: Vault, *, now_s: int, audience: Scope = Scope.INTERNAL, without_ended: bool = False
) -> Content:
    """Return the rows of a list made at ``now_s`` for ``audience``, with the count of all that is left out.

    For `Scope.ONTARIO`, no internal entry is in it. A feed whose agreement is missing or out of force raises
    `OfficeInputError`; ``without_ended`` leaves it out and counts it instead. Raises `OfficeInputError` too
    when the rows are more than a list holds.
    """
    agreements = read_agreements(vault)
    categories = vault.categories
    sources = _Sources(categories=categories)
    for name in feed_names(vault):
        feed = read_feed(vault, name)
        if feed is None:
            continue
        terms: Agreement | None
        try:
            terms = in_force(agreements, feed[0].agreement, now_s=now_s)
        except OfficeInputError:
            if not without_ended:
                raise
            terms = None
        _take_feed(sources, name, feed, terms, now_s=now_s)
    _take_entries(sources, list(read_entries(vault).by_number.values()), audience, now_s)
    _take_canaries(sources, vault, audience, now_s)
    rows, duplicates = sort_unique(join(sources.parts))
    if len(rows) > MAX_ENTRIES:
        raise OfficeInputError(f"{len(rows)} rows; a list has at most {MAX_ENTRIES}")
    doubtful = int(np.count_nonzero(rows.flags & np.uint8(DOUBTFUL)))
    rows.flags[:] &= np.uint8(INTERNAL | CANARY)
    priorities = np.full(LAST_ADDED + 1, Priority.ADMINISTRATIVE, np.uint8)
    for number in categories.numbers:
        priorities[number] = categories.facts(number).priority
    for one in categories.added:
        # Its days may have become fewer since the row came.
        last = np.uint32(now_s + (one.facts.max_days or 0) * DAY_S)
        np.minimum(rows.expires, last, out=rows.expires, where=rows.category == one.number)
    report = PurgeReport(
        sources=tuple(sources.counts), duplicates=duplicates, listed=len(rows), doubtful=doubtful
    )
    return Content(
        rows=rows,
        priority=priorities[rows.category],
        agreements=tuple(sources.agreements.values()),
        report=report,
    )


def _take_feed(
    sources: _Sources, name: str, feed: tuple[FeedFacts, Rows], terms: Agreement | None, *, now_s: int
) -> None:
    facts, rows = feed
    count = Purged(
        source=name,
        lines=facts.lines,
        erroneous=facts.bad,
        import_duplicates=facts.duplicates,
        import_expired=facts.expired,
        rows=len(rows),
    )
    sources.counts.append(count)
    if terms is None:
        count.agreement_ended = len(rows)
        return
    sources.agreements[terms.name] = terms
    is_covered = np.isin(rows.category, np.array(sorted(terms.allowed(sources.categories)), np.uint8))
    is_current = rows.expires > now_s
    count.outside_agreement = int(np.count_nonzero(~is_covered))
    count.expired = int(np.count_nonzero(is_covered & ~is_current))
    kept = rows.take(np.flatnonzero(is_covered & is_current))
    # A row lasts no longer than the right to hold it.
    np.minimum(kept.expires, np.uint32(terms.ends_s), out=kept.expires)
    count.kept = len(kept)
    sources.parts.append(kept)


def _take_entries(sources: _Sources, entries: list[Entry], audience: Scope, now_s: int) -> None:
    current = [entry for entry in entries if entry.expires_s > now_s]
    known = [entry for entry in current if sources.categories.number(entry.category) is not None]
    given = [e for e in known if audience is Scope.INTERNAL or e.scope == Scope.ONTARIO.value]
    sources.parts.append(_entry_rows(given, sources.categories))
    sources.counts.append(
        Purged(
            source=MANUAL,
            rows=len(entries),
            expired=len(entries) - len(current),
            category_ended=len(current) - len(known),
            kept_internal=len(known) - len(given),
            kept=len(given),
        )
    )


def _take_canaries(sources: _Sources, vault: Vault, audience: Scope, now_s: int) -> None:
    plates = [one.plate for one in read_canaries(vault).values() if one.audience == audience.value]
    if not plates:
        return
    count, zeros = len(plates), np.zeros(len(plates), np.uint8)
    sources.parts.append(
        Rows(
            plate=pack_all(plates),
            expires=np.full(count, now_s + CANARY_DAYS * DAY_S, np.uint32),
            jurisdiction=zeros,
            plate_type=zeros,
            category=zeros,
            flags=np.full(count, CANARY, np.uint8),
            details=no_rows().details,
        )
    )
    sources.counts.append(Purged(source=CANARIES, rows=count, kept=count))


def _entry_rows(entries: list[Entry], categories: CategoryTable) -> Rows:
    known = [Details(e.make, e.model, e.year, e.colour, e.vehicle_class, e.descriptors) for e in entries]
    texts = [(row, details.packed()) for row, details in enumerate(known) if not details.is_empty]
    return Rows(
        plate=pack_all([entry.plate for entry in entries]),
        expires=np.array([entry.expires_s for entry in entries], np.uint32),
        jurisdiction=np.array([jurisdiction_number(entry.jurisdiction) for entry in entries], np.uint8),
        plate_type=np.array([plate_type_number(entry.plate_type) for entry in entries], np.uint8),
        category=np.array([categories.number(entry.category) for entry in entries], np.uint8),
        flags=np.array([INTERNAL * (e.scope == Scope.INTERNAL.value) for e in entries], np.uint8),
        details=DetailTexts(
            rows=np.array([row for row, _text in texts], np.uint32),
            ends=np.cumsum([len(text) for _row, text in texts], dtype=np.uint64),
            text=bytearray(b"".join(text for _row, text in texts)),
        ),
    )

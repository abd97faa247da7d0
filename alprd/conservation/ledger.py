"""The ledger on the unit: closes a minute when it is over, and writes minutes down ten at a time."""

from __future__ import annotations

import json
import logging
import secrets
from typing import TYPE_CHECKING, Final

from alprd.chain.disk import ChainFile
from alprd.chain.records import ChainKind
from alprd.conservation.minutes import FORMAT, KIND, OF_CATEGORY, Minute
from alprd.errors import BalanceError, ChainError, StorageError
from alprd.records import MonotonicNs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nacl.signing import SigningKey

    from alprd.chain.records import Head
    from alprd.meters import Tally
    from alprd.records import Instant

log = logging.getLogger(__name__)

FOLDER: Final = "conservation"
FILE: Final = "conservation.chain"
MINUTE_NS: Final = 60_000_000_000
MINUTES_A_RECORD: Final = 10
"""How many minutes are written down together: each write costs the card a page."""
_MAX_TEXT: Final = 3000
"""Bytes of a record's minutes, so that the record keeps within its limit."""
MAX_MINUTES: Final = 600
"""How many minutes wait at most while the disk fails; the balance of older ones is lost then."""
_COUNTS: Final = ("frames", "frames_wiped", "unread", "plates_read", "planted", "missed", "batched")


class ConservationLedger:
    """Counts of ``unit`` in ``folder``, signed with ``key``, taken from ``tally`` since ``now``.

    ``clock`` says what time it is, ``audit`` the audit log's head, ``evidence`` the number of the last sealed
    record; ``alarm`` is told of a minute that does not come out, which is written all the same. Raises
    `ChainError` for a ledger that was tampered with, and `StorageError`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        unit: str,
        key: SigningKey,
        tally: Tally,
        clock: Callable[[], Instant],
        audit: Callable[[], Head],
        evidence: Callable[[], int],
        now: MonotonicNs,
        alarm: Callable[[str], None],
    ) -> None:
        self._alarm = alarm
        self._tally, self._clock, self._audit, self._evidence = tally, clock, audit, evidence
        self._run = secrets.token_hex(8)
        kind = ChainKind(kind=KIND, unit=unit)
        self._chain = ChainFile(folder / FILE, kind, key, lambda _: self._fields([], is_last=False))
        self._began, self._minute = now, 0
        self._waiting: list[Minute] = []
        self._counted = dict.fromkeys(_COUNTS, 0)
        self._categories: dict[str, tuple[int, ...]] = {}
        self._in_hand = self._pending = 0

    @property
    def waiting(self) -> int:
        """How many minutes are not written down yet."""
        return len(self._waiting)

    def attend(self, now: MonotonicNs, pending: int) -> None:
        """Close the minute when it is over; ``pending`` hits wait. Call it between frames."""
        minute = (now - self._began) // MINUTE_NS
        if minute > self._minute:
            self._close(pending)
            self._minute = minute
            if len(self._waiting) >= MINUTES_A_RECORD:
                self._write(is_last=False)

    def note_verdict(self, pending: int) -> None:
        """Write down at once what led to a verdict."""
        self._close(pending)
        self._minute += 1
        self._began = MonotonicNs(self._began - MINUTE_NS)  # the minute that was cut short is over
        self._write(is_last=False)

    def close(self, pending: int) -> None:
        """Write down the last minutes of this run, and let go of the file."""
        self._close(pending)
        self._write(is_last=True)
        self._chain.close()

    def _close(self, pending: int) -> None:
        """Make a minute of what was counted since the one before."""
        tally = self._tally
        now = {name: int(getattr(tally, name)) for name in _COUNTS}
        since = {name: now[name] - self._counted[name] for name in _COUNTS}
        in_hand = now["frames"] - now["frames_wiped"]
        categories = {}
        for name, counts in tally.categories.items():
            before = self._categories.get(name, (0,) * len(OF_CATEGORY))
            change = tuple(a - b for a, b in zip(counts, before, strict=True))
            if any(change):
                categories[name] = change
        minute = Minute(
            minute=self._minute,
            in_hand_before=self._in_hand,
            in_hand=in_hand,
            frames=since["frames"],
            wiped=since["frames_wiped"],
            preserved=0,
            unread=since["unread"],
            reads=since["plates_read"],
            planted=since["planted"],
            pending_before=self._pending,
            pending=pending,
            missed=since["missed"],
            batched=since["batched"],
            categories=categories,
        )
        self._counted, self._in_hand, self._pending = now, in_hand, pending
        self._categories = {name: tuple(counts) for name, counts in tally.categories.items()}
        try:
            minute.check()
        except BalanceError as error:
            self._alarm(str(error))
        if not minute.is_idle:
            self._waiting = [*self._waiting, minute][-MAX_MINUTES:]

    def _write(self, *, is_last: bool) -> None:
        try:
            while self._waiting or is_last:
                part = fitting(self._waiting[:MINUTES_A_RECORD])
                rest = self._waiting[len(part) :]
                self._chain.append(self._fields(part, is_last=is_last and not rest))
                self._waiting = rest
                if not rest:
                    return
        except (StorageError, ChainError) as error:
            log.error("conservation ledger not written: %s; next: %s", error, error.next_step)  # noqa: TRY400 - a traceback could hold locals

    def _fields(self, minutes: list[Minute], *, is_last: bool) -> dict[str, object]:
        instant = self._clock()
        return {
            "format": FORMAT,
            "at": instant.at,
            "clock": instant.source.name,
            "run": self._run,
            "audit": str(self._audit()),
            "evidence": self._evidence(),
            "is_last": is_last,
            "minutes": [minute.as_fields() for minute in minutes],
        }


def fitting(minutes: list[Minute]) -> list[Minute]:
    """Return the first of ``minutes`` that fit into one record, one at least."""
    size = 0
    for place, minute in enumerate(minutes):
        size += len(json.dumps(minute.as_fields()))
        if size > _MAX_TEXT and place:
            return minutes[:place]
    return minutes

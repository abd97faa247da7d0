"""What officers say of hits, counted: statistics of stops and of the reader, without a plate."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from alprd.alerts.requests import ReportMessage
    from alprd.meters import Tally
    from alprd.records import AlertId, Hit

MAX_REPORTABLE: Final = 32
"""Confirmed hits of which the officer may still say what came of them; no plate is kept for it."""
_IN_DOUBT: Final = 0.5
"""A listed character of which a lookalike was read is never surer than this: see `desk.of_listed`."""


class Reports:
    """Counts into ``tally`` what came of confirmed hits, and what was misread."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._reportable: deque[AlertId] = deque(maxlen=MAX_REPORTABLE)

    def confirmed(self, alert_id: AlertId) -> None:
        """Let the officer say, once, what came of a confirmed hit."""
        self._reportable.append(alert_id)

    def report(self, report: ReportMessage) -> bool:
        """Count what came of a confirmed hit; False for a hit that was not confirmed, or is reported."""
        if report.alert_id not in self._reportable:
            return False
        self._reportable.remove(report.alert_id)
        for part in (report.live_check, report.action, report.notice):
            self._tally.reports[f"{type(part).__name__}.{part.name}"] += 1
        return True

    def misread(self, hit: Hit) -> None:
        """Count the listed characters of a misread hit that were in doubt, without the sample."""
        for character, share in zip(hit.entry.plate, hit.confidences, strict=True):
            if share <= _IN_DOUBT:
                self._tally.misread_characters[character] += 1

"""What officers say of hits, counted: statistics of stops and of the reader, without a plate."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from alprd.plates.alphabet import CHARACTERS

if TYPE_CHECKING:
    from alprd.alerts.requests import ReportMessage
    from alprd.meters import Tally
    from alprd.records import AlertId, Hit

MAX_REPORTABLE: Final = 32
"""Confirmed hits of which the officer may still say what came of them; no plate is kept for it."""


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
        """Count what was taken for what in a misread hit; in which plate, and at which place, is not kept."""
        for listed, held in hit.confused:
            self._tally.misread_pairs[f"{CHARACTERS[listed - 1]}/{CHARACTERS[held - 1]}"] += 1

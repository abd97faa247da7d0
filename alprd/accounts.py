"""The unit's books, kept in step: the audit log says who did what, the ledger what became of it all."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from alprd import __version__
from alprd.audit.events import Act
from alprd.audit.log import AuditLog
from alprd.conservation.ledger import ConservationLedger
from alprd.hotlist.categories import counted_as
from alprd.keys import load_privacy_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from alprd.alerts.requests import ReportMessage
    from alprd.evidence.disk import EvidenceStore
    from alprd.keys import UnitKeys
    from alprd.meters import Tally
    from alprd.records import Hit, Instant, MonotonicNs, Verdict
    from alprd.settings import Settings


log = logging.getLogger(__name__)


class Accounts:
    """Audit log and conservation ledger of one unit, in the folders that ``settings`` name.

    ``pending`` says how many hits wait, ``alarm`` is told when the counts do not come out. Raises
    `ChainError` for books that were tampered with, `KeysError` and `StorageError`.
    """

    def __init__(
        self,
        settings: Settings,
        keys: UnitKeys,
        *,
        tally: Tally,
        clock: Callable[[], Instant],
        store: EvidenceStore,
        pending: Callable[[], int],
        alarm: Callable[[str], None],
        now: MonotonicNs,
    ) -> None:
        self._pending = pending
        self._badge: str | None = None
        self._is_verdict_due = False
        self.audit = AuditLog(
            Path(settings.audit.folder),
            unit=keys.unit,
            key=keys.signing,
            privacy=load_privacy_key(Path(settings.keys.folder)),
            clock=clock,
        )
        self._ledger = ConservationLedger(
            Path(settings.conservation.folder),
            unit=keys.unit,
            key=keys.signing,
            tally=tally,
            clock=clock,
            audit=lambda: self.audit.head,
            evidence=lambda: store.next_sequence() - 1,
            now=now,
            alarm=alarm,
        )

    def state(self) -> dict[str, object]:
        """Return what the status says of the books."""
        return {
            "audit_head": str(self.audit.head),
            "audit_waiting": self.audit.waiting,
            "ledger_waiting": self._ledger.waiting,
        }

    def start(self) -> None:
        """Note that the unit has started."""
        self.audit.note(Act.UNIT_STARTED, subject=f"alprd {__version__}")

    def attend(self, now: MonotonicNs, badge: str | None, undertaking: str = "") -> None:
        """Note who is logged in, close minutes, and write down what waits.

        ``undertaking`` is the digest of what the officer signed, in hex.
        """
        if badge != self._badge:
            if self._badge is not None:
                self.audit.note(Act.SESSION_ENDED, badge=self._badge)
            if badge is not None:
                self.audit.note(Act.SESSION_BEGAN, badge=badge, subject=undertaking)
            self._badge = badge
        if self._is_verdict_due:
            self._is_verdict_due = False
            self._ledger.note_verdict(self._pending())
        self._ledger.attend(now, self._pending())
        self.audit.attend(now)

    def answered(self, hit: Hit, verdict: Verdict, badge: str) -> None:
        """Note a verdict. Only a plate that was CONFIRMED goes with it, sealed."""
        entry = hit.entry
        is_confirmed = verdict.name == "CONFIRMED"
        self.audit.note(
            Act.VERDICT,
            badge=badge,
            subject=f"{verdict.name} {_about(hit)}",
            plate=(entry.plate, entry.jurisdiction) if is_confirmed else None,
        )
        self._is_verdict_due = True

    def sealed(self, hit: Hit, badge: str, sequence: int) -> None:
        """Note a sealed record."""
        plate = (hit.entry.plate, hit.entry.jurisdiction)
        self.audit.note(Act.RECORD_SEALED, badge=badge, subject=f"record {sequence}", plate=plate)
        self._is_verdict_due = True

    def owner_shown(self, hit: Hit, badge: str) -> None:
        """Note that a registered owner was shown."""
        self.audit.note(Act.OWNER_SHOWN, badge=badge, subject=_about(hit))

    def log_in_refused(self, badge: str, why: str) -> None:
        """Note a log-in that was refused; ``badge`` is an officer's, or empty."""
        self.audit.note(Act.LOG_IN_REFUSED, badge=badge, subject=why)

    def camera_closed(self, badge: str, *, is_closed: bool) -> None:
        """Note that the officer, or somebody, has closed the camera, or opened it."""
        self.audit.note(Act.CAMERA_CLOSED if is_closed else Act.CAMERA_OPENED, badge=badge)

    def reported(self, badge: str, report: ReportMessage) -> None:
        """Note what came of a confirmed hit."""
        parts = (("live check", report.live_check), ("outcome", report.action), ("notice", report.notice))
        said = ", ".join(f"{name} {part.name}" for name, part in parts)
        self.audit.note(Act.HIT_REPORTED, badge=badge, subject=said)

    def case_changed(self, *, is_open: bool) -> None:
        """Note that the unit's case was opened, or is closed again."""
        if is_open:
            log.error("the unit's case was opened; next: see `alprctl docs failures`")
        else:
            log.warning("the unit's case is closed again")
        self.audit.note(Act.CASE_OPENED if is_open else Act.CASE_CLOSED)

    def list_taken_up(self, sequence: int | None) -> None:
        """Note the list that is in force from now on, None for none."""
        subject = "none" if sequence is None else f"list {sequence}"
        self.audit.note(Act.LIST_TAKEN_UP, subject=subject)

    def list_refused(self, error: Exception) -> None:
        """Note that a list was not taken up, and the kind of refusal."""
        self.audit.note(Act.LIST_REFUSED, subject=type(error).__name__)

    def reading(self, breach: str | None) -> None:
        """Note that reading was stopped because of ``breach``, or goes on."""
        self.audit.note(
            Act.READING_RESUMED if breach is None else Act.READING_STOPPED, subject=(breach or "")[:120]
        )

    def close(self) -> None:
        """Write down the end of this run, and let go of the files."""
        if self._badge is not None:
            self.audit.note(Act.SESSION_ENDED, badge=self._badge)
        self.audit.note(Act.UNIT_STOPPED)
        self._ledger.close(self._pending())
        self.audit.close()


def _about(hit: Hit) -> str:
    return f"{counted_as(hit.entry.category)}, list {hit.list_sequence}"

"""The alert desk: a hit waits here for the officer's verdict, and leaves sealed or wiped.

CONFIRMED seals one evidence record to disk; anything else wipes the slot. Nothing of a hit is
written before the verdict.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, Protocol, assert_never

import numpy as np

from alprd.alerts.messages import Outcome
from alprd.alerts.pending import PICTURE_HEIGHT, PICTURE_WIDTH, PendingHit, PendingHits
from alprd.errors import StorageError
from alprd.memory import locked_array, wipe
from alprd.plates.jurisdictions import jurisdiction_number
from alprd.records import Alert, EvidenceItem, Hit, MonotonicNs, Verdict
from alprd.vision.rectify import Rectifier

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from alprd.alerts.decide import RepeatGuard
    from alprd.camera.frame import Frame
    from alprd.hotlist.match import Match, Matcher
    from alprd.meters import Tally
    from alprd.plates.vote import FusedRead
    from alprd.records import AlertId, Answer, Fix, Instant

log = logging.getLogger(__name__)

STORE_AGAIN_NS: Final = 1_000_000_000
"""How long the desk waits before it tries again to store a confirmed hit."""


class AlertPort(Protocol):
    """The dash link, as the desk uses it."""

    def show(self, alert: Alert, picture: NDArray[np.uint8]) -> bool:
        """Queue ``alert`` with its picture (48, 144); False when the queue is full."""

    def conclude(self, alert_id: AlertId, outcome: Outcome) -> None:
        """Say how the alert ended and forget its picture."""


class EvidenceSink(Protocol):
    """Where sealed records go."""

    def next_sequence(self) -> int:
        """Return the number of the next record."""

    def append(self, blob: bytes, sequence: int) -> None:
        """Write one sealed record durably; StorageError when that fails."""


class Surroundings(Protocol):
    """What is known of place and time at a moment."""

    def fix(self, now: MonotonicNs) -> Fix | None:
        """Return a fix that is fresh at ``now``, else None."""

    def instant(self, now: MonotonicNs) -> Instant:
        """Return the time of day at ``now`` and what it rests on."""


class AlertDesk:
    """Holds hits in locked slots, puts them to the officer, and carries out the verdicts.

    ``seal`` turns an item into a sealed blob. ``matcher`` is the list in force, None while there is none.
    """

    def __init__(
        self,
        *,
        unit: str,
        dash: AlertPort,
        seal: Callable[[EvidenceItem], bytes],
        store: EvidenceSink,
        surroundings: Surroundings,
        pending: PendingHits,
        guard: RepeatGuard,
        tally: Tally,
    ) -> None:
        self._unit = unit
        self._dash = dash
        self._seal = seal
        self._store = store
        self._surroundings = surroundings
        self._pending = pending
        self._guard = guard
        self._tally = tally
        self._matcher: Matcher | None = None
        self._rectifier = Rectifier(PICTURE_HEIGHT, PICTURE_WIDTH)
        self._halves: NDArray[np.uint16] = locked_array((PICTURE_HEIGHT // 2, PICTURE_WIDTH // 2), "u2")
        self._dash_picture: NDArray[np.uint8] = locked_array((PICTURE_HEIGHT // 2, PICTURE_WIDTH // 2), "u1")

    @property
    def pending(self) -> int:
        """Number of hits that wait for a verdict."""
        return len(self._pending)

    def use(self, matcher: Matcher | None) -> None:
        """Take hits of another list from now on; entry numbers of the old one mean nothing any more."""
        self._matcher = matcher
        self._guard.clear()

    def take(
        self, match: Match, frame: Frame, corners: NDArray[np.float32], read: FusedRead, place: int
    ) -> bool:
        """Hold the plate picture of a hit and alert the officer; False when it is not put to them.

        The picture is this frame's, the confidences are those of all frames together. ``place`` is the
        plate's jurisdiction as far as it is known: see `Matcher.match`.
        """
        now, matcher = frame.captured_at, self._matcher
        if matcher is None or not self._guard.is_due(match.entry_number, now):
            return False
        if self._pending.is_full:
            return self._miss(match.entry_number)
        entry = matcher.entry(match)
        hit = Hit(
            entry_number=match.entry_number,
            entry=entry,
            chance=match.chance,
            doubts=match.doubts,
            differs_at=match.differs_at,
            confidence=float(read.score[0]),
            confidences=tuple(float(c) for c in read.confidences[: len(entry.plate)]),
            place_confidence=(
                float(read.place_confidence[0]) if place == jurisdiction_number(entry.jurisdiction) else None
            ),
            list_sequence=matcher.index.header.sequence,
            captured_at=now,
            instant=self._surroundings.instant(now),
            fix=self._surroundings.fix(now),
        )
        pending = self._pending.hold(hit, now)
        try:
            self._rectifier.warp(frame.main, corners, pending.picture)
            is_shown = self._show(pending, matcher)
        except BaseException:
            self._pending.wipe(pending.alert_id)
            raise
        finally:
            self._rectifier.wipe()
            wipe(self._halves, self._dash_picture)
        if not is_shown:
            self._pending.wipe(pending.alert_id)
            return self._miss(match.entry_number)
        self._tally.hits += 1
        return True

    def sighted(self, entry_number: int, at: MonotonicNs) -> None:
        """Note that the plate of a hit is still in view: its time without a second alert begins anew."""
        self._guard.is_due(entry_number, at)

    def shown(self, alert_id: AlertId, at: MonotonicNs) -> None:
        """Note that the dash unit has the alert since ``at``."""
        pending = self._pending.find(alert_id)
        if pending is not None:
            self._tally.frame_to_alert.add(at - pending.hit.captured_at)

    def answer(self, answer: Answer, now: MonotonicNs) -> None:
        """Carry out an officer's verdict; one for a hit that waits no more is told so."""
        pending = self._pending.find(answer.alert_id)
        if pending is None:
            self._dash.conclude(answer.alert_id, Outcome.EXPIRED)
            return
        match answer.verdict:
            case Verdict.CONFIRMED:
                self._confirm(pending, answer, now)
            case Verdict.MISREAD | Verdict.WRONG_JURISDICTION:
                self._tally.rejected += 1
                self._end(pending, Outcome.WIPED)
            case Verdict.UNANSWERED:
                self._tally.unanswered += 1
                self._end(pending, Outcome.EXPIRED)
            case _:
                assert_never(answer.verdict)

    def expire(self, now: MonotonicNs) -> None:
        """Store again what could not be stored, and wipe the hits whose time has passed."""
        for pending in self._pending:
            if pending.confirmed is not None and now >= (pending.store_again_at or now):
                self._confirm(pending, pending.confirmed, now)
        for pending in self._pending.overdue(now):
            self._drop(pending, Outcome.EXPIRED)

    def wipe(self) -> None:
        """Wipe every waiting hit: the daemon stops, and nobody can confirm them any more."""
        for pending in self._pending:
            self._drop(pending, Outcome.WITHDRAWN)

    def _show(self, pending: PendingHit, matcher: Matcher) -> bool:
        # The dash gets the 2x2 mean of the picture that evidence would keep.
        picture = pending.picture
        np.copyto(self._halves, picture[0::2, 0::2])
        for part in (picture[0::2, 1::2], picture[1::2, 0::2], picture[1::2, 1::2]):
            np.add(self._halves, part, out=self._halves)
        np.right_shift(self._halves, 2, out=self._halves)
        np.copyto(self._dash_picture, self._halves, casting="unsafe")
        age_s = max(0, pending.hit.instant.at // 1000 - matcher.index.header.created)
        alert = Alert(alert_id=pending.alert_id, hit=pending.hit, list_age_s=age_s)
        return self._dash.show(alert, self._dash_picture)

    def _miss(self, entry_number: int) -> bool:
        self._guard.forget(entry_number)
        self._tally.missed += 1
        return False

    def _confirm(self, pending: PendingHit, answer: Answer, now: MonotonicNs) -> None:
        hit = pending.hit
        try:
            sequence = self._store.next_sequence()
            item = EvidenceItem(
                unit=self._unit,
                sequence=sequence,
                plate=hit.entry.plate,
                jurisdiction=hit.entry.jurisdiction,
                category=hit.entry.category,
                confidence=hit.confidence,
                list_sequence=hit.list_sequence,
                captured=hit.instant,
                confirmed=self._surroundings.instant(now),
                fix=hit.fix,
                fix_age_ms=None if hit.fix is None else (hit.captured_at - hit.fix.received_at) // 1_000_000,
                badge=answer.badge,
                verdict=answer.verdict,
                picture_width=PICTURE_WIDTH,
                picture_height=PICTURE_HEIGHT,
                picture=pending.picture.tobytes(),
            )
            self._store.append(self._seal(item), sequence)
        except StorageError as error:
            # The officer has answered: the desk tries again by itself until the hit's time is over.
            if pending.confirmed is None:
                log.error("evidence not stored yet: %s; next: %s", error, error.next_step)  # noqa: TRY400 - a traceback could hold locals
            pending.confirmed = answer
            pending.store_again_at = MonotonicNs(now + STORE_AGAIN_NS)
            return
        self._tally.confirmed += 1
        self._end(pending, Outcome.SEALED)

    def _drop(self, pending: PendingHit, unanswered: Outcome) -> None:
        """Wipe a hit whose time is over: one that was confirmed counts as not stored."""
        if pending.confirmed is None:
            self._tally.unanswered += 1
            self._end(pending, unanswered)
        else:
            self._tally.not_stored += 1
            self._end(pending, Outcome.FAILED_TO_STORE)

    def _end(self, pending: PendingHit, outcome: Outcome) -> None:
        self._pending.wipe(pending.alert_id)
        self._dash.conclude(pending.alert_id, outcome)

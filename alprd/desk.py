"""The alert desk: a hit waits here for the officer's verdict, and leaves sealed or wiped.

CONFIRMED seals one evidence record to disk; anything else wipes the slot. Nothing of a hit is
written before the verdict.
"""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Final, assert_never

from alprd.alerts.decide import policy_of
from alprd.alerts.details import MAX_NAME, CategoryMessage, Detail, PersonMessage, VehicleMessage
from alprd.alerts.fields import cut_words
from alprd.alerts.messages import Outcome
from alprd.alerts.pending import PICTURE_HEIGHT, PICTURE_WIDTH, PendingHit, PendingHits
from alprd.alerts.unit_events import Sent
from alprd.errors import AlprdError, CustodianError, StorageError
from alprd.hotlist.categories import FIRST_ADDED, Category, counted_as
from alprd.hotlist.doubtful import confused_in, of_listed
from alprd.plates.jurisdictions import jurisdiction_number
from alprd.records import Alert, Counted, Doubt, EvidenceItem, Hit, MonotonicNs, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from alprd.alerts.decide import AnsweredGuard, PromptCap, RepeatGuard
    from alprd.alerts.reports import Reports
    from alprd.alerts.unit_events import Shown
    from alprd.camera.frame import Frame
    from alprd.desk_ports import AlertPort, Books, EvidenceSink, ListClock, Surroundings
    from alprd.hotlist.index import HotlistIndex
    from alprd.hotlist.match import Match, Matcher
    from alprd.meters import Tally
    from alprd.pictures import HitPictures
    from alprd.plates.vote import FusedRead
    from alprd.records import AlertId, Answer, Entry

log = logging.getLogger(__name__)

_LIVE_HINT: Final = "Look the plate up in the live system."
DEFAULT_OWNER_S: Final = 60
_OF_THE_DESK: Final = Doubt.LIST_STALE | Doubt.ANSWERED_BEFORE
"""Doubts that do not come from the frames, and stay with an alert."""
STORE_AGAIN_NS: Final = 1_000_000_000
"""How long the desk waits before it tries again to store a confirmed hit."""


def _percent(share: float) -> int:
    return round(100 * share)


class AlertDesk:
    """Holds hits in locked slots, puts them to the officer, and carries out the verdicts.

    ``seal`` seals an item, ``books`` notes verdicts, ``lists`` knows the age of the list in force.
    """

    def __init__(
        self,
        *,
        unit: str,
        dash: AlertPort,
        seal: Callable[[EvidenceItem], bytes],
        store: EvidenceSink,
        surroundings: Surroundings,
        lists: ListClock,
        pending: PendingHits,
        pictures: HitPictures,
        guard: RepeatGuard,
        answered: AnsweredGuard,
        cap: PromptCap,
        tally: Tally,
        books: Books,
        reports: Reports,
        owner_time_s: int = DEFAULT_OWNER_S,
    ) -> None:
        self._unit = unit
        self._dash = dash
        self._seal = seal
        self._store = store
        self._surroundings = surroundings
        self._lists = lists
        self._pending = pending
        self._pictures = pictures
        self._guard = guard
        self._answered = answered
        self._cap = cap
        self._tally = tally
        self._books = books
        self._reports = reports
        self._owner_time_s = owner_time_s
        self._matcher: Matcher | None = None
        self._undescribed: deque[AlertId] = deque()

    @property
    def pending(self) -> int:
        """Number of hits that wait for a verdict."""
        return len(self._pending)

    def use(self, matcher: Matcher | None) -> None:
        """Take hits of another list from now on; entry numbers of the old one mean nothing any more.

        A hit that waits and is not listed any more is withdrawn.
        """
        self._matcher = matcher
        self._guard.clear()
        for pending in self._pending:
            if matcher is not None and pending.confirmed is None and not matcher.lists(pending.hit.entry):
                self._tally.withdrawn += 1
                self._end(pending, Outcome.WITHDRAWN, Counted.WITHDRAWN)

    def take(
        self,
        match: Match,
        frame: Frame,
        boxes: NDArray[np.float32],
        plate: int,
        *,
        read: FusedRead,
        place: int,
    ) -> bool:
        """Hold the pictures of a hit and alert the officer; False when it is not put to them (yet).

        One that passes without a prompt of its own is told later, with others, and is wiped with the frame.
        Its plate is ``boxes[plate]`` of all plates of this frame, whose pictures are held; the confidences
        are those of all frames together. ``place`` is the plate's jurisdiction as far as it is known: see
        `Matcher.match`. That a canary was read is counted and logged, and nothing of it is shown, stored or
        asked for.
        """
        now, matcher = frame.captured_at, self._matcher
        if matcher is None or not self._guard.is_due(match.entry_number, now):
            return False
        if match.is_canary:
            self._tally.self_tests += 1
            log.info("self-test: a canary of list %d was read", matcher.index.header.sequence)
            return True
        entry = matcher.entry(match)
        if not self._cap.is_due(entry.priority, entry.category, now):
            self._tally.batched += 1
            return True
        if self._pending.is_full:
            return self._miss(match.entry_number)
        hit = self._hit(match, matcher, now, read=read, place=place)
        if entry.category >= FIRST_ADDED:
            self._name_category(entry.category, matcher)
        pending = self._pending.hold(hit, now)
        try:
            self._pictures.take(pending, frame.main, boxes, plate)
            is_shown = self._show(pending)
        except BaseException:
            self._pending.wipe(pending.alert_id)
            raise
        finally:
            self._pictures.wipe()
        if not is_shown:
            self._pending.wipe(pending.alert_id)
            return self._miss(match.entry_number)
        self._undescribed.append(pending.alert_id)
        self._tally.hits += 1
        self._tally.count(counted_as(entry.category), Counted.HITS)
        return True

    def _hit(self, match: Match, matcher: Matcher, now: MonotonicNs, *, read: FusedRead, place: int) -> Hit:
        """Return what the dash and a record are told of a match in the frame of ``now``."""
        entry = matcher.entry(match)
        is_place_known = place == jurisdiction_number(entry.jurisdiction)
        return Hit(
            entry_number=match.entry_number,
            entry=entry,
            chance=match.chance,
            doubts=match.doubts | self._doubts_of_the_desk(entry, now),
            confidence=float(read.score[0]),
            confidences=of_listed(read.confidences, match),
            place_confidence=float(read.place_confidence[0]) if is_place_known else None,
            list_sequence=matcher.index.header.sequence,
            captured_at=now,
            instant=self._surroundings.instant(now),
            fix=self._surroundings.fix(now),
            confused=confused_in(read, match),
        )

    def _name_category(self, number: int, matcher: Matcher) -> None:
        """Tell the dash what a category of the service's own is called."""
        facts = matcher.index.categories.facts(number)
        self._dash.name_category(CategoryMessage(number=number, english=facts.english, french=facts.french))

    def _doubts_of_the_desk(self, entry: Entry, now: MonotonicNs) -> Doubt:
        """Return what speaks against a stop beside what the frames show."""
        doubts = Doubt.LIST_STALE if self._lists.is_stale(now) else Doubt.NONE
        is_quiet = policy_of(entry.priority).is_quiet_when_answered
        if is_quiet and self._answered.knows(entry.plate, entry.jurisdiction):
            doubts |= Doubt.ANSWERED_BEFORE
        return doubts

    def describe(self) -> None:
        """Tell the dash what the list says of the vehicles of new hits.

        It reads the disk, and so comes after the alerts are on their way and their frames are wiped.
        """
        while self._undescribed:
            pending = self._pending.find(self._undescribed.popleft())
            if pending is not None:
                self._dash.describe(self._vehicle_of(pending.alert_id, pending.hit))

    def sighted(self, match: Match, at: MonotonicNs) -> None:
        """Note that the plate of a hit is still in view: its time without a second alert begins anew.

        What more frames make of it is told while it waits for a verdict.
        """
        self._guard.is_due(match.entry_number, at)
        for pending in self._pending:
            hit = pending.hit
            if hit.entry_number != match.entry_number or pending.confirmed is not None:
                continue
            doubts = match.doubts | (hit.doubts & _OF_THE_DESK)
            if (_percent(match.chance), doubts) == (_percent(hit.chance), hit.doubts):
                continue
            pending.hit = replace(hit, chance=match.chance, doubts=doubts)
            self._dash.update(
                pending.alert_id, chance=match.chance, place_confidence=hit.place_confidence, doubts=doubts
            )

    def reached(self, event: Sent | Shown) -> None:
        """Note that an alert is on the line to the dash unit, or that the dash unit has it."""
        pending = self._pending.find(event.alert_id)
        if pending is not None:
            times = self._tally.frame_to_dash if isinstance(event, Sent) else self._tally.frame_to_alert
            times.add(event.at - pending.hit.captured_at)

    def answer(self, answer: Answer, now: MonotonicNs) -> None:
        """Carry out an officer's verdict; one for a hit that waits no more is told so."""
        pending = self._pending.find(answer.alert_id)
        if pending is None:
            self._dash.conclude(answer.alert_id, Outcome.EXPIRED)
            return
        if answer.verdict is not Verdict.UNANSWERED:
            self._answered.note(pending.hit.entry.plate, pending.hit.entry.jurisdiction)
        match answer.verdict:
            case Verdict.CONFIRMED:
                self._books.answered(pending.hit, answer.verdict, answer.badge)
                self._confirm(pending, answer, now)
                self._disclose(pending, answer.badge)
            case Verdict.MISREAD | Verdict.WRONG_JURISDICTION:
                self._tally.rejected += 1
                if answer.verdict is Verdict.MISREAD:
                    self._reports.misread(pending.hit)
                self._end(pending, Outcome.WIPED, Counted[answer.verdict.name])
                self._books.answered(pending.hit, answer.verdict, answer.badge)
            case Verdict.DISMISSED:
                self._tally.dismissed += 1
                self._end(pending, Outcome.WIPED, Counted.DISMISSED)
                self._books.answered(pending.hit, answer.verdict, answer.badge)
            case Verdict.UNANSWERED:
                self._drop(pending, Outcome.EXPIRED)
            case _:
                assert_never(answer.verdict)

    def expire(self, now: MonotonicNs) -> None:
        """Store again what was not stored, wipe the hits whose time has passed, tell what was batched."""
        for batch in self._cap.batches(now):
            self._dash.batch(batch)
        for pending in self._pending:
            if pending.confirmed is not None and now >= (pending.store_again_at or now):
                self._confirm(pending, pending.confirmed, now)
        for pending in self._pending.overdue(now):
            self._drop(pending, Outcome.EXPIRED)

    def wipe(self) -> None:
        """Wipe every waiting hit: the daemon stops, and nobody can confirm them any more."""
        for pending in self._pending:
            self._drop(pending, Outcome.WITHDRAWN)

    def _vehicle_of(self, alert_id: AlertId, hit: Hit) -> VehicleMessage:
        try:
            vehicle = self._index_of(hit).vehicle(hit.entry_number, hit.entry.plate)
        except AlprdError as error:
            log.error("a listed vehicle cannot be shown: %s; next: %s", error, error.next_step)  # noqa: TRY400 - a traceback could hold locals
            return VehicleMessage(alert_id=alert_id, detail=Detail.UNREADABLE)
        if vehicle is None:
            return VehicleMessage(alert_id=alert_id, detail=Detail.NOT_LISTED)
        return VehicleMessage.of(
            alert_id,
            year=vehicle.year,
            make=vehicle.make,
            model=vehicle.model,
            colour=vehicle.colour,
            vehicle_class=vehicle.vehicle_class,
            descriptors=vehicle.descriptors,
        )

    def _disclose(self, pending: PendingHit, badge: str) -> None:
        """Open the registered owner, once, and send it on; nothing of it is kept here."""
        hit = pending.hit
        if hit.entry.category != Category.SUSPENDED_DRIVER:
            return  # the guidance names owners for one purpose: to tell a suspended driver who owns the plate
        detail, name, lens = Detail.LISTED, "", None
        try:
            person = self._index_of(hit).person(hit.entry_number, hit.entry.plate)
        except AlprdError as error:
            log.error("a registered owner cannot be shown: %s; next: %s", error, error.next_step)  # noqa: TRY400 - a traceback could hold locals
            detail = Detail.UNREADABLE
        else:
            if person is None:
                return
            name, lens = cut_words(person.name, MAX_NAME), person.corrective_lens
            self._books.owner_shown(hit, badge)
        self._dash.disclose(
            PersonMessage(
                alert_id=pending.alert_id,
                detail=detail,
                seconds=self._owner_time_s,
                plate=hit.entry.plate,
                category=hit.entry.category,
                name=name,
                corrective_lens=lens,
            )
        )

    def _index_of(self, hit: Hit) -> HotlistIndex:
        """Return the list of ``hit``, in which its entry number means something."""
        if self._matcher is None or self._matcher.index.header.sequence != hit.list_sequence:
            raise CustodianError("the list of this hit is no longer in force", hint=_LIVE_HINT)
        return self._matcher.index

    def _show(self, pending: PendingHit) -> bool:
        age_s = self._lists.age_s(pending.hit.captured_at) or 0
        alert = Alert(alert_id=pending.alert_id, hit=pending.hit, list_age_s=age_s)
        return self._dash.show(alert, self._pictures.dash)

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
                chance_percent=_percent(hit.chance),
                doubts=hit.doubts,
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
                context=None if pending.context is None else pending.context.tobytes(),
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
        self._reports.confirmed(pending.alert_id)
        self._end(pending, Outcome.SEALED, Counted.SEALED)
        self._books.sealed(hit, answer.badge, sequence)

    def _drop(self, pending: PendingHit, unanswered: Outcome) -> None:
        """Wipe a hit whose time is over: one that was confirmed counts as not stored."""
        if pending.confirmed is None:
            self._tally.unanswered += 1
            self._end(pending, unanswered, Counted.UNANSWERED)
            self._books.answered(pending.hit, Verdict.UNANSWERED, "")
        else:
            self._tally.not_stored += 1
            self._end(pending, Outcome.FAILED_TO_STORE, Counted.NOT_STORED)

    def _end(self, pending: PendingHit, outcome: Outcome, counted: Counted) -> None:
        self._tally.count(counted_as(pending.hit.entry.category), counted)
        self._pending.wipe(pending.alert_id)
        self._dash.conclude(pending.alert_id, outcome)

from __future__ import annotations

import pytest

from alprd.alerts.pending import LAST_ALERT_ID, PICTURE_HEIGHT, PICTURE_WIDTH, PendingHits
from alprd.records import AlertId, ClockSource, Entry, Hit, Instant, MonotonicNs, UnixMs

S = 1_000_000_000
START = MonotonicNs(5 * S)


def hit() -> Hit:
    return Hit(
        entry_number=3,
        entry=Entry(plate="ABCD123", jurisdiction="CA-ON", category=1, priority=5, expires=0),
        chance=0.999,
        confidence=0.9,
        confidences=(0.9,) * 7,
        place_confidence=None,
        list_sequence=1,
        captured_at=START,
        instant=Instant(at=UnixMs(0), source=ClockSource.UNTRUSTED),
        fix=None,
    )


def test_a_wiped_slot_is_zero_and_free_again() -> None:
    pending = PendingHits(2, 30)
    held = pending.hold(hit(), START)
    held.picture[:] = 77
    picture = held.picture
    pending.wipe(held.alert_id)
    assert not picture.any()
    assert len(pending) == 0
    assert pending.find(held.alert_id) is None
    pending.wipe(held.alert_id)
    assert len(pending._free) == 2


def test_a_wiped_context_is_zero_and_each_slot_has_one_of_its_own() -> None:
    pending = PendingHits(2, 30, has_context=True)
    held = [pending.hold(hit(), START) for _ in range(2)]
    contexts = [slot.context for slot in held if slot.context is not None]
    assert [context.shape for context in contexts] == [(4, 12)] * 2
    for number, context in enumerate(contexts):
        context[:] = number + 1
    assert [int(context.max()) for context in contexts] == [1, 2]
    pending.wipe(held[0].alert_id)
    assert not contexts[0].any()
    assert contexts[1].all()


def test_a_slot_of_a_unit_that_keeps_the_plate_alone_has_no_room_for_a_context() -> None:
    assert PendingHits(1, 30).hold(hit(), START).context is None


def test_a_full_desk_says_so_and_takes_no_more() -> None:
    pending = PendingHits(2, 30)
    pending.hold(hit(), START)
    assert not pending.is_full
    pending.hold(hit(), START)
    assert pending.is_full
    with pytest.raises(IndexError):
        pending.hold(hit(), START)


def test_each_slot_has_a_picture_of_its_own() -> None:
    pending = PendingHits(3, 30)
    held = [pending.hold(hit(), START) for _ in range(3)]
    for number, slot in enumerate(held):
        assert slot.picture.shape == (PICTURE_HEIGHT, PICTURE_WIDTH)
        slot.picture[:] = number + 1
    assert [int(slot.picture.min()) for slot in held] == [1, 2, 3]
    assert [int(slot.picture.max()) for slot in held] == [1, 2, 3]
    for slot in held:
        pending.wipe(slot.alert_id)
    assert not any(slot.picture.any() for slot in held)


@pytest.mark.parametrize(("age_s", "is_overdue"), [(0, False), (29.999, False), (30, True), (31, True)])
def test_a_hit_is_overdue_from_its_time_limit_on(age_s: float, is_overdue: bool) -> None:  # noqa: FBT001
    pending = PendingHits(1, 30)
    pending.hold(hit(), START)
    assert bool(pending.overdue(MonotonicNs(START + int(age_s * S)))) is is_overdue


def test_alert_ids_begin_again_after_the_last_and_never_are_zero() -> None:
    pending = PendingHits(1, 30)
    pending._last_id = LAST_ALERT_ID - 1
    ids = []
    for _ in range(2):
        held = pending.hold(hit(), START)
        ids.append(held.alert_id)
        pending.wipe(held.alert_id)
    assert ids == [AlertId(LAST_ALERT_ID), AlertId(1)]

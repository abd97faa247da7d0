"""Every frame and every hit is accounted for, and a total can be computed anew by anybody."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from nacl.signing import SigningKey

from alprd.chain.disk import read_file
from alprd.chain.records import ChainKind, Head
from alprd.conservation.ledger import FILE, MINUTE_NS, ConservationLedger
from alprd.conservation.minutes import compare, read_minute, totals
from alprd.errors import BalanceError
from alprd.hotlist.categories import Category
from alprd.meters import Tally
from alprd.records import ClockSource, Counted, Instant, MonotonicNs, UnixMs

if TYPE_CHECKING:
    from pathlib import Path

KEY = SigningKey(bytes(range(32)))
KIND = ChainKind(kind="conservation", unit="car-12")
NOW = Instant(at=UnixMs(1_800_000_000_000), source=ClockSource.NTP)


class Books:
    """A ledger in ``folder`` and the tally that it reads; ``minute`` lets one pass."""

    def __init__(self, folder: Path) -> None:
        self.tally, self.pending, self.evidence, self.now = Tally(), 0, 0, MonotonicNs(5)
        self.alarms: list[str] = []
        self.folder = folder
        self.ledger = ConservationLedger(
            folder,
            unit="car-12",
            key=KEY,
            tally=self.tally,
            clock=lambda: NOW,
            audit=Head,
            evidence=lambda: self.evidence,
            now=self.now,
            alarm=self.alarms.append,
        )

    def frames(self, count: int) -> None:
        self.tally.frames += count
        self.tally.frames_wiped += count

    def hit(self, category: str = "stolen-plate") -> None:
        self.tally.count(category, Counted.HITS)
        self.pending += 1

    def end(self, what: Counted, category: str = "stolen-plate") -> None:
        self.tally.count(category, what)
        self.pending -= 1
        self.evidence += what is Counted.SEALED
        self.ledger.note_verdict(self.pending)

    def minute(self, count: int = 1) -> None:
        for _ in range(count):
            self.now = MonotonicNs(self.now + MINUTE_NS)
            self.ledger.attend(self.now, self.pending)

    def records(self) -> list[dict[str, Any]]:
        chain = read_file(self.folder / FILE, KIND, KEY.verify_key)
        assert chain.fault is None
        return [dict(record.fields) for record in chain.records]

    def totals(self) -> dict[str, Any]:
        return totals("car-12", self.records())


def test_ten_minutes_are_one_record_and_idle_ones_none(tmp_path: Path) -> None:
    books = Books(tmp_path)
    books.minute(30)
    assert books.records() == []
    for _ in range(10):
        books.frames(900)
        books.minute()
    (record,) = books.records()
    assert [minute["frames"] for minute in record["minutes"]] == [900] * 10
    assert [minute["minute"] for minute in record["minutes"]] == list(range(30, 40))
    assert not record["is_last"]


def test_a_verdict_is_written_down_at_once(tmp_path: Path) -> None:
    books = Books(tmp_path)
    books.frames(5)
    books.hit()
    books.end(Counted.SEALED)
    (record,) = books.records()
    assert record["evidence"] == 1
    assert record["minutes"][0]["categories"] == {"stolen-plate": [1, 1, 0, 0, 0, 0, 0, 0]}


def test_totals_are_those_of_all_that_was_counted(tmp_path: Path) -> None:
    books = Books(tmp_path)
    books.frames(100)
    books.tally.plates_read, books.tally.unread, books.tally.planted = 40, 7, 1
    books.hit()
    books.minute()
    books.hit("amber-alert")
    books.end(Counted.MISREAD)
    books.frames(3)
    books.end(Counted.SEALED, "amber-alert")
    books.ledger.close(0)
    computed = books.totals()
    assert {name: computed[name] for name in ("frames", "wiped", "unread", "reads", "planted", "hits")} == {
        "frames": 103,
        "wiped": 103,
        "unread": 7,
        "reads": 40,
        "planted": 1,
        "hits": 2,
    }
    assert (computed["sealed"], computed["misread"], computed["runs"], computed["runs_cut"]) == (1, 1, 1, 0)
    assert computed["categories"]["amber-alert"]["sealed"] == 1
    compare(computed, json.loads(json.dumps(computed)))
    with pytest.raises(BalanceError, match="published frames is 104"):
        compare(computed, {**computed, "frames": 104})


def test_a_frame_that_is_lost_alarms_at_once_and_fails_every_total(tmp_path: Path) -> None:
    books = Books(tmp_path)
    books.frames(10)
    books.tally.frames += 1  # it came in, and was not wiped
    books.minute()
    assert books.alarms == [], "it may still be in hand"
    books.ledger.close(0)
    with pytest.raises(BalanceError, match="ended with frames in hand"):
        books.totals()


def test_a_frame_that_is_wiped_and_never_came_in_alarms(tmp_path: Path) -> None:
    books = Books(tmp_path)
    books.frames(10)
    books.tally.frames_wiped += 1
    books.minute()
    assert books.alarms == ["minute 0: a count is no whole number from 0"]


def test_a_hit_that_is_kept_and_not_counted_alarms_and_fails_every_total(tmp_path: Path) -> None:
    books = Books(tmp_path)
    books.frames(10)
    books.hit()
    books.pending = 0
    books.minute()
    assert books.alarms == ["minute 0: 1 hits came in and 0 are accounted for"]
    books.ledger.close(0)
    with pytest.raises(BalanceError, match=r"run [0-9a-f]{16}: minute 0: 1 hits"):
        books.totals()


def test_a_run_that_power_cut_is_counted_as_such(tmp_path: Path) -> None:
    first = Books(tmp_path)
    first.frames(10)
    first.hit()
    first.end(Counted.UNANSWERED)
    second = Books(tmp_path)
    second.frames(5)
    second.ledger.close(0)
    computed = second.totals()
    assert (computed["runs"], computed["runs_cut"], computed["frames"]) == (2, 1, 15)


def test_a_record_that_was_sealed_when_power_went_is_named(tmp_path: Path) -> None:
    books = Books(tmp_path)
    books.frames(1)
    books.evidence = 1
    books.ledger.close(0)
    assert books.totals()["sealed_uncounted"] == 1


def test_every_category_fits_into_the_records(tmp_path: Path) -> None:
    books = Books(tmp_path)
    for _ in range(10):
        for category in Category:
            books.hit(category.slug)
            books.tally.count(category.slug, Counted.UNANSWERED)
            books.pending -= 1
        books.minute()
    books.ledger.close(0)
    assert books.totals()["hits"] == 10 * len(Category)
    assert len(books.records()) > 1


GOOD = {
    "minute": 0, "in_hand_before": 1, "in_hand": 0, "frames": 9, "wiped": 10, "preserved": 0, "unread": 2,
    "reads": 3, "planted": 0, "pending_before": 1, "pending": 1, "missed": 0, "batched": 0,
    "categories": {"stolen-plate": [2, 1, 1, 0, 0, 0, 0, 0]},
}  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"frames": 10},
        {"wiped": 9},
        {"preserved": 1},
        {"in_hand": 1},
        {"unread": 11},
        {"pending": 0},
        {"frames": -9},
        {"frames": 9.0},
        {"categories": {"stolen-plate": [2, 1, 1, 0, 0]}},
        {"categories": {"stolen-plate": [3, 1, 1, 0, 0, 0]}},
        {"categories": []},
        {"more": 1},
    ],
)
def test_a_minute_that_does_not_come_out_is_refused(change: dict[str, Any]) -> None:
    assert read_minute(GOOD).frames == 9
    with pytest.raises(BalanceError):
        read_minute({**GOOD, **change})


def test_minutes_that_do_not_follow_each_other_are_named(tmp_path: Path) -> None:
    books = Books(tmp_path)
    books.hit()
    books.minute()
    books.end(Counted.MISREAD)
    books.ledger.close(0)
    records = books.records()
    assert totals("car-12", records)["hits"] == 1
    records[0]["minutes"][1]["pending_before"] = 0
    records[0]["minutes"][1]["categories"] = {}
    with pytest.raises(BalanceError, match="does not begin with what the one before ended with"):
        totals("car-12", records)
    with pytest.raises(BalanceError, match="comes after the end of the run"):
        totals("car-12", [*books.records(), books.records()[0]])

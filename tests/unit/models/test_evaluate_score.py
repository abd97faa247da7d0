"""Scores, confidences and confusions of reads that are written by hand."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.evaluate.bench import OperatingPoint, Read, corners_of
from models.evaluate.calibration import Acceptance, acceptance, calibration_error, reliability
from models.evaluate.confusions import aligned, confusions, is_alike, named
from models.evaluate.reading import Reading
from models.evaluate.score import Counts, Evaluated, by_place, counted, normal, scored, swept, together
from models.evaluate.table import set_table, sweep_table
from models.evaluate.truth import Box, Label

if TYPE_CHECKING:
    from collections.abc import Mapping

PLATE = Box(440, 300, 740, 450)
ELSEWHERE = Box(0, 0, 100, 50)
TEXT = st.text("AB01", max_size=6)


def read(
    text: str, confidence: float = 0.95, box: Box = PLATE, *, place: str = "", sure: float = 0.9
) -> Read:
    """A whole read, partial where its text holds a question mark."""
    return Read(
        corners=corners_of(box), text=text, confidence=confidence, characters=(confidence,) * len(text),
        is_partial="?" in text, place=place, place_confidence=sure if place else 0.0,
    )  # fmt: skip


def label(text: str, place: str = "") -> Label:
    return Label("a.jpg", PLATE, text, place)


def reading(reads: Mapping[str, list[Read]], *, by_boxes: bool = False) -> Reading:
    return Reading(
        name="set", images=Path(), runtime="litert", point=OperatingPoint(0.9, 0.8), is_by_boxes=by_boxes,
        reads=dict(reads), ms=dict.fromkeys(reads, 5.0), stages={}, peak_mib=50.0,
    )  # fmt: skip


@pytest.mark.parametrize(("text", "plain", "folded"), [("ab-o 1i", "ABO1I", "AB011"), ("", "", "")])
def test_texts_are_compared_without_spaces_and_marks(text: str, plain: str, folded: str) -> None:
    assert normal(text) == plain
    assert normal(text, fold=True) == folded


def test_a_read_counts_as_exact_folded_found_or_false() -> None:
    labels = {"a.jpg": [label("AB0123")], "b.jpg": [label("XYZ 987")], "c.jpg": [label("QQ1")]}
    reads = {
        "a.jpg": [read("ABO123"), read("NOISE1", box=ELSEWHERE)],
        "b.jpg": [read("XYZ987", box=ELSEWHERE)],
    }
    assert counted(reads, labels) == Counts(plates=3, exact=1, fold=2, found=1, false=2)


def test_no_labels_give_no_score_and_no_error() -> None:
    assert counted({}, {}) == Counts()
    _, (row,) = set_table([scored(reading({"a.jpg": []}), {}, 0.2)])
    assert row[3:6] == ("-", "-", "-")


def test_a_partial_read_is_no_output_and_is_counted_by_itself() -> None:
    score = scored(reading({"a.jpg": [read("AB?123")]}), {"a.jpg": [label("AB0123")]}, 0.2)
    assert score.counts == Counts(plates=1)
    assert (score.partial, score.texts, score.accepted) == (1, [], 0)


def test_what_reaches_the_operating_point_is_accepted_and_right_or_not() -> None:
    labels = {name: [label("AB123")] for name in ("a", "b", "c", "d")}
    reads = {
        "a": [read("AB123", 0.95), read("ZZ9", 0.99, ELSEWHERE)],
        "b": [read("AB124", 0.9)],
        "c": [read("AB123", 0.89)],
        "d": [],
    }
    score = scored(reading(reads), labels, 0.2)
    assert (score.accepted, score.accepted_right, score.accepted_elsewhere) == (2, 1, 1)
    assert sorted(score.texts) == [(0.89, True), (0.9, False), (0.95, True)]


def test_a_place_is_answered_at_its_operating_point_and_right_or_not() -> None:
    labels = {
        "a": [label("A1", "US-NY")],
        "b": [label("A1", "US-NY")],
        "c": [label("A1")],
        "d": [label("A1", "CA-ON")],
    }
    reads = {
        "a": [read("A1", place="US-NY")],
        "b": [read("A1", place="CA-ON")],
        "c": [read("A1", place="CA-ON")],
        "d": [read("A1", place="CA-ON", sure=0.79)],
    }
    score = scored(reading(reads), labels, 0.2)
    assert (score.place_known, score.place_answered, score.place_right) == (3, 2, 1)
    assert sorted(score.places) == [(0.79, True), (0.9, False), (0.9, True)]
    places = by_place([Evaluated(reading(reads), labels, score)], 0.2)
    assert list(places) == ["US-NY", "", "CA-ON"]
    assert (places["US-NY"].plates, places["US-NY"].answered, places["US-NY"].right) == (2, 2, 1)
    assert (places["CA-ON"].fold, places["CA-ON"].answered) == (1, 0)


def test_characters_are_judged_where_the_text_is_alike() -> None:
    labels = {"a": [label("AB123")], "b": [label("AB123")]}
    reads = {"a": [read("AB128", 0.7)], "b": [read("QQQQQ", 0.6)]}
    score = scored(reading(reads), labels, 0.2)
    assert Counter(score.characters) == {(0.7, True): 4, (0.7, False): 1}


def test_a_sweep_counts_for_each_least_confidence() -> None:
    one = reading({"a.jpg": [read("A1", 0.55), read("B2", 0.35, ELSEWHERE)]})
    table = {least: (x.fold, x.false) for least, x in swept(one, {"a.jpg": [label("A1")]})}
    assert (table[0.0], table[0.3], table[0.4], table[0.6]) == ((1, 1), (1, 1), (1, 0), (0, 0))


def test_the_sweeps_table_shows_what_a_threshold_accepts_and_answers() -> None:
    labels = {"a": [label("A1", "US-NY")], "b": [label("A1", "US-NY")]}
    one = reading({"a": [read("A1", 0.92, place="US-NY", sure=0.55)], "b": [read("B2", 0.62, place="CA-ON")]})
    _, rows = sweep_table(swept(one, labels), scored(one, labels, 0.2))
    cells = {row[0]: tuple(row[5:]) for row in rows}
    assert cells["0.50"] == ("100.0", "50.0", "100.0", "50.0")
    assert cells["0.70"] == ("50.0", "100.0", "50.0", "0.0")
    assert cells["0.95"] == ("0.0", "-", "0.0", "-")


def test_sets_together_are_the_sum_of_their_plates() -> None:
    labels = {"a": [label("AB123")]}
    scores = [scored(reading({"a": [read(text)]}), labels, 0.2) for text in ("AB123", "AB124")]
    total = together("both", scores)
    assert total.counts == Counts(plates=2, exact=1, fold=1, found=2)
    assert (total.accepted, total.accepted_right, len(total.texts), total.median_ms) == (2, 1, 2, 5.0)
    assert total.peak_mib == 50.0


def test_a_confidence_that_is_a_probability_has_no_calibration_error() -> None:
    judged = [(0.75, i < 3) for i in range(4)] + [(0.25, i < 1) for i in range(4)]
    assert calibration_error(judged) == pytest.approx(0)
    assert calibration_error([(1.0, False)]) == 1
    assert calibration_error([]) is None


def test_the_calibration_error_counts_each_bin_by_what_it_holds() -> None:
    judged = [(0.95, True)] * 3 + [(0.55, False)]
    assert [(b.count, b.right) for b in reliability(judged)] == [(1, 0), (3, 1)]
    assert calibration_error(judged) == pytest.approx((3 * 0.05 + 0.55) / 4)


def test_a_threshold_accepts_equal_confidences_together() -> None:
    curve = acceptance([(0.9, True), (0.5, False), (0.5, True)], plates=6)
    assert curve == [Acceptance(0.9, 1 / 6, 1.0), Acceptance(0.5, 0.5, 2 / 3)]


@pytest.mark.parametrize(
    ("wanted", "found", "counts"),
    [
        ("ABC0123", "ABCO123", {("0", "O"): 1}),
        ("ABC123", "AB123", {("C", ""): 1}),
        ("AB123", "AB1234", {("", "4"): 1}),
        ("SAME", "SAME", {}),
    ],
)
def test_confusions_are_found_by_the_fewest_edits(
    wanted: str, found: str, counts: dict[tuple[str, str], int]
) -> None:
    assert confusions([(wanted, found)]) == (Counter(counts), 0)


def test_another_text_is_no_confusion() -> None:
    assert confusions([("ABC123", "XYZ987"), ("ABC123", "ABC128")]) == (Counter({("3", "8"): 1}), 1)


def test_confusions_have_names() -> None:
    assert [named("0", "O"), named("C", ""), named("", "4")] == ["0 read as O", "C left out", "4 added"]


@given(TEXT, TEXT)
def test_an_alignment_holds_both_texts_in_order(wanted: str, found: str) -> None:
    steps = aligned(wanted, found)
    assert "".join(step[0] for step in steps) == wanted
    assert "".join(step[1] for step in steps) == found
    assert [step[2] for step in steps if step[1]] == list(range(len(found)))
    assert sum(step[0] != step[1] for step in steps) <= max(len(wanted), len(found))
    assert is_alike(aligned(wanted, wanted))

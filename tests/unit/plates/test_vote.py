"""The vote over the reads of one plate."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from alprd.plates.alphabet import CHARACTERS
from alprd.plates.jurisdictions import jurisdiction_name, jurisdiction_number
from alprd.plates.likeness import FLOOR, LIKENESS
from alprd.plates.places import NOT_KNOWN
from alprd.plates.vote import AlertRule, FusedRead, Votes
from tests.sim.reads import drawn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tests.sim.reads import DrawnRead

PLATE = "CKHA482"


def vote(*reads: DrawnRead, votes: Votes | None = None, plate: int = 0) -> FusedRead:
    """What is fused in the frame of the last of ``reads``, one a frame, all of one plate."""
    votes = votes or Votes(2)
    for read in reads:
        votes.wipe_frame()
        votes.take(0, read, read.length)
        votes.weigh(1)
        votes.cast(0, plate)
        votes.fuse(np.array([plate], np.intp))
    votes.fuse_place(0, plate)
    return votes.fused[0]


def text(fused: FusedRead) -> str:
    return "".join(CHARACTERS[code - 1] for code in fused.codes[: fused.length[0]])


def test_the_character_that_most_frames_read_is_fused() -> None:
    fused = vote(drawn(PLATE), drawn("CKHA487"), drawn(PLATE))
    assert text(fused) == PLATE
    assert not fused.codes[len(PLATE) :].any()
    assert fused.votes[0] == 2


def test_the_place_that_most_frames_tell_is_fused_and_weighed_with_the_serial_once() -> None:
    reads = [drawn("ABC1234", place=place, place_sure=0.6) for place in ("US-NY", "US-OH", "US-NY")]
    fused = vote(*reads)
    assert jurisdiction_name(int(fused.place[0])) == "US-NY"
    assert 0.6 < fused.place_confidence[0] < 1


def test_of_a_single_frame_its_own_place_is_told() -> None:
    fused = vote(drawn(PLATE, place="CA-ON", place_sure=0.8))
    assert jurisdiction_name(int(fused.place[0])) == "CA-ON"
    # Ontario's own pattern: what is of other patterns is left with 0.3 of its chance.
    assert 0.8 < fused.place_confidence[0] < 0.95


@pytest.mark.parametrize(("accept", "known"), [(0.5, True), (0.999, False)])
def test_a_place_is_known_from_the_rules_confidence_on(accept: float, known: bool) -> None:  # noqa: FBT001 - a parameter
    fused = vote(drawn(PLATE, place="CA-ON"))
    expected = jurisdiction_number("CA-ON") if known else NOT_KNOWN
    assert fused.place_known(AlertRule(place_accept=accept)) == expected


def test_a_place_elsewhere_is_not_known() -> None:
    assert vote(drawn(PLATE, place="??")).place_known(AlertRule(place_accept=0.5)) == NOT_KNOWN


def test_frames_with_different_errors_make_one_right_text() -> None:
    fused = vote(drawn("XKHA482"), drawn("CKHX482"), drawn("CKHA48X"))
    assert text(fused) == PLATE
    assert fused.votes[0] == 2


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (1, 2, 0)])
def test_one_frame_that_is_sure_and_wrong_cannot_outvote_two_that_are_less_sure(
    order: tuple[int, ...],
) -> None:
    wrong = drawn("CKHA487", 1.0, score=1.0)
    right = drawn(PLATE, 0.8, score=0.5, other={6: ("7", 0.05)})
    reads = [wrong, right, right]
    assert text(vote(*(reads[i] for i in order))) == PLATE


def test_what_one_frame_can_say_against_a_character_is_bounded() -> None:
    assert vote(drawn("2", 1.0)).margin[0] == pytest.approx(-math.log(FLOOR), rel=1e-4)


def test_a_single_frame_has_one_vote_and_is_matched_only_where_one_is_enough() -> None:
    fused = vote(drawn(PLATE, 0.999, score=0.999))
    assert fused.votes[0] == 1
    assert not fused.is_matchable(AlertRule(votes=2))
    assert fused.is_matchable(AlertRule(votes=1))


def test_of_a_single_frame_its_own_confidences_are_told() -> None:
    fused = vote(drawn(PLATE, 0.97, score=0.88))
    assert fused.score[0] == pytest.approx(0.88)
    assert fused.confidences[:7] == pytest.approx([0.97] * 7)
    assert vote(drawn(PLATE, score=0.88), drawn("CKHA48?")).score[0] != pytest.approx(0.88)


def test_the_length_that_most_frames_read_is_fused() -> None:
    fused = vote(drawn(PLATE), drawn("CKHA42"), drawn(PLATE), drawn("CKHAA482"))
    assert text(fused) == PLATE
    assert fused.votes[0] == 2


def test_frames_that_disagree_on_the_length_make_the_text_less_likely() -> None:
    agreeing, quarrelling = vote(drawn(PLATE), drawn(PLATE)), vote(drawn(PLATE), drawn("CKHA42"))
    assert quarrelling.score[0] < 0.6 < agreeing.score[0]


def test_more_frames_make_the_text_likelier() -> None:
    scores = [float(vote(*[drawn(PLATE)] * count).score[0]) for count in (2, 3, 4, 8)]
    assert scores == sorted(scores)
    assert len(set(scores)) == 4


def test_frames_that_all_waver_alike_never_become_sure() -> None:
    fused = vote(*[drawn(PLATE, 0.9, other={6: ("7", 0.3)})] * 500)
    most = math.log(0.9 / 0.3) / LIKENESS
    assert most * 0.98 < fused.margin[0] < most < math.log(99)


def test_the_margin_is_that_over_lookalikes_alone() -> None:
    wavering = {6: ("E", 0.4)}
    assert vote(drawn(PLATE, 0.5, other=wavering)).margin[0] > 2
    assert vote(drawn(PLATE, 0.5, other={6: ("7", 0.4)})).margin[0] == pytest.approx(
        math.log(5 / 4), rel=1e-3
    )


def test_the_least_likely_place_decides_the_margin() -> None:
    fused = vote(drawn("8OO2", 0.9, other={0: ("B", 0.05), 3: ("7", 0.09)}))
    assert fused.margin[0] == pytest.approx(math.log(10), rel=1e-3)


def test_confidences_stand_at_their_characters() -> None:
    fused = vote(*[drawn(PLATE, 0.9, other={3: ("4", 0.6)})] * 2)
    assert np.argmin(fused.confidences[:7]) == 3
    assert (fused.confidences[:7] > 0).all()
    assert not fused.confidences[7:].any()
    assert fused.score[0] <= fused.confidences[:7].prod() * 1.0001


def test_a_partial_read_alone_makes_no_text() -> None:
    fused = vote(*[drawn("CKHA48?")] * 5)
    assert fused.length[0] == fused.votes[0] == 0
    assert not fused.codes.any()


def test_partial_reads_that_hide_different_characters_make_no_text() -> None:
    assert vote(drawn("CKHA48?"), drawn("?KHA482"), drawn("CKHA48?"), drawn("?KHA482")).length[0] == 0


def test_a_partial_read_votes_where_it_read_and_nowhere_else() -> None:
    fused = vote(drawn(PLATE), drawn("CKHA48?"))
    assert text(fused) == PLATE
    assert fused.votes[0] == 1, "the hidden character has the vote of the full read alone"
    assert vote(drawn(PLATE), drawn("CKHA48?"), drawn("?KHA482")).votes[0] == 2


def test_a_partial_read_of_another_length_adds_nothing() -> None:
    full, other = drawn(PLATE), drawn("CKHA?82X")
    alone, with_other = vote(full, full), vote(full, other, full)
    assert text(with_other) == PLATE
    assert with_other.votes[0] == alone.votes[0] == 2
    assert with_other.score[0] == pytest.approx(alone.score[0])


def test_a_plate_that_the_edge_cuts_adds_nothing() -> None:
    assert vote(*[drawn("CKHA4", is_cut=True)] * 3).length[0] == 0
    fused = vote(drawn(PLATE), *[drawn(PLATE, is_cut=True)] * 3)
    assert fused.votes[0] == 1


def test_plates_are_voted_on_apart() -> None:
    votes = Votes(3)
    for _ in range(2):
        votes.wipe_frame()
        for i, plate in enumerate((PLATE, "AB12")):
            votes.take(i, drawn(plate), len(plate))
        votes.weigh(2)
        votes.cast(0, 2)
        votes.cast(1, 0)
        votes.fuse(np.array([2, 0], np.intp))
    assert [text(fused) for fused in votes.fused[:2]] == [PLATE, "AB12"]
    assert [int(fused.votes[0]) for fused in votes.fused[:2]] == [2, 2]
    assert not votes.fused[2].codes.any()


def test_a_read_of_no_plate_gets_no_text() -> None:
    votes = Votes(2)
    vote(drawn(PLATE), drawn(PLATE), votes=votes)
    votes.wipe_frame()
    votes.take(0, drawn(PLATE), 7)
    votes.weigh(1)
    votes.fuse(np.array([-1], np.intp))
    assert votes.fused[0].length[0] == 0
    assert not votes.fused[0].codes.any()


@pytest.mark.parametrize(
    ("other", "least", "most"),
    [
        (PLATE, 1.0, 1.0),
        ("CKHA487", 0.8, 0.9),
        ("CKHA48", 1.0, 1.0),
        ("KHA482", 1.0, 1.0),
        ("CKHHA482", 1.0, 1.0),
        ("482", 1.0, 1.0),
        ("82", 0.0, 0.0),
        ("CKHA4?2", 1.0, 1.0),
        ("BRVN957", 0.0, 0.0),
        ("", 0.0, 0.0),
    ],
)
def test_a_plate_is_known_again_by_its_characters(other: str, least: float, most: float) -> None:
    votes = Votes(1)
    vote(drawn(PLATE), votes=votes)
    votes.wipe_frame()
    votes.take(0, drawn(other), len(other))
    votes.weigh(1)
    assert least <= votes.likeness(0, 0) <= most


@pytest.mark.parametrize(
    ("rule", "is_certain", "would_alert"),
    [
        (AlertRule(votes=2, stop_chance=0.95), True, True),
        (AlertRule(votes=3, stop_chance=0.95), True, False),
        (AlertRule(stop_chance=0.9999), False, False),
        (AlertRule(stop_chance=0.95, odds=10_000), False, False),
        (AlertRule(stop_chance=0.9999, doubtful_votes=2), False, True),
        (AlertRule(stop_chance=0.9999, doubtful_votes=2, min_chance=0.9999), False, False),
    ],
)
def test_a_doubtful_text_alerts_only_with_more_votes_and_from_the_least_chance_on(
    rule: AlertRule,
    is_certain: bool,  # noqa: FBT001 - a case's expectation
    would_alert: bool,  # noqa: FBT001
) -> None:
    fused = vote(*[drawn(PLATE, 0.98, other={6: ("7", 0.01)})] * 2)
    assert fused.is_certain(rule) is is_certain
    assert fused.would_alert(rule) is would_alert


def arrays(votes: Votes) -> dict[str, NDArray[Any]]:
    return {name: value for name, value in vars(votes).items() if isinstance(value, np.ndarray)}


def test_every_array_is_of_a_frame_or_of_the_plates_and_is_wiped_as_such() -> None:
    votes = Votes(2)
    vote(drawn(PLATE), drawn(PLATE), votes=votes)
    votes._shared.fill(1)
    of_plates = {
        name for name, array in arrays(votes).items() if any(array is kept for kept in votes._of_plates)
    }
    assert of_plates
    votes.wipe_frame()
    assert {name for name, array in arrays(votes).items() if array.any()} == of_plates
    votes.wipe_plate(1)
    assert {name for name, array in arrays(votes).items() if array.any()} == of_plates
    votes.wipe_plate(0)
    assert not any(array.any() for array in arrays(votes).values())


def test_wiping_all_leaves_nothing() -> None:
    votes = Votes(2)
    vote(drawn(PLATE), votes=votes)
    votes.wipe()
    assert not any(array.any() for array in arrays(votes).values())


def test_between_frames_no_row_of_codes_is_kept() -> None:
    votes = Votes(2)
    read = drawn(PLATE)
    vote(read, read, read, votes=votes)
    votes.wipe_frame()
    codes = read.codes[: len(PLATE)]
    kept = b"|".join(array.tobytes() for array in arrays(votes).values())
    for needle in (codes, codes - 1):
        for kind in (np.uint8, np.uint16, np.intp, np.float32):
            assert needle.astype(kind).tobytes() not in kept

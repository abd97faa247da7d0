"""How likely the fused text is the plate's."""

from __future__ import annotations

import numpy as np
import pytest

from alprd.plates.alphabet import CHARACTERS
from alprd.plates.chance import BACKED
from alprd.plates.likeness import ALIKE, LIKENESS
from tests.sim.reads import drawn
from tests.unit.plates.test_vote import PLATE, vote

CLEAR = 0.999


def code_of(character: str) -> int:
    return CHARACTERS.index(character)


def test_frames_that_err_alike_do_so_as_often_as_their_likeness_says() -> None:
    assert ALIKE[:3] == pytest.approx([1, 1, LIKENESS])
    assert ALIKE[3] == pytest.approx(LIKENESS * 2 * LIKENESS / (1 + LIKENESS))
    assert (np.diff(ALIKE[1:]) < 0).all()


@pytest.mark.parametrize("score", [0.8, 0.95, 0.999])
def test_the_chance_of_one_frame_is_its_score(score: float) -> None:
    assert vote(drawn(PLATE, CLEAR, score=score)).chance[0] == pytest.approx(score, abs=1e-3)


@pytest.mark.parametrize("frames", [2, 3, 4, 8])
def test_of_frames_that_agree_the_reader_s_score_and_their_likeness_decide(frames: int) -> None:
    fused = vote(*[drawn(PLATE, CLEAR, score=0.9)] * frames)
    wrong = ALIKE[frames] * 0.1 / 0.9
    assert fused.chance[0] == pytest.approx(1 / (1 + wrong), rel=1e-3)


def test_frames_whose_scores_differ_count_by_their_geometric_mean() -> None:
    fused = vote(drawn(PLATE, CLEAR, score=0.9), drawn(PLATE, CLEAR, score=0.999))
    assert 1 / fused.chance[0] - 1 == pytest.approx(LIKENESS * 0.01 / 0.99, rel=1e-2)


def test_a_character_that_the_frames_quarrel_about_costs_chance() -> None:
    agreed = vote(*[drawn(PLATE, 0.9, score=0.95)] * 4)
    quarrel = vote(*[drawn(PLATE, 0.9, score=0.95)] * 3, drawn("CKHE482", 0.9, score=0.95))
    assert quarrel.chance[0] < 0.98
    assert agreed.chance[0] > 0.99


def test_what_the_floor_alone_gives_a_character_costs_nothing() -> None:
    fused = vote(*[drawn(PLATE, CLEAR, score=0.999)] * 2)
    assert fused.score[0] < 0.95, "thirty-five floors at seven places"
    assert fused.chance[0] > 0.999


def test_what_frames_waver_about_alike_costs_chance_however_many_they_are() -> None:
    wavering = drawn(PLATE, 0.8, score=0.9, other={6: ("7", 0.15)})
    chances = [float(vote(*[wavering] * count).chance[0]) for count in (2, 8, 500)]
    assert chances == sorted(chances)
    assert chances[-1] < 0.997


def test_a_quarrel_about_the_length_costs_chance() -> None:
    reads = [drawn(PLATE, CLEAR, score=0.9)] * 3
    assert vote(*reads, drawn("CKHA48", CLEAR, score=0.9)).chance[0] < vote(*reads).chance[0] - 0.005


@pytest.mark.parametrize(("chance", "frames"), [(BACKED * 0.99, 0), (BACKED * 1.01, 3)])
def test_a_frame_backs_what_it_could_have_read(chance: float, frames: int) -> None:
    fused = vote(*[drawn(PLATE, 0.8, other={6: ("7", chance)})] * 3)
    assert fused.backings[6, code_of("7")] == frames
    assert fused.backings[6, code_of("2")] == 3
    assert not fused.backings[7:].any()


def test_a_frame_backs_nothing_where_it_could_not_make_a_character_out() -> None:
    hidden = drawn("CKHA48?", 0.5, other={6: ("7", 0.3)})
    assert vote(drawn(PLATE), hidden).backings[6, code_of("7")] == 0


def test_a_lookalike_that_any_frame_read_is_a_dispute() -> None:
    assert not vote(*[drawn(PLATE)] * 3).is_disputed[0]
    assert vote(*[drawn(PLATE)] * 3, drawn("CKHA487")).is_disputed[0]
    assert not vote(*[drawn(PLATE)] * 3, drawn("CKHA48X")).is_disputed[0], "no lookalike of 2"


def test_the_odds_of_others_are_those_of_the_vote_without_the_floor() -> None:
    fused = vote(*[drawn(PLATE, 0.8, other={6: ("7", 0.15)})] * 2)
    seven, four = code_of("7"), code_of("4")
    worth = 1 / (1 + LIKENESS)
    floor = (0.005 / 0.8) ** (2 * worth)
    assert fused.others[6, seven] == pytest.approx((0.15 / 0.8) ** (2 * worth) - floor, rel=1e-2)
    assert fused.others[6, seven] < fused.odds[6, seven]
    assert fused.others[6, four] == 0

"""An alert that says how likely it is right is right that often: simulated passes through the unit's own way.

Every lookalike of every plate that passes is listed, so that whatever it is taken for is.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from alprd.hotlist.match import Matcher
from alprd.plates.alphabet import CHARACTERS
from alprd.plates.likeness import LIKENESS
from alprd.plates.normal import encode
from tests.sim.false_matches import Alerts, Nearby, alerts_on
from tests.sim.lists import index_of
from tests.sim.passes import CHARACTER_ERROR, Passes
from tests.unit.plates.test_variants import lookalikes_of

PLATES = 2000
BINS = (0.5, 0.97, 0.99, 1.01)
LETTERS = "ABCDEFHJKLMNPRSTVWXYZ"


def plates(count: int, seed: int) -> list[str]:
    rng = np.random.default_rng(seed)
    letters, figures = rng.choice(list(LETTERS), (count, 4)), rng.choice(list(CHARACTERS[:10]), (count, 3))
    return ["".join(row) for row in np.concatenate([letters, figures], axis=1)]


@cache
def alerts(*, is_listed: bool, boast: float = 1.0) -> Alerts:
    """The alerts of passes of plates of which all lookalikes are listed, and they themselves or not."""
    texts = plates(PLATES, seed=5)
    near = set().union(*(lookalikes_of(text) for text in texts))
    listed = near | set(texts) if is_listed else near - set(texts)
    passes = Passes(1024, 7, boast=boast)
    codes = np.stack([encode(text) for text in texts])
    return alerts_on(Matcher(index_of(*listed), now_s=0), passes, codes, np.random.default_rng(6))


@pytest.mark.parametrize(("low", "high"), list(pairwise(BINS)))
def test_alerts_of_a_chance_are_right_that_often(low: float, high: float) -> None:
    count, said, found = alerts(is_listed=True).reliability(low, high)
    assert count > 100
    # Four standard errors, and what a model of the frames' likeness may be off.
    assert found == pytest.approx(said, abs=0.02 + 4 * np.sqrt(said * (1 - said) / count))


def test_of_a_reader_that_boasts_the_chances_are_wrong() -> None:
    count, said, found = alerts(is_listed=True, boast=20).reliability(0.99, 1.01)
    assert count > 1000
    assert found < said - 0.005


def test_most_listed_plates_alert() -> None:
    found = alerts(is_listed=True)
    assert found.count(right=True) > 0.7 * PLATES
    assert found.count(right=True, stop_grade=True) > 0.05 * PLATES


def test_plates_whose_every_lookalike_is_listed_seldom_alert_and_hardly_ever_stop_grade() -> None:
    found = alerts(is_listed=False)
    assert 0 < found.count(right=False) < 0.05 * PLATES
    assert found.count(right=False, stop_grade=True) <= 0.001 * PLATES
    assert found.count(right=True) == 0


def test_leaving_out_what_is_near_nothing_listed_leaves_out_no_alert() -> None:
    texts = plates(600, seed=7)
    listed = texts[:200]
    codes, matcher = np.stack([encode(text) for text in texts]), Matcher(index_of(*listed), now_s=0)
    nearby = Nearby(codes[:200], 7)
    passes = Passes(1024, 7)
    every, near = (
        alerts_on(matcher, passes, codes, np.random.default_rng(8), nearby=which) for which in (None, nearby)
    )
    assert every == near
    assert every.count(right=True) > 100


def test_the_simulated_reader_errs_as_often_as_it_says_and_its_frames_alike_as_theirs() -> None:
    passes = Passes(1, 7)
    codes = np.tile(encode("ABCD123"), (20_000, 1))
    drawn = passes.draw(codes, 3, np.random.default_rng(9))
    is_wrong = drawn.looks[:, 0] != codes[:, :7]
    assert is_wrong.mean() == pytest.approx(CHARACTER_ERROR, rel=0.05)
    assert is_wrong.mean() == pytest.approx(drawn.errors.mean(), rel=0.05)
    for one, other in ((0, 1), (0, 2), (1, 2)):
        hard = drawn.errors > 0.1
        alike = np.corrcoef(is_wrong[one][hard], is_wrong[other][hard])[0, 1]
        assert alike == pytest.approx(LIKENESS, abs=0.05)

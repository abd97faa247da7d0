"""The documented day, 32 flags in 22 minutes with 27 expired stickers, on a line of true speed."""

from __future__ import annotations

import pytest

from alprd.alerts.decide import PROMPTS_PER_MINUTE
from tests.budgets.bench_dash import busy_day


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_the_officer_gets_few_prompts_and_no_urgent_one_is_late(seed: int) -> None:
    day = busy_day(seed)
    assert day["flags"] == 32
    assert day["prompts"] <= 22
    assert day["most_prompts_in_a_minute"] <= PROMPTS_PER_MINUTE
    assert day["high_class_missed"] == 0
    assert day["high_class_longest_delay_ms"] < 200, "of the line's own clock"
    assert day["lines_for_the_rest"] >= 1

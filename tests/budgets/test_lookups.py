"""What a read's lookup with all its lookalikes may cost: a share of one run, never a time of a machine."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from alprd.hotlist.match import Matcher
from alprd.plates.variants import Variants
from alprd.plates.vote import AlertRule
from tests.budgets.bench_matches import doubted
from tests.sim.lists import opened
from tests.sim.ontario import codes_of, listed_numbers, synthetic

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS = 100_000
ROUNDS = 400
MOST_TIMES = 4.0
"""Of a bare lookup of its keys; making the texts of a read and wiping them is the rest."""


def median_ns(work: Callable[[], object]) -> float:
    spent = []
    for _ in range(ROUNDS):
        began = time.thread_time_ns()
        work()
        spent.append(time.thread_time_ns() - began)
    return float(np.median(spent))


def test_a_read_with_all_its_lookalikes_costs_few_times_the_bare_lookup() -> None:
    index = opened(synthetic(ROWS, 0))
    matcher, rule = Matcher(index, now_s=0), AlertRule()
    codes = codes_of(listed_numbers(ROWS)[:1] + np.uint64(1))
    read = doubted(codes[0])
    variants = Variants()
    keys = variants.keys[variants.of(read, rule.votes, with_all=False)]
    rows = np.zeros(len(keys), np.int64)
    bare = median_ns(lambda: index.find(keys, rows))
    whole = median_ns(lambda: matcher.finds(read, rule))
    assert whole < MOST_TIMES * bare, (whole, bare)

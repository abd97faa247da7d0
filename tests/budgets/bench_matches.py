"""The part of the hotlist's bench that matches reads: how long it takes, and how often it is wrong."""

from __future__ import annotations

import math
import time
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.plates.alphabet import CODES, MAX_CHARACTERS
from alprd.plates.lookalikes import LOOKALIKES
from alprd.plates.variants import DOUBTFUL, KEYS, Variants
from alprd.plates.vote import AlertRule
from tests.sim.false_matches import AT_ONCE, Alerts, Nearby, alerts_on
from tests.sim.ontario import ONTARIO_PLATES, codes_of, listed_numbers
from tests.sim.passes import Passes
from tests.sim.reads import fused_read

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from alprd.hotlist.match import Matcher
    from alprd.plates.vote import FusedRead

DIFFERENT_READS: Final = 512
LOOKUPS: Final = 40 * DIFFERENT_READS
LENGTH: Final = 7
PASSES: Final = 1_000_000
FEWER: Final = 5
"""The cases that are not the figure's own are measured on as many times fewer passes."""
LISTED_SHARE: Final = 50
BOAST: Final = 4.0
STEPS: Final = 150
_STILL: Final[NDArray[np.uint64]] = np.zeros(KEYS, np.uint64)
SURE: Final = (0.5, 0.9, 0.97, 0.99, 0.995, 1.01)
CONFIDENCE: Final = 0.95


def look_ups(matcher: Matcher, rows: int) -> dict[str, float]:
    """Time the lookup of a read with all its lookalikes, every one of them likely, and that of a hit."""
    rng, rule = np.random.default_rng(7), AlertRule()
    drawn = [
        doubted(codes)
        for codes in codes_of(rng.integers(0, ONTARIO_PLATES, DIFFERENT_READS, dtype=np.uint64))
    ]
    hits = [fused_read(codes, LENGTH) for codes in codes_of(listed_numbers(rows)[:DIFFERENT_READS])]
    keys = Variants().of(drawn[0], rule.votes, with_all=False)
    changes = np.count_nonzero(LOOKALIKES[drawn[0].codes])
    if keys.stop - keys.start != 1 + changes + math.comb(min(changes, DOUBTFUL), 2):
        raise SystemExit("a read is not looked up with all its lookalikes")
    asked = timed(lambda number: matcher.finds(drawn[number], rule))
    still = timed(lambda _: step())
    hit = timed(lambda number: matcher.match(hits[number], rule))
    return {
        "find_p50_us": asked[0],
        "find_p99_us": asked[1],
        "find_busy_p99_us": asked[2],
        "find_best_p99_us": asked[3],
        "still_p50_us": still[0],
        "still_p99_us": still[1],
        "match_p99_us": hit[1],
    }


def step() -> None:
    """Do as many small steps as a lookup has, on the same few bytes: what varies here is the machine."""
    for _ in range(STEPS):
        np.add(_STILL, _STILL, out=_STILL)


def doubted(codes: NDArray[np.uint8]) -> FusedRead:
    """A read of ``codes`` that could be any other text as well."""
    read = fused_read(codes, LENGTH)
    read.others[:] = np.linspace(0.1, 0.2, MAX_CHARACTERS * (CODES - 1)).reshape(read.others.shape)
    read.backings[:] = 9
    return read


def timed(work: Callable[[int], object]) -> tuple[float, float, float, float]:
    """Return p50 and p99 of ``work`` on one number after the other, and p99 of the processor's time; us.

    The last is p99 over the numbers, of each the quickest time: what the work takes where nothing interrupts.
    """
    spent, busy = np.zeros(LOOKUPS), np.zeros(LOOKUPS)
    for number in range(LOOKUPS):
        start, began = time.perf_counter_ns(), time.thread_time_ns()
        work(number % DIFFERENT_READS)
        busy[number] = time.thread_time_ns() - began
        spent[number] = time.perf_counter_ns() - start
    best = spent.reshape(-1, DIFFERENT_READS).min(axis=0)
    p50, p99 = np.percentile(spent, (50, 99))
    return (
        us(float(p50)),
        us(float(p99)),
        us(float(np.percentile(busy, 99))),
        us(float(np.percentile(best, 99))),
    )


def us(time_ns: float) -> float:
    return round(time_ns / 1e3, 1)


def false_matches(matcher: Matcher, rows: int, passes: int) -> dict[str, float]:
    """Let plates pass that are listed or not, and count what alerts: per million passes, or in shares."""
    listed = listed_numbers(rows)
    is_listed = np.zeros(ONTARIO_PLATES, np.bool_)
    is_listed[listed.astype(np.int64)] = True
    numbers = np.random.default_rng(11).integers(0, ONTARIO_PLATES, passes + passes // 5, dtype=np.uint64)
    others = codes_of(numbers[~is_listed[numbers.astype(np.int64)]][:passes])
    nearby = Nearby(codes_of(listed), LENGTH)
    count = max(1, passes // LISTED_SHARE)
    there = codes_of(np.random.default_rng(12).choice(listed, count))

    def run(codes: NDArray[np.uint8], model: Passes) -> Alerts:
        return alerts_on(matcher, model, codes, np.random.default_rng(13), nearby=nearby)

    model = Passes(AT_ONCE, LENGTH)
    there_not = run(others, model)
    figures: dict[str, float] = {"passes": len(others)} | wrong(there_not, "")
    found = run(there, model)
    figures["listed_right_share"] = round(found.count(right=True) / count, 4)
    figures["listed_right_stop_share"] = round(found.count(right=True, stop_grade=True) / count, 4)
    figures["listed_wrong_per_million"] = per_million(found.count(right=False), count)
    figures |= reliability(there_not, found, rows / ONTARIO_PLATES)
    fewer = others[: max(1, passes // FEWER)]
    figures |= wrong(run(fewer, Passes(AT_ONCE, LENGTH, likeness=0)), "apart_")
    return figures | wrong(run(fewer, Passes(AT_ONCE, LENGTH, boast=BOAST)), "boast_")


def wrong(alerts: Alerts, case: str) -> dict[str, float]:
    """Return the alerts on plates that are not listed, with what they could be by chance at most."""
    stop, passes = alerts.count(right=False, stop_grade=True), alerts.passes
    return {
        f"{case}wrong_stop_per_million": per_million(stop, passes),
        f"{case}wrong_stop_per_million_at_most": per_million(most_likely_mean(stop), passes),
        f"{case}wrong_per_million": per_million(alerts.count(right=False), passes),
    }


def reliability(not_listed: Alerts, listed: Alerts, share: float) -> dict[str, float]:
    """Return how much more often than they say alerts are right, by what they say.

    Of all plates that pass ``share`` are listed: alerts on either count as often as there are such plates.
    """
    figures = {}
    for low, high in pairwise(SURE):
        weight = said = right = 0.0
        for alerts, part in ((not_listed, 1 - share), (listed, share)):
            count, mean, found = alerts.reliability(low, high)
            one = part / alerts.passes
            weight, said, right = weight + one * count, said + one * count * mean, right + one * count * found
        if weight:
            figures[f"right_beyond_said_{low}"] = round((right - said) / weight, 4)
    return figures


def per_million(count: float, passes: int) -> float:
    return round(1e6 * count / passes, 2)


def most_likely_mean(count: int) -> float:
    """Return the mean from which on ``count`` events or fewer are less likely than 1 - `CONFIDENCE`."""
    low, high = 0.0, 10.0 + 4 * count
    for _ in range(60):
        mean = (low + high) / 2
        term = total = math.exp(-mean)
        for k in range(1, count + 1):
            term *= mean / k
            total += term
        low, high = (mean, high) if total > 1 - CONFIDENCE else (low, mean)
    return high

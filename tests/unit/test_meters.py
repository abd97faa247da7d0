from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from alprd.meters import CaseSwitch, Durations, Heat

if TYPE_CHECKING:
    from pathlib import Path


def test_no_duration_has_no_percentile() -> None:
    assert Durations().percentile_ms(50) is None
    assert Durations().max_ms is None


@given(st.lists(st.integers(0, 3_000_000_000), min_size=1, max_size=200))
def test_a_percentile_is_never_below_the_exact_one(durations_ns: list[int]) -> None:
    durations = Durations()
    for duration_ns in durations_ns:
        durations.add(duration_ns)
    for percent in (50, 99):
        exact_ms = float(np.percentile(durations_ns, percent, method="inverted_cdf")) / 1e6
        given_ms = durations.percentile_ms(percent)
        assert given_ms is not None
        assert given_ms >= min(exact_ms, 2000) - 0.001
        assert given_ms <= exact_ms + 0.101
    assert durations.max_ms == round(max(durations_ns) / 1e6, 3)


def test_peak_resident_memory_grows_with_what_is_touched_and_not_with_the_parents() -> None:
    program = (
        "import numpy as np; from alprd.meters import Heat, peak_resident_mib as peak; before = peak();"
        "np.ones(64 * 2**20, np.uint8); print(before, peak())"
    )
    own = np.ones(200 * 2**20, np.uint8)  # the parent's peak, which an exec carries over in getrusage
    told = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    before, after = map(float, told.stdout.split())
    assert before < own.nbytes / 2**20
    assert 60 < after - before < 80


def test_the_processor_is_hot_from_eighty_and_cool_below_seventy_five(tmp_path: Path) -> None:
    sensor = tmp_path / "temp"
    heat = Heat(sensor)
    told = []
    for value in ("79999", "80000", "75001", "74999", "79999", "hot", "90000"):
        sensor.write_text(value + "\n")
        heat.measure()
        told.append(heat.is_hot)
    assert told == [False, True, True, False, False, False, True]
    sensor.unlink()
    heat.measure()
    assert not heat.is_hot


def test_a_case_is_open_unless_its_switch_says_that_it_is_closed(tmp_path: Path) -> None:
    switch = tmp_path / "intrusion0_alarm"
    switch.write_text("0\n")
    case = CaseSwitch(str(switch))
    assert (case.measure(), case.is_open) == (False, False)
    switch.write_text("1\n")
    assert (case.measure(), case.is_open) == (True, True)
    assert (case.measure(), case.is_open) == (False, True), "said once"
    switch.write_text("0\n")
    assert (case.measure(), case.is_open) == (True, False)
    for torn in ("", "00", "closed", "0" * 99):
        switch.write_text(torn)
        case.measure()
        assert case.is_open
        switch.write_text("0")
        case.measure()
    switch.unlink()
    assert (case.measure(), case.is_open) == (True, True), "its wire may have been cut"


def test_a_unit_without_a_switch_is_never_open() -> None:
    case = CaseSwitch("")
    assert (case.measure(), case.is_open) == (False, False)

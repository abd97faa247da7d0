"""The fuzz harness itself: its seeds hold, and where atheris is installed it runs for a moment."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.hotlist import one_input
from tests.vectors.hotlist.made import GOOD, ROOT_RECORD
from tests.vectors.sealed_cases import read_cases

TREE = Path(__file__).resolve().parents[2]


def test_every_vector_is_a_seed_that_ends_well() -> None:
    cases = read_cases("hotlist") + read_cases("categories")
    for case in cases:
        one_input(case.data[:4096])
    assert len(cases) > 130


@settings(max_examples=60)
@given(st.binary(max_size=300) | st.sampled_from([GOOD, ROOT_RECORD.pack()]))
def test_only_the_project_s_own_errors_come_out(data: bytes) -> None:
    one_input(data)


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris is not installed")
def test_atheris_finds_nothing_in_a_moment(tmp_path: Path) -> None:
    for case in read_cases("hotlist") + read_cases("categories"):
        (tmp_path / case.name).write_bytes(case.data)
    words = [sys.executable, "-m", "tests.fuzz.hotlist", "-max_total_time=30", str(tmp_path)]
    done = subprocess.run(words, cwd=TREE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]

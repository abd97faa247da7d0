"""What a process that matches has in its memory, seen from outside."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from alprd.hotlist.disk import LIST_FILE
from alprd.hotlist.tags import tags_of
from alprd.memory import ENVIRONMENT
from alprd.plates.normal import WEIGHTS
from alprd.witness.process import search_memory
from alprd.witness.search import Patterns
from tests.sim.list_reader import LENGTH, drawn_reads
from tests.vectors.hotlist.made import TAG_KEY, Made, Row

ROOT = Path(__file__).resolve().parents[3]


def listed_rows() -> tuple[Row, ...]:
    keys = np.random.default_rng(21).integers(1, 37, size=(300, 10)).astype(np.uint64) * WEIGHTS
    return tuple((int(key), 0, 9, 1, 11, 3, 0) for key in sorted(set(keys.sum(axis=1).tolist())))


def forms_of_a_read() -> dict[str, bytes]:
    """Return what the matcher makes of each drawn read: its digits, weighted digits and packed key."""
    needles: dict[str, bytes] = {}
    for number, codes in enumerate(drawn_reads()):
        digits = codes.astype(np.uint64)
        needles[f"read {number} digits"] = digits[:LENGTH].tobytes()
        needles[f"read {number} weighted"] = (digits * WEIGHTS)[:LENGTH].tobytes()
        key = (digits * WEIGHTS).sum(dtype=np.uint64)
        needles[f"read {number} key"] = key.tobytes()
        needles[f"read {number} tag"] = tags_of(np.array([key]), TAG_KEY).tobytes()
    return needles


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs Linux's /proc")
def test_a_list_stands_once_in_memory_until_it_is_wiped_and_a_read_never(tmp_path: Path) -> None:
    made = Made(rows=listed_rows())
    body = made.built().body
    (tmp_path / LIST_FILE).write_bytes(made.data())
    reads = forms_of_a_read()
    listed = {"list start": body.residuals[:3].tobytes(), "list end": body.residuals[-3:].tobytes()}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.sim.list_reader", tmp_path],
        cwd=ROOT,
        env={
            **os.environ,
            **ENVIRONMENT,
        },  # as the unit runs: every object that is freed goes to the C library
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        assert reader.stdout.readline() == "matched\n"
        found = search_memory(reader.pid, Patterns({**listed, **reads})).found
        assert (found.pop("list start"), found.pop("list end")) == (1, 1), "and so the witness can see"
        assert found == {}
        reader.stdin.write("wipe\n")
        reader.stdin.flush()
        assert reader.stdout.readline() == "wiped\n"
        assert search_memory(reader.pid, Patterns(listed)).found == {}
        reader.stdin.close()
    assert reader.returncode == 0

"""The dash line carries the text of listed plates only: every byte on a real pty is looked at."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from alprd.plates.normal import encode, pack
from alprd.records import Verdict
from tests.sim.bench import Bench
from tests.sim.taps import TappedPort

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sim.recording import Passing


def test_only_the_hit_crosses_the_line(tmp_path: Path, passing: Passing) -> None:
    bench = Bench(
        tmp_path / "unit", passing.folder, listed=[passing.listed], answer=lambda _: Verdict.CONFIRMED
    )
    tape, lock = bytearray(), threading.Lock()
    bench.dash._opener = lambda: TappedPort(bench.dash_fd, tape, lock)
    with bench:
        summary = bench.finish()
    assert summary["plates_read"] > summary["hits"] == 1
    heard = bytes(tape)
    assert passing.listed.encode() in heard, "the tap hears nothing"
    assert len(passing.others) >= 2
    for plate in passing.others:
        codes = encode(plate)[: len(plate)].tobytes()
        for needle in (plate.encode(), plate.encode("utf-16-le"), codes, pack(plate).to_bytes(8, "little")):
            assert needle not in heard

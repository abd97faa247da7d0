"""Until an officer with a named session says CONFIRMED, no file changes because of a hit."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from alprd.records import Verdict
from tests.sim.bench import Bench

if TYPE_CHECKING:
    from pathlib import Path

    from alprd.alerts.messages import AlertMessage
    from tests.sim.recording import Passing

LOG = "daemon.log"


def everything_in(folder: Path) -> dict[str, bytes]:
    """All files below ``folder`` but the log, which is searched on its own."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != LOG
    }


def test_a_waiting_hit_is_in_no_file(tmp_path: Path, passing: Passing) -> None:
    may_answer = threading.Event()

    def answer(_alert: AlertMessage) -> Verdict:
        assert may_answer.wait(60)
        return Verdict.CONFIRMED

    bench = Bench(tmp_path / "unit", passing.folder, listed=[passing.listed], answer=answer)
    bench.folder.mkdir(exist_ok=True)
    with bench:
        try:
            bench.wait_for(lambda state: state["pending"] == 1 and state["frames"] == 10)
            before = everything_in(bench.folder)
            assert bench.records() == []
            written = {name for name, content in before.items() if passing.listed.encode() in content}
            assert written == {"list.csv"}, "only the office's own list may hold the plate"
            assert passing.listed not in bench.log()
        finally:
            may_answer.set()
        bench.finish()
        after = everything_in(bench.folder)
    changed = {name for name in after if after[name] != before.get(name)}
    assert len(bench.records()) == 1
    assert {name.split("/")[0] for name in changed} <= {"state", "summary.json"}
    books = ("state/evidence/", "state/audit/", "state/conservation/")
    assert all(name.startswith(books) for name in changed - {"summary.json"})


def test_no_plate_stands_in_the_log_or_the_summary(tmp_path: Path, passing: Passing) -> None:
    bench = Bench(
        tmp_path / "unit", passing.folder, listed=[passing.listed], answer=lambda _: Verdict.CONFIRMED
    )
    with bench:
        bench.finish()
    told = bench.log() + bench.summary_file.read_text()
    assert "frames" in told
    assert [plate for plate in (passing.listed, *passing.others) if plate in told] == []

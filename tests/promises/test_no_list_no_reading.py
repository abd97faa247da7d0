"""Without a list that is signed, sealed to this unit and in force, frames are wiped unread."""

from __future__ import annotations

import shutil
import signal
from typing import TYPE_CHECKING

from alprd.errors import HotlistTrustError
from alprd.hotlist.disk import LIST_FILE
from tests.sim.bench import Bench

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sim.recording import Passing


def test_a_unit_without_a_list_reads_nothing_and_says_so(tmp_path: Path, passing: Passing) -> None:
    bench = Bench(tmp_path / "unit", passing.folder, listed=[passing.listed])
    (bench.state / "hotlist" / LIST_FILE).unlink()
    with bench:
        summary = bench.finish()
    assert (summary["plates_read"], summary["hits"]) == (0, 0)
    assert summary["frames"] == summary["frames_wiped"] == 10
    assert "nothing is matched" in bench.log()
    assert bench.dash.unit_state is not None
    assert bench.dash.unit_state.list_age_s is None


def test_an_altered_list_stops_the_start_with_its_own_exit_code(tmp_path: Path, passing: Passing) -> None:
    bench = Bench(tmp_path / "unit", passing.folder, listed=[passing.listed])
    installed = bench.state / "hotlist" / LIST_FILE
    content = bytearray(installed.read_bytes())
    content[-10] ^= 1  # within a signature
    installed.write_bytes(content)
    with bench:
        assert bench.daemon is not None
        assert bench.daemon.wait(30) == HotlistTrustError.exit_code
    assert "next:" in bench.log()


def test_a_list_for_another_unit_is_refused(tmp_path: Path, passing: Passing) -> None:
    ours = Bench(tmp_path / "ours", passing.folder, listed=[passing.listed])
    other = Bench(tmp_path / "other", passing.folder, listed=[passing.listed])
    shutil.copy(other.state / "hotlist" / LIST_FILE, ours.state / "hotlist" / LIST_FILE)
    with ours:
        assert ours.daemon is not None
        assert ours.daemon.wait(30) == HotlistTrustError.exit_code


def test_a_bad_list_never_replaces_the_good_one_in_force(tmp_path: Path, passing: Passing) -> None:
    bench = Bench(
        tmp_path / "unit",
        passing.folder,
        listed=[passing.listed],
        settings={"camera": {"loop": True, "fps": 10.0}},
    )
    with bench:
        assert bench.daemon is not None
        bench.wait_for(lambda state: state["hits"] == 1)
        installed = bench.state / "hotlist" / LIST_FILE
        installed.write_bytes(installed.read_bytes()[:-1])
        bench.daemon.send_signal(signal.SIGHUP)
        seen = bench.status()["frames"]
        state = bench.wait_for(lambda state: state["frames"] > seen + 5)
        assert state["list_sequence"] == 1
        assert not state["list_expired"]
        assert "list refused, the one in force stays" in bench.log()
        reads = state["plates_read"]
        bench.wait_for(lambda state: state["plates_read"] > reads)


def test_a_new_list_is_taken_over_without_a_restart(tmp_path: Path, passing: Passing) -> None:
    bench = Bench(
        tmp_path / "unit",
        passing.folder,
        listed=["ZZZZ999"],
        settings={"camera": {"loop": True, "fps": 10.0}},
    )
    with bench:
        assert bench.daemon is not None
        bench.wait_for(lambda state: state["frames"] > 10)
        assert bench.status()["hits"] == 0
        (bench.folder / "list.csv").write_text(
            f"plate,jurisdiction,category\n{passing.listed},CA-ON,stolen-plate\n"
        )
        bench.release(days=2)
        bench.daemon.send_signal(signal.SIGHUP)
        state = bench.wait_for(lambda state: state["hits"] == 1)
        assert state["list_sequence"] == 2

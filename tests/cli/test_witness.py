"""``alprctl witness`` says what it found and where, and says when it is blind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from alprd.cli.alprctl import main
from alprd.control.status import ControlServer
from alprd.errors import TraceFoundError, WitnessBlindError
from alprd.memory import Mark

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PLATE = "QXZW123"


class Watched:
    """This test itself, as a daemon: a mark in locked memory, a socket that tells it, a folder, a log."""

    def __init__(self, folder: Path) -> None:
        self.mark = Mark()
        self.folder, self.log, self.tape = folder / "state", folder / "log", folder / "tape"
        self.folder.mkdir()
        self.log.write_text(f"INFO alprd: witness mark {self.mark.hexadecimal}\n")
        self.tape.write_bytes(b"\1\2alprd 0.1.0\0")
        self.socket = folder / "control.sock"
        self.told = folder / "sentinels.json"
        self.look_for({"plates": [PLATE]})
        self._state: dict[str, object] = {"witness_mark": self.mark.hexadecimal}
        self.server = ControlServer(self.socket, lambda: self._state, lambda: None)
        self.server.start()

    def look_for(self, sentinels: object) -> None:
        self.told.write_text(json.dumps(sentinels))

    def search(self, *more: object) -> tuple[int, dict[str, Any] | None, str]:
        """Run the command in a process of its own; return its code, its report and what it complained of."""
        said = subprocess.run(
            [sys.executable, "-m", "alprd.cli.alprctl", "witness", "--pid", str(os.getpid()), "--json",
             "--sentinels", self.told, "--socket", self.socket, "--folder", self.folder,
             *map(str, more)],
            check=False, capture_output=True, text=True,
        )  # fmt: skip
        return said.returncode, json.loads(said.stdout) if said.stdout else None, said.stderr


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    if os.geteuid() != 0:
        pytest.skip("reading another process's memory needs root")
    watched = Watched(tmp_path)
    yield watched
    watched.server.stop()


def finds(report: dict[str, Any] | None) -> dict[str, list[str]]:
    assert report is not None
    return {place["kind"]: sorted(place["found"]) for place in report["places"] if place["found"]}


def test_it_finds_each_trace_where_it_is(watched: Watched) -> None:
    watched.look_for({"bytes": {"absent": os.urandom(16).hex()}})
    code, report, _ = watched.search("--log", watched.log, "--tape", watched.tape)
    assert (code, finds(report)) == (0, {})
    assert report is not None
    assert [place["kind"] for place in report["places"]] == ["memory", "socket", "files", "journal", "line"]
    assert all(place["control"] >= 1 for place in report["places"])
    assert report["process"]["pid"] == os.getpid()

    watched.look_for({"plates": [PLATE]})
    below = watched.folder / "below"
    below.mkdir()
    (below / "kept").write_bytes(b"...." + PLATE.encode("utf-16-le"))
    watched.log.write_text(watched.log.read_text() + f"read {PLATE}\n")
    watched.tape.write_bytes(watched.tape.read_bytes() + PLATE.encode())
    watched._state["last"] = PLATE
    code, report, said = watched.search("--log", watched.log, "--tape", watched.tape)
    assert code == TraceFoundError.exit_code
    found = finds(report)
    assert f"{PLATE} ascii" in found.pop("memory"), "beside what this test itself looks for"
    assert found == {
        "socket": [f"{PLATE} ascii"],
        "files": [f"{PLATE} utf-16-le", f"in {below / 'kept'}"],
        "journal": [f"{PLATE} ascii"],
        "line": [f"{PLATE} ascii"],
    }
    assert "traces found" in said


def test_a_file_without_a_name_is_searched_while_the_process_has_it_open(watched: Watched) -> None:
    watched.look_for({"bytes": {"trace": "0badc0de0badc0de0badc0de".upper()}})
    with (watched.folder.parent / "gone").open("w+b") as file:
        file.write(bytes.fromhex("0badc0de" * 3))
        file.flush()
        (watched.folder.parent / "gone").unlink()
        _, report, _ = watched.search()
    assert "bytes trace" in finds(report)["files"]


@pytest.mark.parametrize("place", ["log", "tape", "mark"])
def test_a_place_whose_control_is_not_seen_is_an_error(watched: Watched, place: str) -> None:
    watched.look_for({"bytes": {"absent": os.urandom(16).hex()}})
    more: list[object] = []
    if place == "mark":
        more = ["--mark", "0123456789abcdef" * 2]
    else:
        getattr(watched, place).write_bytes(b"nothing of the daemon")
        more = [f"--{place}", getattr(watched, place)]
    code, report, said = watched.search(*more)
    assert code == WitnessBlindError.exit_code
    assert report is not None
    assert "was not seen" in said


@pytest.mark.parametrize(
    "sentinels",
    [{}, [], {"plates": ["not a plate"]}, {"bytes": {"short": "00"}}, {"pictures": ["no.pgm"]}, {"other": 1}],
)
def test_a_file_of_sentinels_that_names_nothing_is_refused(watched: Watched, sentinels: object) -> None:
    watched.look_for(sentinels)
    code, report, _ = watched.search()
    assert (code, report) == (WitnessBlindError.exit_code, None)


def test_a_daemon_that_is_not_there_is_an_error(watched: Watched, capsys: pytest.CaptureFixture[str]) -> None:
    common = ["witness", "--sentinels", str(watched.told), "--folder", str(watched.folder)]
    assert main([*common, "--pid", "1", "--socket", str(watched.folder / "none")]) == 52
    assert "no answer" in capsys.readouterr().err
    assert main([*common, "--mark", watched.mark.hexadecimal]) == 0
    assert "The process has ended" in capsys.readouterr().out

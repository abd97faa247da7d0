"""``alprd demo``: the whole way of a frame, with the real daemon, office and pty."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from alprd.cli import demo as demo_command
from alprd.demo.drive import DEFAULT_SEED, FULL_DRIVE
from alprd.demo.office import ACCESS

if TYPE_CHECKING:
    from pathlib import Path

SHORT = ("--seed", "7", "--frames", "100")
LISTED = 5
FIGURES = {
    "runtime",
    "frames",
    "plates_read",
    "hits",
    "confirmed",
    "rejected",
    "unanswered",
    "frames_wiped",
    "frame_life_ms",
    "frame_to_alert_ms",
    "fps",
    "rss_mib",
    "evidence_records",
    "hits_not_shown",
    "listed",
    "alerted",
    "missed",
    "false_alerts",
}
PATIENCE_S = 240.0


def demo(*options: object) -> list[str]:
    return [sys.executable, "-m", "alprd.cli.alprd", "demo", *map(str, options)]


def run(temp: Path, *options: object) -> subprocess.CompletedProcess[str]:
    """Run the demo with its throw-away folder under ``temp``."""
    environment = {**os.environ, "TMPDIR": str(temp)}
    return subprocess.run(
        demo(*options), capture_output=True, text=True, check=False, env=environment, timeout=PATIENCE_S
    )


def figures_of(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.slow
def test_the_headless_demo_alerts_on_every_listed_plate_and_no_other(tmp_path: Path) -> None:
    figures = figures_of(run(tmp_path, "--headless", "--json", *SHORT))
    assert set(figures) >= FIGURES
    assert figures["listed"] == figures["alerted"] == figures["hits"] == LISTED
    assert figures["missed"] == figures["false_alerts"] == figures["hits_not_shown"] == 0
    assert figures["frames"] == figures["frames_wiped"] == 100
    assert figures["plates_read"] > LISTED
    assert (figures["confirmed"], figures["rejected"], figures["unanswered"]) == (2, 2, 1)
    assert figures["evidence_records"] == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_what_is_kept_can_be_opened_by_the_office(tmp_path: Path) -> None:
    kept, temp = tmp_path / "kept", tmp_path / "temp"
    temp.mkdir()
    done = run(temp, "--headless", "--keep", kept, *SHORT)
    assert done.returncode == 0, done.stderr
    assert "2 evidence records sealed" in done.stdout
    office = [sys.executable, "-m", "alprd.cli.alpr_office"]
    me = ["--me", str(kept / "custodian.key"), "--passphrase-file", str(kept / "passphrase")]
    words = [*office, "evidence", "open", str(kept / "office"), "E-1", *ACCESS, "--json", *me]
    opened = subprocess.run(words, capture_output=True, check=True)
    fields = json.loads(opened.stdout)
    assert (fields["verdict"], fields["badge"], fields["unit"]) == ("CONFIRMED", "demo", "demo-car")
    assert list(temp.iterdir()) == []


@pytest.mark.slow
def test_your_own_pictures_are_read_with_your_own_list(tmp_path: Path) -> None:
    pictures, temp = tmp_path / "pictures", tmp_path / "temp"
    pictures.mkdir()
    temp.mkdir()
    for number in range(3):
        Image.new("L", (800, 600), 90).save(pictures / f"{number}.png")
    (pictures / "3.jpg").write_bytes(b"no picture")
    listing = tmp_path / "list.csv"
    listing.write_text("plate,jurisdiction,category\nABCD 123,CA-ON,stolen-vehicle\n")
    done = run(temp, "--headless", "--json", "--pictures", pictures, "--list", listing)
    figures = figures_of(done)
    assert figures["frames"] == figures["frames_wiped"] == 3
    assert (figures["hits"], figures["listed"], figures["missed"]) == (0, None, None)
    assert "1 rows" in done.stderr


@pytest.mark.slow
def test_a_bad_list_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    pictures, temp = tmp_path / "pictures", tmp_path / "temp"
    pictures.mkdir()
    temp.mkdir()
    Image.new("L", (320, 240), 90).save(pictures / "0.png")
    listing = tmp_path / "list.csv"
    # Ten bad lines are set aside in any feed.
    listing.write_text("plate,jurisdiction,category\n" + "ABCD 123,CA-ON,no-such-reason\n" * 11)
    done = run(temp, "--headless", "--json", "--pictures", pictures, "--list", listing)
    assert done.returncode == 70
    assert "alpr-office failed" in done.stderr
    assert list(temp.iterdir()) == []


@pytest.mark.slow
def test_a_terminated_demo_removes_what_it_made(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    process = subprocess.Popen(
        demo("--headless", *SHORT),
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    with process.stderr:
        said = iter(process.stderr)
        while "the daemon reads" not in next(said):
            pass
        assert list(tmp_path.iterdir()) != []
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 128 + signal.SIGTERM
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_person_at_the_terminal_confirms_and_leaves(tmp_path: Path) -> None:
    """Keys come from a real terminal: c until an alert was sealed, then q."""
    outer, inner = os.openpty()
    environment = {**os.environ, "TMPDIR": str(tmp_path), "TERM": "xterm", "COLUMNS": "100", "LINES": "40"}
    process = subprocess.Popen(
        demo(*SHORT), env=environment, start_new_session=True, stdin=inner, stdout=inner, stderr=inner
    )
    os.close(inner)
    shown = bytearray()
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if select.select([outer], [], [], 0.4)[0]:
            try:
                shown += os.read(outer, 65536)
            except OSError:
                break  # the demo has ended, and with it the last to hold the other end
        if b"[c] confirm" in shown:
            os.write(outer, b"q" if b"sealed as evidence" in shown else b"c")
    os.close(outer)
    text = shown.decode("utf-8", "replace")
    assert process.wait(PATIENCE_S) == 0, text[-2000:]
    assert "evidence records sealed, and opened" in text
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "the demo's dash needs a terminal"),
        (("--headless", "--list", "x.csv"), "--list goes with --pictures"),
        (("--headless", "--frames", "39"), "--frames or --seed is out of range"),
        (("--headless", "--pictures", "no-such-folder"), "no-such-folder is not there"),
    ],
)
def test_wrong_options_are_refused_with_the_next_step(
    tmp_path: Path, options: tuple[str, ...], message: str
) -> None:
    done = run(tmp_path, *options)
    assert done.returncode != 0
    assert message in done.stderr
    assert "next: " in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_something_is_not_used_to_keep(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    done = run(tmp_path, "--headless", "--keep", tmp_path)
    assert done.returncode == 35
    assert "is no empty folder" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_the_options_default_to_the_drive_that_is_drawn_by_default() -> None:
    assert (demo_command._SEED, demo_command._FRAMES) == (DEFAULT_SEED, FULL_DRIVE)

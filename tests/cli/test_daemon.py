"""`alprd run` on bad input: a named error with the next step, or a unit that goes on without the device."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from alprd.audit.events import Act, read_event
from alprd.audit.log import FILE
from alprd.chain.disk import read_file
from alprd.chain.records import ChainKind
from alprd.errors import CameraError, KeysError, ModelError, SettingsError
from alprd.keys import read_unit_public
from alprd.records import Verdict
from alprd.vision.litert import default_folder
from tests.sim.bench import Bench
from tests.sim.faults import PROGRAM

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sim.recording import Passing

CAPTURE_FAILS_ONCE = """
from alprd.camera.recorded import RecordedSource
whole, seen = RecordedSource.capture, []
def capture(self, timeout_s):
    seen.append(None)
    if len(seen) == 4:
        raise LookupError("ABCD123")
    return whole(self, timeout_s)
RecordedSource.capture = capture
"""


def ends_with(bench: Bench, code: int, said: str) -> None:
    with bench:
        assert bench.daemon is not None
        assert bench.daemon.wait(60) == code, bench.log()
    assert said in bench.log()
    assert "next: " in bench.log()
    assert "Traceback" not in bench.log()


@pytest.mark.parametrize(
    ("settings", "code", "said"),
    [
        ({"camera": {"fsp": 3}}, SettingsError.exit_code, "unknown key camera.fsp"),
        ({"camera": {"fps": "fast"}}, SettingsError.exit_code, "camera.fps: expected float"),
        ({"camera": {"path": "/nowhere"}}, CameraError.exit_code, "/nowhere"),
        ({"camera": {"source": "picamera2"}}, CameraError.exit_code, "not installed"),
        ({"keys": {"folder": "/nowhere"}}, KeysError.exit_code, "/nowhere"),
        ({"vision": {"models": "/nowhere"}}, ModelError.exit_code, "manifest.toml"),
        (
            {"camera": {"source": "v4l2", "path": "/dev/none"}, "gps": {"source": "simulated"}},
            SettingsError.exit_code,
            "simulated goes with camera.source recorded only",
        ),
    ],
)
def test_what_is_set_wrongly_is_named_with_the_next_step(
    tmp_path: Path, settings: dict[str, dict[str, Any]], code: int, said: str
) -> None:
    (tmp_path / "empty").mkdir()
    ends_with(Bench(tmp_path / "unit", tmp_path / "empty", settings=settings), code, said)


def test_a_model_with_one_changed_byte_is_refused(tmp_path: Path) -> None:
    for name in ("detector", "reader", "second_reader"):
        shutil.copytree(default_folder(name), tmp_path / "models" / name)
    model = next((tmp_path / "models" / "reader").glob("*.tflite"))
    content = bytearray(model.read_bytes())
    content[len(content) // 2] ^= 1
    model.write_bytes(content)
    bench = Bench(tmp_path / "unit", tmp_path, settings={"vision": {"models": str(tmp_path / "models")}})
    ends_with(bench, ModelError.exit_code, "sha256")


def test_an_unreadable_picture_is_skipped_counted_and_said(tmp_path: Path, passing: Passing) -> None:
    folder = tmp_path / "drive"
    shutil.copytree(passing.folder, folder)
    (folder / "0000.jpg").write_bytes(b"\xff\xd8\xff\xe0 not a picture")
    (folder / "9999.pgm").write_bytes(b"P5\n1280 720\n255\ncut off")
    with Bench(tmp_path / "unit", folder) as bench:
        summary = bench.finish()
    assert summary["frames"] == summary["frames_wiped"] == 10
    assert summary["skipped"] == 2
    for name in ("0000.jpg", "9999.pgm"):
        assert name in bench.log()


@pytest.mark.parametrize(
    ("vision", "least", "most"),
    [({"budget_ms": 1}, 10, 10**6), ({"budget_ms": 1000}, 0, 0), ({"budget_ms": 1, "votes": 1}, 0, 0)],
    ids=["no time", "time for all", "stills"],
)
def test_a_listed_plate_alerts_though_there_is_time_for_one_read_a_frame(
    tmp_path: Path, passing: Passing, *, vision: dict[str, int], least: int, most: int
) -> None:
    with Bench(
        tmp_path / "unit", passing.folder, listed=[passing.listed], settings={"vision": vision}
    ) as bench:
        bench.wait_for(lambda state: state["hits"] == 1 and bench.dash.shown == 1)
        state = bench.wait_for(lambda state: state["frames"] == 10)
    assert least <= state["boxes_unread"] <= most
    assert state["plates_read"] >= 2


@pytest.mark.parametrize(("regions", "context"), [(1, True), (0, False)])
def test_the_status_says_what_is_ignored_and_whether_a_context_is_kept(
    tmp_path: Path, passing: Passing, *, regions: int, context: bool
) -> None:
    settings: dict[str, dict[str, Any]] = {
        "camera": {"loop": True, "ignore": [[[0, 0], [40, 0], [40, 30], [0, 30]]] * regions},
        "evidence": {"context": context},
    }
    with Bench(tmp_path / "unit", passing.folder, settings=settings) as bench:
        state = bench.wait_for(lambda state: state["frames"] > 0)
    assert (state["ignored_regions"], state["context_pictures"]) == (regions, context)


@pytest.mark.parametrize(("votes", "warns"), [(2, True), (1, False)])
def test_a_camera_too_slow_to_vote_is_said_at_start(
    tmp_path: Path, passing: Passing, *, votes: int, warns: bool
) -> None:
    folder = tmp_path / "drive"
    folder.mkdir()
    shutil.copy(next(passing.folder.iterdir()), folder)
    settings: dict[str, dict[str, Any]] = {"camera": {"fps": 1.5}, "vision": {"votes": votes}}
    with Bench(tmp_path / "unit", folder, settings=settings) as bench:
        bench.finish()
    assert ("set vision.votes to 1" in bench.log()) == warns


def test_a_defect_in_the_cameras_software_costs_frames_and_not_the_unit(
    tmp_path: Path, passing: Passing
) -> None:
    with Bench(tmp_path / "unit", passing.folder, program=CAPTURE_FAILS_ONCE + PROGRAM) as bench:
        summary = bench.finish()
    assert summary["frames"] == summary["frames_wiped"] == 3 + 10, "the recording was opened again"
    log = bench.log()
    assert "camera lost: the camera's software failed: LookupError at <string>:7" in log
    assert "camera found" in log
    assert "ABCD123" not in log


def test_without_a_dash_unit_the_daemon_goes_on_and_nothing_is_kept(tmp_path: Path, passing: Passing) -> None:
    settings: dict[str, dict[str, Any]] = {
        "dash": {"port": str(tmp_path / "no-dash")},
        "alerts": {"answer_time_s": 1.0},
    }
    bench = Bench(tmp_path / "unit", passing.folder, listed=[passing.listed], settings=settings)
    with bench:
        summary = bench.finish()
    assert summary["frames"] == summary["frames_wiped"] == 10
    assert (summary["hits"], summary["unanswered"], summary["confirmed"]) == (1, 1, 0)
    assert bench.records() == []


def test_without_gpsd_the_record_says_no_location(
    tmp_path: Path,
    passing: Passing,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings = {"gps": {"source": "gpsd", "port": 1}}
    bench = Bench(
        tmp_path / "unit", passing.folder, listed=[passing.listed], answer=lambda _: Verdict.CONFIRMED,
        settings=settings,
    )  # fmt: skip
    with bench:
        bench.finish()
    (record,) = bench.records()
    capsys.readouterr()
    shown = bench.desk.open_evidence(record.parent, capsys)
    assert "latitude" not in json.dumps({k: v for k, v in shown.items() if v is not None})


def test_more_hits_than_slots_are_counted_as_missed_and_wiped(tmp_path: Path, passing: Passing) -> None:
    settings = {"alerts": {"slots": 1, "answer_time_s": 2.0}}
    listed = [passing.listed, *sorted(passing.others)]
    with Bench(tmp_path / "unit", passing.folder, listed=listed, settings=settings) as bench:
        summary = bench.finish()
    assert summary["missed"] >= 1
    assert summary["hits"] >= 1
    assert summary["unanswered"] == summary["hits"]
    assert bench.records() == []


def test_a_case_that_is_opened_is_on_the_dash_in_the_status_and_on_record(
    tmp_path: Path, passing: Passing
) -> None:
    switch = tmp_path / "intrusion0_alarm"
    switch.write_text("0\n")
    settings: dict[str, dict[str, Any]] = {
        "camera": {"loop": True, "fps": 5.0},
        "tamper": {"case_file": str(switch)},
    }

    def shows(bench: Bench, *, is_open: bool) -> bool:
        unit = bench.dash.unit_state
        return unit is not None and unit.is_tampered is is_open

    with Bench(tmp_path / "unit", passing.folder, settings=settings) as bench:
        bench.wait_for(lambda state: not state["tampered"] and shows(bench, is_open=False))
        switch.write_text("1\n")
        bench.wait_for(lambda state: state["tampered"] and shows(bench, is_open=True))
        switch.write_text("0\n")
        bench.wait_for(lambda state: not state["tampered"] and shows(bench, is_open=False))
    unit = read_unit_public(bench.folder / "unit.pub")
    chain = read_file(bench.state / "audit" / FILE, ChainKind(kind="audit", unit=unit.unit), unit.verify)
    acts = [read_event(record.fields).act for record in chain.records]
    assert [act for act in acts if act in {Act.CASE_OPENED, Act.CASE_CLOSED}] == [
        Act.CASE_OPENED,
        Act.CASE_CLOSED,
    ]
    assert "the unit's case was opened" in bench.log()

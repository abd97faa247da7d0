from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from alprd.cli import alprctl, check, docs
from alprd.errors import ControlError, HotlistTrustError, ModelError, TechnicianError
from alprd.hotlist.disk import LIST_FILE
from alprd.vision.detect import Detector
from alprd.vision.litert import Model, default_folder, installed_runtimes
from alprd.vision.loading import open_reader
from alprd.vision.read import Reader
from tests.sim.bench import Bench

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sim.recording import Passing


def test_every_document_can_be_read_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert alprctl.main(["docs"]) == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert {"promises", "settings", "install", "exit-codes", "formats/hotlist", "formats/dash-link"} <= set(
        listed
    )
    for name in listed:
        assert alprctl.main(["docs", name]) == 0
        assert capsys.readouterr().out == (docs.FOLDER / f"{name}.md").read_text("utf-8")


def test_an_unknown_document_is_a_named_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert alprctl.main(["docs", "../../etc/passwd"]) == TechnicianError.exit_code
    said = capsys.readouterr().err
    assert "no document is named" in said
    assert "next: List them with `alprctl docs`." in said


def test_status_without_a_daemon_says_the_next_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert alprctl.main(["status", "--socket", str(tmp_path / "none")]) == ControlError.exit_code
    assert "next: Check that alprd is running" in capsys.readouterr().err


def test_status_shows_counts_and_no_plate(
    tmp_path: Path, passing: Passing, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = {"camera": {"loop": True, "fps": 20.0}}
    with Bench(tmp_path / "unit", passing.folder, listed=[passing.listed], settings=settings) as bench:
        bench.wait_for(lambda state: state["hits"] == 1)
        socket = ["--socket", str(bench.folder / "control.sock")]
        capsys.readouterr()
        assert alprctl.main(["status", *socket]) == 0
        table = capsys.readouterr().out
        assert alprctl.main(["status", "--json", *socket]) == 0
        state = json.loads(capsys.readouterr().out)
    assert state["frames"] > 0
    assert state["dash"] == "UP"
    assert "frame_life_ms" in table
    assert [plate for plate in (passing.listed, *passing.others) if plate in table + json.dumps(state)] == []


def test_check_says_what_is_ready_and_what_is_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bench = Bench(tmp_path / "unit", tmp_path)
    settings = ["--settings", str(bench.folder / "alprd.yaml")]
    capsys.readouterr()
    assert alprctl.main(["check", *settings]) == 0
    assert capsys.readouterr().out.count(" ok: ") == 5
    installed = bench.state / "hotlist" / LIST_FILE
    content = bytearray(installed.read_bytes())
    content[300] ^= 1  # within the body
    installed.write_bytes(content)
    assert alprctl.main(["check", *settings]) == HotlistTrustError.exit_code
    said = capsys.readouterr().out
    assert said.count(" ok: ") == 4
    assert "list       FAILED: " in said
    assert "next: " in said


WHOLE = [[0, 0], [1280, 0], [1280, 720], [0, 720]]


@pytest.mark.parametrize(
    ("regions", "code", "said"),
    [
        ([], 0, "regions    ok: none to ignore"),
        ([WHOLE[:3]], 0, "regions    ok: 1 to ignore, 50.1% of 1280x720 px is blank"),
        ([WHOLE], 11, "regions    FAILED: camera.ignore: the regions cover all of the frame"),
    ],
)
def test_check_says_how_much_of_the_frame_is_blank(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], regions: list[list[list[int]]], code: int, said: str
) -> None:
    bench = Bench(tmp_path / "unit", tmp_path, settings={"camera": {"ignore": regions}})
    assert alprctl.main(["check", "--settings", str(bench.folder / "alprd.yaml")]) == code
    assert said in capsys.readouterr().out


def test_check_refuses_an_altered_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bench = Bench(tmp_path / "unit", tmp_path, settings={"vision": {"models": str(tmp_path)}})
    assert alprctl.main(["check", "--settings", str(bench.folder / "alprd.yaml")]) == ModelError.exit_code
    assert "models     FAILED: manifest.toml" in capsys.readouterr().out


@pytest.mark.parametrize("runtime", installed_runtimes())
def test_check_finds_and_reads_a_drawn_plate_on_each_runtime(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], runtime: str
) -> None:
    bench = Bench(tmp_path / "unit", tmp_path, settings={"vision": {"runtime": runtime}})
    assert alprctl.main(["check", "--settings", str(bench.folder / "alprd.yaml")]) == 0
    assert f"detector and reader on {runtime}, a drawn plate is found and read" in capsys.readouterr().out


def test_the_self_test_fails_a_reader_that_reads_something_else(monkeypatch: pytest.MonkeyPatch) -> None:
    detector = Detector(Model.open(default_folder("detector")))
    reader = open_reader()
    check._self_test(detector, reader)
    monkeypatch.setattr(Reader, "self_test", {"text": "CKHA483", "style": "ontario", "seed": 1})
    check._self_test(detector, reader)  # another plate, drawn and read as itself
    monkeypatch.setattr(Reader, "read", lambda *_: 0)
    with pytest.raises(ModelError, match="was not read as its text"):
        check._self_test(detector, reader)

"""The evaluation's command on rendered pictures, and its reading."""

from __future__ import annotations

import csv
import os
import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from alprd.demo.plate import DARK_ON_LIGHT, draw_plate
from models.evaluate.__main__ import main
from models.evaluate.bench import Bench, OperatingPoint, Read, corners_of, decoded
from models.evaluate.close_up import CloseUps
from models.evaluate.reading import COLUMNS, Reading, peak_mib, rows_of
from models.evaluate.truth import Box, InputError, Label, are_crops, labels_of, place_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

HEADER = "image,width,height,x1,y1,x2,y2,place,text\n"
PLATE = Box(440.0, 300.0, 740.0, 450.0)


@pytest.fixture(autouse=True)
def _own_cores() -> Iterator[None]:
    """The command pins itself to one core; a test gives the others back."""
    cores = os.sched_getaffinity(0)
    yield
    os.sched_setaffinity(0, cores)


def road() -> NDArray[np.uint8]:
    rng = np.random.default_rng(6)
    picture = np.linspace(150, 90, 720)[:, None] + rng.normal(0, 3, (720, 1280))
    return np.clip(picture, 0, 255).astype(np.uint8)


def face(text: str) -> NDArray[np.uint8]:
    return draw_plate(text, DARK_ON_LIGHT, rng=np.random.default_rng(6))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Scenes with a plate, another that is labelled wrong, none, and no picture at all; and plate crops."""
    scenes, crops = tmp_path / "data" / "some-scenes", tmp_path / "data" / "some-crops"
    scenes.mkdir(parents=True)
    crops.mkdir()
    picture = road()
    Image.fromarray(picture).save(scenes / "empty.png")
    picture[220:600, 340:840] = 60
    picture[300:450, 440:740] = face("ABC123")
    Image.fromarray(np.dstack([picture] * 3)).save(scenes / "plate.jpg", quality=92)
    Image.fromarray(picture).save(scenes / "wrong.jpg", quality=92)
    (scenes / "broken.jpg").write_bytes((scenes / "plate.jpg").read_bytes()[:2000])
    (scenes / "notes.txt").write_text("no picture")
    box = "1280,720,440,300,740,450"
    rows = f"plate.jpg,{box},US-NY,ABC123\nwrong.jpg,{box},,XYZ987\nempty.png,{box},,ABC123\n"
    (scenes / "truth.csv").write_text(HEADER + rows)
    Image.fromarray(face("ABC123")).save(crops / "crop.png")
    (crops / "truth.csv").write_text(HEADER + "crop.png,300,150,0,0,300,150,NEWYORK_TLC,ABC123\n")
    return tmp_path / "data"


def rows_in(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))


def by_the_rules(reads: list[dict[str, str]], truth: list[dict[str, str]]) -> Mapping[str, float]:
    """The rules of scoring, written down once more from the two files alone."""

    def plain(text: str) -> str:
        return re.sub("[^A-Z0-9]", "", text.upper())

    def folded(text: str) -> str:
        return plain(text).replace("O", "0").replace("I", "1")

    def inside(read: dict[str, str], label: dict[str, str]) -> bool:
        x, y = ((float(read[f"{axis}1"]) + float(read[f"{axis}2"])) / 2 for axis in "xy")
        return float(label["x1"]) <= x <= float(label["x2"]) and float(label["y1"]) <= y <= float(label["y2"])

    exact = fold = found = 0
    for label in truth:
        here = [read for read in reads if read["image"] == label["image"]]
        exact += any(plain(read["text"]) == plain(label["text"]) for read in here)
        fold += any(folded(read["text"]) == folded(label["text"]) for read in here)
        found += any(inside(read, label) for read in here)
    labelled = {label["image"] for label in truth}
    false = sum(
        read["image"] in labelled
        and not any(inside(read, label) for label in truth if label["image"] == read["image"])
        for read in reads
    )
    share = 100 / len(truth)
    return {"found": found * share, "exact": exact * share, "fold": fold * share, "false": false}


def table_of(printed: str) -> dict[str, dict[str, str]]:
    """The rows of the first printed table, by set."""
    lines = [line for line in printed.split("\n\n")[1].splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: dict(zip(cells[0], row, strict=True)) for row in cells[2:]}


def test_every_set_is_read_and_scored_as_the_rules_say(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "reads"
    assert main(["--data", str(data), "--out", str(out), "--least", "0"]) == 0
    table = table_of(capsys.readouterr().out)
    assert list(table) == ["some-crops", "some-scenes"]
    for name, row in table.items():
        rules = by_the_rules(rows_in(out / f"{name}.csv"), rows_in(data / name / "truth.csv"))
        assert {key: row[key] for key in rules} == {
            key: str(value) if key == "false" else f"{value:.1f}" for key, value in rules.items()
        }
    assert (table["some-scenes"]["plates"], table["some-scenes"]["fold"]) == ("3", "33.3")
    assert table["some-scenes"]["found"] == "66.7"
    assert 10 < float(table["some-scenes"]["MiB"]) < 400
    assert float(table["some-scenes"]["ms"]) > 0


def test_a_set_of_plate_crops_is_read_by_the_detector_at_its_labels(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(data), "--out", str(tmp_path / "reads")]) == 0
    table = table_of(capsys.readouterr().out)
    assert (table["some-crops"]["boxes"], table["some-scenes"]["boxes"]) == (
        "detector, at the label",
        "detector",
    )
    assert table["some-crops"]["fold"] == "100.0"
    (row,) = rows_in(tmp_path / "reads" / "some-crops.csv")
    assert [float(row[side]) for side in ("x1", "y1", "x2", "y2")] == pytest.approx([0, 0, 300, 150], abs=20)
    assert row["x2"] != "300.0"


def test_one_folder_is_read_by_the_detector_into_a_file(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "reads.csv"
    scenes = data / "some-scenes"
    assert main(["--images", str(scenes), "--out", str(out), "--least", "0"]) == 0
    printed = capsys.readouterr()
    rows = rows_in(out)
    assert {row["image"] for row in rows} >= {"plate.jpg", "wrong.jpg"}
    assert tuple(rows[0]) == COLUMNS
    plate = next(row for row in rows if row["image"] == "plate.jpg")
    assert PLATE.holds_centre_of(Box(*(float(plate[key]) for key in ("x1", "y1", "x2", "y2"))))
    assert all(bool(row["place"]) == bool(row["place_confidence"]) for row in rows)
    assert "3 pictures, " in printed.out
    assert "1 unreadable files skipped" in printed.out
    assert "skipped broken.jpg" in printed.err
    assert "notes.txt" not in printed.err


def test_one_folder_is_scored_like_a_set(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scenes, crops = data / "some-scenes", data / "some-crops"
    for folder, boxes in ((scenes, []), (crops, ["--boxes", str(crops / "truth.csv")])):
        arguments = ["--images", str(folder), "--out", str(tmp_path / "reads.csv"), *boxes]
        assert main([*arguments, "--truth", str(folder / "truth.csv"), "--sweep"]) == 0
    printed = capsys.readouterr().out
    assert printed.count("least confidence") == 2
    assert "| some-scenes |" in printed
    assert "| some-crops |" in printed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(
            ["--data", "nowhere"], "nowhere: expected a folder of sets, found no folder", id="no data"
        ),
        pytest.param(["--data", "."], "expected folders that hold pictures and their truth.csv", id="no set"),
        pytest.param(["--images", "nowhere", "--out", "x.csv"], "found no folder", id="no pictures' folder"),
        pytest.param(["--images", ".", "--out", "x.csv"], "expected pictures", id="no picture"),
        pytest.param(
            ["--images", ".", "--out", "x.csv", "--truth", "none.csv"],
            "none.csv: expected a truth file",
            id="no truth",
        ),
    ],
)
def test_what_cannot_be_evaluated_is_said(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    assert said in capsys.readouterr().err


def test_files_that_are_no_pictures_are_no_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.jpg").write_bytes(b"no picture")
    assert main(["--images", str(tmp_path), "--out", str(tmp_path / "x.csv")]) == 2
    assert "found 1 files that are none" in capsys.readouterr().err


def test_a_labelled_picture_that_is_not_there_is_said_and_counted(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (data / "some-scenes" / "plate.jpg").unlink()
    arguments = ["--images", str(data / "some-scenes"), "--out", str(tmp_path / "x.csv")]
    assert main([*arguments, "--truth", str(data / "some-scenes" / "truth.csv")]) == 0
    printed = capsys.readouterr()
    assert "1 labelled pictures are not there, the first is plate.jpg" in printed.err
    assert table_of(printed.out)["some-scenes"]["plates"] == "3"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("image,x1\n", "width is missing"),
        (HEADER, "found only a heading"),
        (HEADER + "a.jpg,9,9,1,2,3,,,AB1\n", "truth.csv:2: expected sizes and a box in px"),
    ],
)
def test_a_truth_file_that_is_none_is_refused(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "truth.csv"
    path.write_text(content)
    with pytest.raises(InputError, match=said):
        labels_of(path)


def test_a_truth_file_holds_any_number_of_plates_a_picture(tmp_path: Path) -> None:
    path = tmp_path / "truth.csv"
    path.write_text(HEADER + "a.jpg,9,9,1,2,3,4,US-NY,AB1\na.jpg,9,9,0,0,9,9,,CD2\n")
    labels = labels_of(path)
    assert labels == {
        "a.jpg": [
            Label("a.jpg", Box(1, 2, 3, 4), "AB1", "US-NY"),
            Label("a.jpg", Box(0, 0, 9, 9), "CD2", "", fills_picture=True),
        ]
    }
    assert not are_crops(labels)


@pytest.mark.parametrize(
    ("label", "place"),
    [
        ("US-CA", "US-CA"),
        ("CONNECTICUT", "US-CT"),
        ("NEWYORK_TLC", "US-NY"),
        ("New Brunswick", "CA-NB"),
        ("USGOV", "USGOV"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_place_is_named_by_its_code_or_its_name(label: str | None, place: str) -> None:
    assert place_of(label) == place


def test_with_labelled_boxes_the_detector_is_not_asked(data: Path) -> None:
    bench = Bench("auto")
    scenes, elsewhere = data / "some-scenes", Box(100, 100, 400, 250)
    assert bench.read(scenes / "empty.png", [])[0] == []
    for one in bench.read(scenes / "empty.png", [elsewhere])[0]:
        assert one.box == elsewhere
    bench.read(scenes / "plate.jpg", [PLATE])
    assert "detect" not in bench.times.medians()


def test_a_leaning_plate_is_cut_out_by_the_corners_that_the_detector_finds(tmp_path: Path) -> None:
    upright = Image.fromarray(np.pad(face("ABC123"), ((60, 60), (60, 60)), constant_values=90))
    upright.rotate(12, Image.Resampling.BICUBIC, fillcolor=90).save(tmp_path / "leaning.png")
    bench, box = Bench("auto"), Box(40, 25, 380, 245)
    ((left, *_), (right, *_)) = (
        bench.read(tmp_path / "leaning.png", [box], close_up=close)[0] for close in (True, False)
    )
    assert left.text == "ABC123"
    assert left.corners[1][1] < left.corners[0][1] - 30  # the upper edge rises to the right
    assert right.box == box


def test_a_close_up_without_a_plate_has_no_corners() -> None:
    blank = np.full((150, 300), 120, np.uint8)
    assert CloseUps(Bench("auto").detector).corners(blank, Box(0, 0, 300, 150)) is None


def test_corners_on_a_close_up_lie_within_its_label() -> None:
    picture = np.pad(face("ABC123"), ((30, 30), (30, 30)), constant_values=60)
    close_ups = CloseUps(Bench("auto").detector)
    for box in (Box(30, 30, 330, 180), Box(45, 40, 315, 170)):
        corners = close_ups.corners(picture, box)
        assert corners is not None
        assert (corners >= (box.x1, box.y1)).all()
        assert (corners <= (box.x2, box.y2)).all()


def test_nothing_of_a_picture_is_left_on_the_bench(data: Path) -> None:
    bench = Bench("auto")
    bench.read(data / "some-scenes" / "plate.jpg")
    detector, reader = bench.detector, bench.reader
    kept: list[NDArray[np.generic]] = [detector.corners, detector.scores, reader.codes, reader.crop]
    assert not any(array.any() for array in [*kept, bench._shrinker.lores])


def test_the_crop_of_a_plate_is_what_the_reader_saw(data: Path) -> None:
    bench = Bench("auto")
    crop = bench.crop(data / "some-scenes" / "plate.jpg", corners_of(PLATE))
    assert crop.shape == bench.reader.crop.shape
    assert crop.std() > 20
    assert not bench.reader.crop.any()


def test_a_picture_in_colour_becomes_its_brightness(tmp_path: Path) -> None:
    colours = np.zeros((8, 16, 3), np.uint8)
    colours[..., 1] = 200
    Image.fromarray(colours).save(tmp_path / "green.jpg", quality=95)
    Image.fromarray(colours).save(tmp_path / "green.png")
    for name in ("green.jpg", "green.png"):
        grey = decoded(tmp_path / name)
        assert grey.shape == (8, 16)
        assert grey.flags.writeable
        assert np.abs(grey.astype(int) - 0.587 * 200).max() < 3


def test_outputs_are_whole_confident_texts_with_places_at_the_operating_point(tmp_path: Path) -> None:
    sure = Read(corners=corners_of(PLATE), text="AB1", confidence=0.9, place="US-NY", place_confidence=0.7)
    reads = [
        sure,
        Read(corners=corners_of(PLATE), text="A?1", confidence=0.9, is_partial=True),
        Read(corners=corners_of(PLATE), text="AB2", confidence=0.1),
    ]
    for place_accept, places in ((0.5, ["US-NY"]), (0.8, [""])):
        reading = Reading(
            name="x", images=tmp_path, runtime="litert", point=OperatingPoint(0.9, place_accept),
            is_by_boxes=False, reads={"a.jpg": reads}, ms={"a.jpg": 1.0}, stages={}, peak_mib=1.0,
        )  # fmt: skip
        outputs = reading.outputs(0.2).reads["a.jpg"]
        assert [read.text for read in outputs] == ["AB1"]
        assert [read.place for read in outputs] == places
        assert len(reading.reads["a.jpg"]) == 3


def test_a_row_has_every_column() -> None:
    read = Read(corners=corners_of(PLATE), text="AB1", confidence=0.9)
    told = Read(corners=corners_of(PLATE), text="CD2", confidence=1, place="CA-ON", place_confidence=0.875)
    rows = list(rows_of("a.jpg", [read, told], 7.126))
    assert rows[0] == ("a.jpg", "440.0", "300.0", "740.0", "450.0", "AB1", "0.900", "", "", "7.13")
    assert rows[1][-3:] == ("CA-ON", "0.875", "7.13")


def test_the_peak_memory_is_this_processes() -> None:
    before = peak_mib()
    held = np.ones((64, 1 << 20), np.uint8)
    assert peak_mib() >= before
    assert peak_mib() > held.nbytes / (1 << 20)

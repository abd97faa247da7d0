from __future__ import annotations

import csv
import os
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from alprd.demo.plate import DARK_ON_LIGHT, draw_plate
from models import evaluate
from models.evaluate import Bench, Box, Label, Read, decoded, labels_of, normal, rows_of, scored, swept

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

HEADER = "image,width,height,x1,y1,x2,y2,place,text\n"
PLATE = Box(440.0, 300.0, 740.0, 450.0)


@pytest.fixture
def _own_cores() -> Iterator[None]:
    """The command pins itself to one core; a test gives the others back."""
    cores = os.sched_getaffinity(0)
    yield
    os.sched_setaffinity(0, cores)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A picture with a plate, a picture without, a file that is no picture, and a file of another kind."""
    rng = np.random.default_rng(6)
    road = np.clip(np.linspace(150, 90, 720)[:, None] + rng.normal(0, 3, (720, 1280)), 0, 255).astype(
        np.uint8
    )
    images = tmp_path / "images"
    images.mkdir()
    Image.fromarray(road).save(images / "empty.png")
    road[220:600, 340:840] = 60
    road[300:450, 440:740] = draw_plate("ABC123", DARK_ON_LIGHT, rng=rng)
    Image.fromarray(np.dstack([road] * 3)).save(images / "plate.jpg", quality=92)
    (images / "broken.jpg").write_bytes((images / "plate.jpg").read_bytes()[:2000])
    (images / "notes.txt").write_text("no picture")
    (tmp_path / "truth.csv").write_text(HEADER + "plate.jpg,1280,720,440,300,740,450,,ABC123\n")
    return tmp_path


def read(text: str, box: Box = PLATE) -> Read:
    return Read(box, text, 0.9)


def label(text: str, box: Box = PLATE) -> Label:
    return Label("a.jpg", box, text)


@pytest.mark.usefixtures("_own_cores")
def test_a_folder_is_read_into_a_file_of_plates(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = folder / "reads.csv"
    images, truth = str(folder / "images"), str(folder / "truth.csv")
    evaluate.main(["--images", images, "--out", str(out), "--truth", truth, "--least", "0"])
    printed = capsys.readouterr()
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert [row["image"] for row in rows] == ["plate.jpg"]
    assert list(rows[0]) == list(evaluate._COLUMNS)
    assert PLATE.holds_centre_of(Box(*(float(rows[0][key]) for key in ("x1", "y1", "x2", "y2"))))
    assert (rows[0]["place"], rows[0]["place_confidence"]) == ("", "")
    assert float(rows[0]["ms"]) > 0
    assert "2 pictures, 1 plates read, 1 unreadable pictures skipped" in printed.out
    assert "found 100" in printed.out
    assert "skipped broken.jpg" in printed.err
    assert "notes.txt" not in printed.err


def test_with_labelled_boxes_the_detector_is_not_asked(folder: Path) -> None:
    bench = Bench("auto", 0.0)
    elsewhere = Label("empty.png", Box(100, 100, 400, 250), "ABC123")
    bench.read(folder / "images" / "plate.jpg", [label("ABC123")])
    assert not bench.detector.corners.any()
    reads, _ = bench.read(folder / "images" / "empty.png", [])
    assert reads == []
    for one in bench.read(folder / "images" / "empty.png", [elsewhere])[0]:
        assert one.box == elsewhere.box


def test_a_read_below_the_least_confidence_is_left_out(folder: Path) -> None:
    reads, _ = Bench("auto", 1.01).read(folder / "images" / "plate.jpg")
    assert reads == []


def test_nothing_of_a_picture_is_left_on_the_bench(folder: Path) -> None:
    bench = Bench("auto", 0.0)
    bench.read(folder / "images" / "plate.jpg")
    detector, reader = bench.detector, bench.reader
    kept: list[NDArray[np.generic]] = [detector.corners, detector.scores, reader.codes, reader.crop]
    assert not any(array.any() for array in [*kept, bench._shrinker.lores])


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


def test_a_read_counts_as_exact_folded_found_or_false() -> None:
    elsewhere = Box(0, 0, 100, 50)
    labels = {"a.jpg": [label("AB0123")], "b.jpg": [label("XYZ 987")], "c.jpg": [label("QQ1")]}
    reads = {
        "a.jpg": [read("ABO123"), read("NOISE1", elsewhere)],
        "b.jpg": [read("XYZ987", elsewhere)],
    }
    score = scored(reads, labels)
    assert score["plates"] == 3
    assert score["exact"] == pytest.approx(100 / 3)
    assert score["fold"] == pytest.approx(200 / 3)
    assert score["found"] == pytest.approx(100 / 3)
    assert score["false"] == 2


def test_a_sweep_counts_reads_on_and_off_plates() -> None:
    reads = {"a.jpg": [Read(PLATE, "A1", 0.55), Read(Box(0, 0, 9, 9), "B2", 0.35)]}
    table = {least: (on, off) for least, on, off in swept(reads, {"a.jpg": [label("A1")]})}
    assert (table[0.0], table[0.3], table[0.4], table[0.6]) == ((1, 1), (1, 1), (1, 0), (0, 0))


def test_no_labels_give_no_score_and_no_error() -> None:
    assert scored({}, {}) == {"plates": 0, "exact": 0, "fold": 0, "found": 0, "false": 0}


@pytest.mark.parametrize(("text", "plain", "folded"), [("ab-o 1i", "ABO1I", "AB011"), ("", "", "")])
def test_texts_are_compared_without_spaces_and_marks(text: str, plain: str, folded: str) -> None:
    assert normal(text) == plain
    assert normal(text, fold=True) == folded


def test_a_truth_file_holds_any_number_of_plates_a_picture(tmp_path: Path) -> None:
    path = tmp_path / "truth.csv"
    path.write_text(HEADER + "a.jpg,9,9,1,2,3,4,US-NY,AB1\na.jpg,9,9,5,6,7,8,,CD2\n")
    assert labels_of(path) == {
        "a.jpg": [Label("a.jpg", Box(1, 2, 3, 4), "AB1"), Label("a.jpg", Box(5, 6, 7, 8), "CD2")]
    }


def test_a_row_has_every_column() -> None:
    rows = list(rows_of("a.jpg", [read("AB1"), read("CD2")], 7.126))
    assert len(rows) == 2
    assert rows[0] == ("a.jpg", "440.0", "300.0", "740.0", "450.0", "AB1", "0.900", "", "", "7.13")

"""The page that an evaluation writes, its plots and its bars."""

from __future__ import annotations

import base64
import io
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from alprd.demo.plate import DARK_ON_LIGHT, draw_plate
from alprd.vision.rectify import HEIGHT, WIDTH
from models.evaluate import bars, page, plots
from models.evaluate.bench import OperatingPoint, Read, corners_of
from models.evaluate.failures import failures
from models.evaluate.reading import Reading
from models.evaluate.score import Counts, Evaluated, Score, scored
from models.evaluate.truth import Box, Label

if TYPE_CHECKING:
    from pathlib import Path

LEAST = 0.2
BOX = Box(100, 60, 400, 210)
BESIDE = Box(450, 250, 550, 300)


def read(text: str, confidence: float = 0.95, box: Box = BOX, place: str = "") -> Read:
    return Read(
        corners=corners_of(box), text=text, confidence=confidence,
        characters=(*[0.99] * (len(text) - 1), 0.5),
        is_partial="?" in text, place=place, place_confidence=0.9 if place else 0.0,
    )  # fmt: skip


@pytest.fixture
def one(tmp_path: Path) -> Evaluated:
    """A set in which everything goes wrong that can, once each, beside one plate that is read."""
    picture = np.full((320, 600), 90, np.uint8)
    picture[60:210, 100:400] = draw_plate("ABC123", DARK_ON_LIGHT, rng=np.random.default_rng(6))
    names = ("right", "misread", "partial", "unsure", "missed", "place")
    for name in names:
        Image.fromarray(picture).save(tmp_path / f"{name}.png")
    labels = {f"{name}.png": [Label(f"{name}.png", BOX, "ABC123", "US-NY")] for name in names}
    reads = {
        "right.png": [read("ABC123", place="US-NY"), read("SIGN", box=BESIDE)],
        "misread.png": [read("A<C124")],
        "partial.png": [read("AB?123")],
        "unsure.png": [read("ABC123", 0.1)],
        "missed.png": [],
        "place.png": [read("ABC123", place="CA-ON")],
    }
    reading = Reading(
        name="some-scenes", images=tmp_path, runtime="litert", point=OperatingPoint(0.9, 0.8),
        is_by_boxes=False, reads=reads, ms=dict.fromkeys(reads, 5.0), stages={"whole": 5.0}, peak_mib=50.0,
    )  # fmt: skip
    return Evaluated(reading, labels, scored(reading, labels, LEAST))


def test_each_way_to_go_wrong_is_found_once(one: Evaluated) -> None:
    assert [(failure.kind, failure.image) for failure in failures(one, LEAST)] == [
        ("misread", "misread.png"),
        ("partial", "partial.png"),
        ("unsure", "unsure.png"),
        ("missed", "missed.png"),
        ("elsewhere", "right.png"),
        ("place", "place.png"),
    ]


def test_the_page_shows_every_failure_as_the_reader_saw_it(one: Evaluated, tmp_path: Path) -> None:
    path = page.write(tmp_path / "report", [one], [one.score], LEAST)
    text = path.read_text("utf-8")
    figures = re.findall(r"<figure>.*?</figure>", text)
    assert len(figures) == 6
    crops = [re.findall(r"data:image/png;base64,([^\"]+)", figure) for figure in figures]
    sizes = {Image.open(io.BytesIO(base64.b64decode(crop))).size for (crop,) in crops}
    assert sizes == {(WIDTH, HEIGHT)}
    assert "is <code>ABC123</code>" in text
    assert "read <code>A&lt;C12<mark>4</mark></code> at 0.95" in text
    assert "read <code>AB?12<mark>3</mark></code>" in text
    assert "place CA-ON at 0.90" in text


def test_the_page_stands_alone_and_says_what_it_holds(one: Evaluated, tmp_path: Path) -> None:
    text = page.write(tmp_path, [one], [one.score], LEAST).read_text("utf-8")
    assert "<script" not in text
    assert not re.search(r'(?:src|href)="(?!data:)', text)
    assert text.count("<svg") == 5
    for words in ("Recorded, labelled pictures only", "Bars", "Confusions", "Places", "3 read as 4", "US-NY"):
        assert words in text


def test_plots_are_whole_and_hold_no_picture(one: Evaluated, tmp_path: Path) -> None:
    plots.write(tmp_path / "plots", [one])
    paths = sorted((tmp_path / "plots").iterdir())
    assert [path.stem for path in paths] == [
        "acceptance-place", "acceptance-text",
        "reliability-characters", "reliability-place", "reliability-text",
    ]  # fmt: skip
    for path in paths:
        root = ET.fromstring(path.read_text("utf-8"))  # noqa: S314 - written by the line above
        tags = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert "image" not in tags
        assert "polyline" in tags


def test_a_point_of_a_reliable_confidence_lies_on_the_diagonal() -> None:
    svg = plots.reliability_svg("A", [(0.5, i < 2) for i in range(4)])
    (x, y) = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', svg)[0]
    line = re.findall(r'points="([\d.]+),([\d.]+) ([\d.]+),([\d.]+)"[^>]*dasharray', svg)[0]
    x1, y1, x2, y2 = map(float, line)
    assert float(x) == pytest.approx((x1 + x2) / 2, abs=0.1)
    assert float(y) == pytest.approx((y1 + y2) / 2, abs=0.1)


def test_plots_of_nothing_are_drawn_empty() -> None:
    assert "nothing was said" in plots.reliability_svg("A", [])
    assert "<circle" not in plots.acceptance_svg("A", {"x": ([], 5)}, 0.9, "plates")


def test_a_bar_is_reached_missed_or_not_measured() -> None:
    score = Score(
        "us-scenes", "detector", Counts(plates=100, exact=86, fold=89, found=97, false=10),
        accepted=75, accepted_right=74, ms=[9.0, 11.0, 10.0], peak_mib=140.5,
    )  # fmt: skip
    reached = {bar.what: bar.is_reached for bar in bars.bars([score], 5.9)}
    assert reached["us-scenes: exact"] is True
    assert reached["us-scenes: fold"] is False
    assert reached["us-scenes: false outputs"] is False
    assert reached["scenes: slowest median"] is True
    assert reached["scenes: accepted"] is True
    assert reached["scenes: right of accepted"] is False
    assert reached["peak memory"] is False
    assert reached["both model files"] is True
    assert reached["eu-scenes: fold"] is None

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from alprd.plates.alphabet import MAX_CHARACTERS, UNREADABLE
from alprd.plates.jurisdictions import JURISDICTIONS, jurisdiction_number

pytest.importorskip("cv2", reason="only training machines render plates")

from models.training.blemishes import hide_characters, soil
from models.training.faces import NOT_LEARNT, codes_of
from models.training.plates import CROP_HEIGHT, CROP_WIDTH, PlateRenderer
from models.training.serials import draw_serial, text_of
from models.training.surroundings import Surroundings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def renderer(tmp_path_factory: pytest.TempPathFactory) -> PlateRenderer:
    return PlateRenderer(_no_fonts(tmp_path_factory), [])


def _no_fonts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our own strokes and, where Debian has them, DejaVu's faces."""
    return tmp_path_factory.mktemp("fonts")


def test_a_sample_is_a_crop_its_codes_and_its_place(renderer: PlateRenderer) -> None:
    rng = np.random.default_rng(1)
    samples = [renderer.sample(rng) for _ in range(300)]
    for crop, codes, place in samples:
        assert crop.shape == (CROP_HEIGHT, CROP_WIDTH)
        assert crop.dtype == codes.dtype == np.uint8
        assert codes.shape == (MAX_CHARACTERS,)
        assert place < len(JURISDICTIONS) or place == NOT_LEARNT
        length = int((codes > 0).sum())
        assert (codes[:length] > 0).all()
        assert codes.max() <= UNREADABLE
    empty = sum(not codes.any() for _crop, codes, _place in samples)
    assert 3 <= empty <= 45
    assert all(place == NOT_LEARNT for _crop, codes, place in samples if not codes.any())


def test_the_same_seed_renders_the_same_samples(renderer: PlateRenderer) -> None:
    runs = []
    for _ in range(2):
        rng = np.random.default_rng(2)
        runs.append([renderer.sample(rng).crop for _ in range(20)])
    assert all(np.array_equal(one, other) for one, other in zip(*runs, strict=True))


def test_each_read_character_has_a_box_inside_the_face(renderer: PlateRenderer) -> None:
    rng = np.random.default_rng(3)
    for _ in range(200):
        family, serial = draw_serial(rng)
        face = renderer.whole_face(family, serial, rng)
        assert len(face.boxes) == len(text_of(serial)) == int((face.codes > 0).sum())
        assert (face.boxes[:, 2] > face.boxes[:, 0]).all()
        assert face.boxes[:, [0, 1]].min() >= 0
        assert (face.boxes[:, 2] <= face.picture.shape[1] + 2).all()
        assert (face.boxes[:, 3] <= face.picture.shape[0] + 2).all()
        if face.place != NOT_LEARNT:
            assert face.place == (jurisdiction_number(family) if family in JURISDICTIONS else 0)


def test_a_hidden_character_changes_its_code_alone(renderer: PlateRenderer) -> None:
    rng = np.random.default_rng(4)
    hidden = 0
    for _ in range(60):
        face = renderer.whole_face("CA-ON", "ABCD^123", rng)
        picture, codes = hide_characters(face, Surroundings([]), rng)
        lost = codes == UNREADABLE
        assert np.array_equal(codes[~lost], face.codes[~lost])
        assert not lost[7:].any()
        if lost.any():
            hidden += 1
            assert lost.sum() <= 2
            x1, y1, x2, y2 = face.boxes[int(np.flatnonzero(lost)[0])]
            changed = np.abs(picture[y1:y2, x1:x2].astype(int) - face.picture[y1:y2, x1:x2]) > 8
            assert changed.mean() > 0.4
        else:
            assert picture is face.picture
    assert hidden > 40


def test_soil_leaves_most_of_every_character(renderer: PlateRenderer) -> None:
    rng = np.random.default_rng(5)
    for _ in range(60):
        face = renderer.whole_face("US-NY", "ABC^1234", rng)
        picture = soil(face, rng)
        for x1, y1, x2, y2 in face.boxes:
            changed = np.abs(picture[y1:y2, x1:x2].astype(int) - face.picture[y1:y2, x1:x2]) > 8
            assert changed.mean() < 0.9


def test_codes_leave_out_marks_gaps_and_small_letters() -> None:
    assert codes_of("{DP}A1-B^2|3").tolist() == [11, 2, 12, 3, 4, 0, 0, 0, 0, 0]

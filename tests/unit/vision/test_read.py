"""The plate reader with its real model."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from alprd.demo.plate import DARK_ON_LIGHT, LIGHT_ON_DARK, ONTARIO, STYLES, TWO_LINE, PlateStyle, draw_plate
from alprd.errors import ModelError
from alprd.plates.alphabet import CHARACTERS, READ_CODES, UNREADABLE
from alprd.plates.jurisdictions import JURISDICTIONS
from alprd.vision.ctc import TextChance
from alprd.vision.litert import Model, default_folder, installed_runtimes
from alprd.vision.loading import READER_MODELS, open_reader
from alprd.vision.read import Reader
from alprd.vision.rectify import Rectifier

if TYPE_CHECKING:
    from numpy.typing import NDArray

COLUMNS = 72


@pytest.fixture(params=installed_runtimes())
def reader(request: pytest.FixtureRequest) -> Reader:
    return open_reader(request.param)


def _scene(text: str, style: PlateStyle, seed: int = 1) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """A plate, 120 px wide and a little aslant, on a grey street, and its corners."""
    face = draw_plate(text, style, rng=np.random.default_rng(seed))
    tall = 120 * style.height / style.width
    plate = Image.fromarray(face).resize((120, round(tall)), Image.Resampling.BOX).convert("LA")
    plate = plate.rotate(-4, expand=True, resample=Image.Resampling.BILINEAR)
    street = Image.new("LA", (400, 300), (110, 255))
    street.alpha_composite(plate, (150, 100))
    half = np.array([[-60, -tall / 2], [60, -tall / 2], [60, tall / 2], [-60, tall / 2]])
    turn = np.deg2rad(4)
    spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    centre = np.array([150 + plate.width / 2, 100 + plate.height / 2])
    return np.asarray(street.convert("L")), (half @ spin + centre).astype(np.float32)


def _text(reader: Reader, length: int) -> str:
    """For a test alone: the product never makes a string of a read."""
    return "".join(CHARACTERS[code - 1] for code in reader.codes[:length])


def _buffers(reader: Reader) -> list[NDArray[Any]]:
    texts = (reader._first_text, reader._second_text)
    columns = [text.columns for text in texts]
    owners = [reader, *texts, *columns, *(part._text_chance for part in columns)]
    return [value for owner in owners for value in vars(owner).values() if isinstance(value, np.ndarray)]


def _show(reader: Reader, *columns: list[int]) -> None:
    """Have each network see these codes, one a column, and blanks after them, whatever the crop."""
    for network, codes in zip((reader._first_text, reader._second_text), columns, strict=True):
        network.run = lambda: None  # type: ignore[method-assign]
        network.raw.fill(-100)
        for column in range(COLUMNS):
            code = codes[column] if column < len(codes) else 0
            network.raw[0, column, code] = 100


def test_the_plate_of_the_manifests_self_test_is_read(reader: Reader) -> None:
    expected = reader._model.manifest.self_test
    style, seed = STYLES[str(expected["style"])], int(str(expected["seed"]))
    main, corners = _scene(str(expected["text"]), style, seed)
    assert _text(reader, reader.read(main, corners)) == expected["text"]
    assert reader.score[0] > 0.5


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("BKTR903", ONTARIO),
        ("AVHX562", ONTARIO),
        ("KDL4827", DARK_ON_LIGHT),
        ("HTX904", LIGHT_ON_DARK),
        ("KV83", TWO_LINE),
        ("7RWN52", TWO_LINE),
    ],
)
def test_a_drawn_plate_is_read_as_its_text(reader: Reader, text: str, style: PlateStyle) -> None:
    length = reader.read(*_scene(text, style))
    assert _text(reader, length) == text
    assert length == len(text)
    assert not reader.codes[length:].any()
    assert not reader.confidences[length:].any()


def _log_odds(chance: float) -> float:
    kept = float(np.clip(chance, 1e-6, 1 - 1e-6))
    return float(np.log(kept / (1 - kept)))


@pytest.mark.parametrize(
    ("text", "style", "seed", "networks", "has_pattern"),
    [("CPWM371", ONTARIO, 1, 1, True), ("OQDO", TWO_LINE, 1, 2, False)],
)
def test_the_score_is_the_calibrated_chance_of_the_text(
    reader: Reader, text: str, style: PlateStyle, seed: int, networks: int, *, has_pattern: bool
) -> None:
    length = reader.read(*_scene(text, style, seed))
    assert length == len(text)
    assert ((reader.confidences[:length] > 0) & (reader.confidences[:length] <= 1)).all()
    own = {
        name: float(str(value))
        for name, value in reader._model.manifest.own.items()
        if name not in {"labels", "commit"}
    }
    chances = []
    for network in (reader._first_text, reader._second_text):
        chance = np.zeros(1, np.float32)
        TextChance(COLUMNS).of(network.columns.chances, reader.codes.astype(np.intp), length, chance)
        chances.append(float(chance[0]))
        if chances[0] >= own["sure"]:
            break
    assert len(chances) == networks
    odds = own["score_shift"] + own["score_text"] * _log_odds(float(np.mean(chances)))
    odds += own["score_least"] * _log_odds(float(reader.confidences[:length].min()))
    odds += own["score_pattern"] * has_pattern
    assert reader.score[0] == pytest.approx(1 / (1 + np.exp(-odds)), rel=1e-4)


def test_each_character_has_a_distribution_whose_best_code_is_the_one_read(reader: Reader) -> None:
    length = reader.read(*_scene("CPWM371", ONTARIO))
    assert reader.probabilities.shape == (10, READ_CODES)
    assert np.allclose(reader.probabilities[:length].sum(axis=1), 1, atol=1e-4)
    assert (reader.probabilities[:length].argmax(axis=1) == reader.codes[:length]).all()
    assert np.allclose(reader.probabilities[:length].max(axis=1), reader.confidences[:length])
    assert not reader.probabilities[length:].any()


def test_a_place_has_a_chance_and_a_number_of_the_table(reader: Reader) -> None:
    reader.read(*_scene("CPWM371", ONTARIO))
    assert 0 <= reader.place < len(JURISDICTIONS)
    assert 0 < reader.place_confidence[0] <= 1


def _warm_step(reader: Reader) -> float:
    """What one step of an int8 place logit is worth."""
    warmth = float(str(reader._model.manifest.own["place_temperature"]))
    return reader._model.quantization("places")[0] / warmth


def test_the_likeliest_place_is_taken_at_its_softmax(reader: Reader) -> None:
    reader._raw_places.fill(-100)
    reader._raw_places[0, 9] = 20
    reader._raw_places[0, 0] = 10
    reader.codes[:3] = UNREADABLE  # of no jurisdiction's pattern
    reader._decide_place(3)
    step = _warm_step(reader)
    others = np.exp(-10 * step) + (len(JURISDICTIONS) - 2) * np.exp(-120 * step)
    assert reader.place == 9
    assert reader.place_confidence[0] == pytest.approx(1 / (1 + others), rel=1e-4)


def test_a_place_whose_serials_have_another_pattern_loses_chance(reader: Reader) -> None:
    ontario, california = JURISDICTIONS.index("CA-ON"), JURISDICTIONS.index("US-CA")
    reader._raw_places.fill(-128)
    reader._raw_places[0, [ontario, california]] = 100
    for text, place in (("CKHA482", ontario), ("7KLM482", california)):
        reader.codes[:7] = [CHARACTERS.index(character) + 1 for character in text]
        reader._decide_place(7)
        assert reader.place == place
        assert 0.7 < reader.place_confidence[0] < 0.8


def test_a_whole_plate_is_not_partial(reader: Reader) -> None:
    assert reader.read(*_scene("BKTR903", ONTARIO)) == 7
    assert not reader.partial


def test_a_plate_cut_off_by_the_frames_edge_is_partial(reader: Reader) -> None:
    main, corners = _scene("BKTR903", ONTARIO)
    cut = int(corners[:, 0].max()) - 25
    assert reader.read(np.ascontiguousarray(main[:, :cut]), corners) > 0
    assert reader.partial


def test_partial_does_not_outlive_its_plate(reader: Reader) -> None:
    main, corners = _scene("BKTR903", ONTARIO)
    reader.read(np.ascontiguousarray(main[:, : int(corners[:, 0].max()) - 25]), corners)
    reader.read(main, corners)
    assert not reader.partial


def test_a_bare_wall_is_not_read(reader: Reader) -> None:
    wall = np.full((200, 300), 128, np.uint8)
    corners = np.array([[50, 50], [250, 50], [250, 150], [50, 150]], np.float32)
    length = reader.read(wall, corners)
    assert length == 0 or reader.score[0] < 0.3


def test_noise_is_not_read_with_confidence(reader: Reader) -> None:
    noise = np.random.default_rng(8).integers(0, 256, (200, 300), dtype=np.uint8)
    corners = np.array([[50, 50], [250, 50], [250, 150], [50, 150]], np.float32)
    length = reader.read(noise, corners)
    assert length == 0 or reader.score[0] < 0.3


def test_corners_without_an_area_read_nothing(reader: Reader) -> None:
    assert reader.read(np.full((50, 50), 9, np.uint8), np.zeros((4, 2), np.float32)) == 0


def test_an_unreadable_plate_leaves_nothing_of_the_plate_before(reader: Reader) -> None:
    assert reader.read(*_scene("BKTR903", ONTARIO)) == 7
    reader._is_partial[0] = True
    assert reader.places.any()
    reader.read(np.full((50, 50), 9, np.uint8), np.zeros((4, 2), np.float32))
    assert not reader.partial
    assert not reader.places.any()
    assert not reader.codes.any()
    assert not reader.confidences.any()
    assert not reader.probabilities.any()
    assert reader.score[0] == 0
    assert reader.place == 0
    assert reader.place_confidence[0] == 0


@pytest.mark.parametrize("characters", [1, 11])
def test_too_few_and_too_many_characters_are_no_plate(reader: Reader, characters: int) -> None:
    seen = [code for character in range(characters) for code in (1 + character, 0, 0)]
    _show(reader, seen, seen)
    assert reader._decode() == 0
    assert not reader.codes.any()


def test_equal_neighbours_are_one_character_unless_a_blank_parts_them(reader: Reader) -> None:
    seen = [0, 5, 5, 0, 5, 7, 7, 7, 0, 0, 36]
    _show(reader, seen, seen)
    assert reader._decode() == 4
    assert reader.codes[:4].tolist() == [5, 5, 7, 36]


@pytest.mark.parametrize(("second", "partial"), [(6, False), (UNREADABLE, True)])
def test_a_code_for_what_cannot_be_made_out_makes_the_read_partial(
    reader: Reader, second: int, *, partial: bool
) -> None:
    seen = [0, 5, 0, second, 0, 7]
    _show(reader, seen, seen)
    assert reader._decode() == 3
    assert reader.codes[:3].tolist() == [5, second, 7]
    assert reader.partial is partial


def test_the_second_is_asked_only_where_the_first_is_not_sure(reader: Reader) -> None:
    seen = [0, 5, 0, 6, 0, 7]
    _show(reader, seen, [0, 9, 0, 9, 0, 9])
    asked = []
    reader._second_text.run = lambda: asked.append(True)  # type: ignore[method-assign]
    assert reader._decode() == 3
    assert asked == []
    assert reader.codes[:3].tolist() == [5, 6, 7]
    reader._first_text.raw[0, 1, 9] = 98
    reader.probabilities.fill(0)
    assert reader._decode() == 3
    assert asked == [True]


@pytest.mark.parametrize("surer", [0, 1])
def test_of_two_texts_the_surer_networks_is_taken_and_half_believed(reader: Reader, surer: int) -> None:
    texts = [[0, 5, 0, 6, 0, 7], [0, 5, 0, 8, 0, 7]]
    _show(reader, *texts)
    unsure = 1 - surer
    networks = (reader._first_text, reader._second_text)
    networks[unsure].raw[0, 3, texts[surer][3]] = 98  # it nearly saw what the other sees
    networks[surer].raw[0, 3, texts[unsure][3]] = 93  # and the other is not so sure as to be asked alone
    assert reader._decode() == 3
    assert reader.codes[:3].tolist() == [code for code in texts[surer] if code]
    together = float(reader.score[0])
    assert reader.probabilities[1, texts[unsure][3]] > 0.2
    _show(reader, texts[surer], texts[surer])
    reader._decode()
    assert together < 0.8 * float(reader.score[0])


def test_where_the_first_sees_no_text_there_is_none_and_the_second_is_not_asked(reader: Reader) -> None:
    asked = []
    _show(reader, [], [0, 5, 0, 6, 0, 7])
    reader._second_text.run = lambda: asked.append(True)  # type: ignore[method-assign]
    assert reader._decode() == 0
    assert asked == []
    assert not reader.codes.any()
    assert not reader.probabilities.any()


def test_a_wipe_leaves_zeros_in_every_buffer_and_in_the_model(reader: Reader) -> None:
    reader.read(*_scene("BKTR903", ONTARIO))
    assert sum(bool(buffer.any()) for buffer in _buffers(reader)) > 10
    reader._ask_second()
    reader.wipe()
    assert not any(buffer.any() for buffer in _buffers(reader))
    for model in (reader._model, reader._second):
        assert not model.input.any()
        assert not any(model.output(number).any() for number in range(len(model.manifest.outputs)))


def test_a_reader_trained_on_other_margins_is_refused() -> None:
    model, second = (Model.open(default_folder(name)) for name in READER_MODELS)
    with pytest.raises(ModelError, match="margins"):
        Reader(model, second, Rectifier(margin_x=0.2))
    with pytest.raises(ModelError, match="48x144"):
        Reader(model, second, Rectifier(64, 144))
    own = MappingProxyType({**model.manifest.own, "labels": CHARACTERS[::-1]})
    model.manifest = replace(model.manifest, own=own)
    with pytest.raises(ModelError, match="labels"):
        Reader(model, second, Rectifier())


def test_a_second_reader_of_other_crops_is_refused() -> None:
    model, second = (Model.open(default_folder(name)) for name in READER_MODELS)
    with pytest.raises(ModelError, match="expected a text network"):
        Reader(model, Model.open(default_folder("detector")), Rectifier())
    own = MappingProxyType({**second.manifest.own, "contrast": 40.0})
    second.manifest = replace(second.manifest, own=own)
    with pytest.raises(ModelError, match="another contrast"):
        Reader(model, second, Rectifier())

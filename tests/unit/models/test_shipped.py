from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="only training machines have torch")

from alprd.demo.plate import DARK_ON_LIGHT, draw_plate  # noqa: E402 - the training needs torch
from models.training.place_net import PlaceNet  # noqa: E402
from models.training.reader_export import Int8  # noqa: E402
from models.training.reader_net import ReaderNet, greedy, normalise  # noqa: E402
from models.training.shipped import Layer, layers_of, unfold  # noqa: E402

FILE = Path("models/reader/reader.tflite")
SECOND = Path("models/second_reader/second_reader.tflite")
READER_LAYERS = 11


def crops() -> Any:
    texts = ("CKHA482", "ABC123", "7XYZ904", "BD40K", "MNPR667", "G3", "QUILT", "HJ88WV")
    faces = [draw_plate(text, DARK_ON_LIGHT, rng=np.random.default_rng(6)) for text in texts]
    small = [face[:: face.shape[0] // 48, :: face.shape[1] // 144][:48, :144] for face in faces]
    return normalise(torch.from_numpy(np.stack([np.resize(face, (48, 144)) for face in small])))


@pytest.mark.parametrize("file", [FILE, SECOND])
def test_a_training_begun_with_a_shipped_file_reads_as_that_does(file: Path) -> None:
    content, inputs = file.read_bytes(), crops()
    own, *places = Int8(content)(inputs)
    reader = unfold(ReaderNet(), layers_of(content)[:READER_LAYERS], inputs)
    with torch.no_grad():
        assert greedy(reader(inputs)) == greedy(own)
        assert (reader(inputs).softmax(2) - own.softmax(2)).abs().max() < 0.5
    assert any(greedy(own))
    assert bool(places) == (file == FILE)


def test_the_place_begins_with_the_shipped_files_too() -> None:
    content, inputs = FILE.read_bytes(), crops()
    place = unfold(PlaceNet(), layers_of(content)[READER_LAYERS:], inputs)
    with torch.no_grad():
        assert (place(inputs).argmax(1) == Int8(content)(inputs)[1].argmax(1)).float().mean() > 0.7


def test_a_network_in_training_begins_with_the_same_numbers_as_in_use() -> None:
    inputs = crops()
    reader = unfold(ReaderNet(), layers_of(FILE.read_bytes())[:READER_LAYERS], inputs)
    with torch.no_grad():
        in_use = reader(inputs)
        assert torch.allclose(reader.train()(inputs), in_use, atol=0.05)


def test_layers_of_another_network_are_refused() -> None:
    layers = layers_of(FILE.read_bytes())[:READER_LAYERS]
    with pytest.raises(ValueError, match="not this network's"):
        unfold(ReaderNet(0.5), layers, crops())
    odd = [Layer(layer.weight[:1], layer.bias[:1]) for layer in layers]
    with pytest.raises(ValueError, match="not this network's"):
        unfold(ReaderNet(), odd, crops())

from __future__ import annotations

import hashlib
import shutil
from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest

from alprd.errors import ModelError, RuntimeMissingError
from alprd.vision import litert
from alprd.vision.litert import Model, default_folder, installed_runtimes

if TYPE_CHECKING:
    from pathlib import Path

RUNTIMES = installed_runtimes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(default_folder("detector"), tmp_path / "detector")


def edit(folder: Path, old: str, new: str) -> None:
    manifest = folder / "manifest.toml"
    text = manifest.read_text()
    assert old in text
    manifest.write_text(text.replace(old, new, 1))


def fill_with_noise(model: Model) -> None:
    model.input[:] = np.random.default_rng(2).integers(-128, 128, model.manifest.input.shape, np.int8)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_the_shipped_detector_opens_and_runs(runtime: Literal["litert", "tflite"]) -> None:
    model = Model.open(default_folder("detector"), runtime)
    assert model.runtime == runtime
    assert model.input.shape == (1, 384, 640, 1)
    fill_with_noise(model)
    model.invoke()
    heat = model.output("heat")
    assert heat.shape == (1, 1, 48, 80)
    assert heat.dtype == np.int8
    assert heat.any()


def test_auto_takes_the_preferred_runtime() -> None:
    assert Model.open(default_folder("detector")).runtime == RUNTIMES[0]
    assert list(RUNTIMES) == sorted(RUNTIMES)  # "litert" stands before "tflite" in the alphabet too


@pytest.mark.parametrize("place", [0, 1000, -1])
def test_a_changed_byte_in_the_model_refuses_to_start(folder: Path, place: int) -> None:
    file = folder / "detector.tflite"
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)
    with pytest.raises(ModelError, match="sha256"):
        Model.open(folder)


def test_a_byte_more_or_less_refuses_to_start(folder: Path) -> None:
    file = folder / "detector.tflite"
    content = file.read_bytes()
    for changed in (content[:-1], content + b"\0", b""):
        file.write_bytes(changed)
        with pytest.raises(ModelError, match="sha256"):
            Model.open(folder)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("shape = [1, 384, 640, 1]", "shape = [1, 640, 384, 1]"),
        ('dtype = "int8"', 'dtype = "uint8"'),
        ("scale = 0.0078125", "scale = 0.0078"),
        ("zero_point = 0", "zero_point = 1"),
        ('name = "heat"\nshape = [1, 1, 48, 80]', 'name = "heat"\nshape = [1, 2, 48, 80]'),
        (
            "[[outputs]]",
            '[[outputs]]\nname = "x"\nshape = [1]\ndtype = "int8"\nscale = 1.0\nzero_point = 0\n[[outputs]]',
        ),
    ],
)
def test_a_manifest_of_other_tensors_refuses_to_start(folder: Path, old: str, new: str) -> None:
    edit(folder, old, new)
    with pytest.raises(ModelError, match="expected"):
        Model.open(folder)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_bytes_that_are_no_model_are_refused_by_name(
    folder: Path, runtime: Literal["litert", "tflite"]
) -> None:
    content = b"TFL3 not a model" * 100
    digest = hashlib.sha256((folder / "detector.tflite").read_bytes()).hexdigest()
    (folder / "detector.tflite").write_bytes(content)
    edit(folder, digest, hashlib.sha256(content).hexdigest())
    with pytest.raises(ModelError, match=r"detector\.tflite.*refuses"):
        Model.open(folder, runtime)


@pytest.mark.parametrize("name", ["manifest.toml", "detector.tflite"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelError, match=name):
        Model.open(folder)


def test_an_unknown_model_has_no_folder() -> None:
    with pytest.raises(ModelError, match="sextant"):
        default_folder("sextant")


def test_a_runtime_that_is_not_installed_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(litert._MODULES, "tflite", "no_such_runtime.interpreter")
    with pytest.raises(RuntimeMissingError, match="tflite"):
        Model.open(default_folder("detector"), "tflite")
    monkeypatch.setitem(litert._MODULES, "litert", "no_such_runtime.interpreter")
    with pytest.raises(RuntimeMissingError, match="neither"):
        Model.open(default_folder("detector"))


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_input_and_outputs_are_zero_after_a_wipe(runtime: Literal["litert", "tflite"]) -> None:
    model = Model.open(default_folder("detector"), runtime)
    fill_with_noise(model)
    model.invoke()
    model.wipe()
    assert not model.input.any()
    assert not any(model.output(i).any() for i in range(len(model.manifest.outputs)))


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_an_output_fills_a_buffer_that_outlives_the_next_run(runtime: Literal["litert", "tflite"]) -> None:
    model = Model.open(default_folder("detector"), runtime)
    fill_with_noise(model)
    model.invoke()
    out = np.zeros((1, 2, 48, 80), np.int8)
    assert model.output("size", out=out) is out
    first = out.sum()
    model.wipe()
    model.invoke()
    assert out.sum() == first


def test_quantization_is_that_of_the_manifest() -> None:
    model = Model.open(default_folder("detector"))
    heat = model.manifest.outputs[0]
    assert model.quantization() == (1 / 128, 0)
    assert model.quantization("heat") == model.quantization(0) == (heat.scale, heat.zero_point)
    with pytest.raises(KeyError):
        model.quantization("sextant")


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_opening_a_model_prints_nothing(
    runtime: Literal["litert", "tflite"], capfd: pytest.CaptureFixture[str]
) -> None:
    Model.open(default_folder("detector"), runtime)
    assert capfd.readouterr() == ("", "")

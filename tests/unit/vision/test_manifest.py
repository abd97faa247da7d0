from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alprd.errors import ModelError
from alprd.vision.manifest import MAX_BYTES, Tensor, parse

GOOD = """
name = "detector"
file = "detector.tflite"
sha256 = "%s"

[input]
shape = [1, 384, 640, 1]
dtype = "int8"
scale = 0.0078125
zero_point = 0

[[outputs]]
name = "heat"
shape = [1, 1, 48, 80]
dtype = "int8"
scale = 0.05
zero_point = 87

[detector]
threshold = 0.4
words = ["free", "to", "choose"]

[self_test]
seed = 3
""" % ("0f" * 32)


def test_a_manifest_states_the_file_and_its_tensors() -> None:
    manifest = parse(GOOD.encode())
    assert (manifest.name, manifest.file, manifest.sha256) == ("detector", "detector.tflite", "0f" * 32)
    assert manifest.input == Tensor(
        name="input", shape=(1, 384, 640, 1), dtype="int8", scale=0.0078125, zero_point=0
    )
    assert [output.name for output in manifest.outputs] == ["heat"]
    assert manifest.own["words"] == ["free", "to", "choose"]
    assert manifest.self_test == {"seed": 3}
    assert manifest.number("threshold", 0, 1) == 0.4


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('name = "detector"\n', ""),
        ('name = "detector"', 'name = "../detector"'),
        ('"detector.tflite"', '"../detector.tflite"'),
        ('"detector.tflite"', '"/etc/passwd"'),
        ("0f", "0F"),
        ("0f0f", "0f"),
        ("[input]", "[inputs]"),
        ("[[outputs]]", "[outputs]"),
        ("[[outputs]]", "[[output]]"),
        ("shape = [1, 384, 640, 1]", "shape = []"),
        ("shape = [1, 384, 640, 1]", "shape = [1, 0, 640, 1]"),
        ("shape = [1, 384, 640, 1]", "shape = [1, 384.0, 640, 1]"),
        ("shape = [1, 384, 640, 1]", "shape = [1, 1, 1, 1, 384, 640, 1]"),
        ("shape = [1, 384, 640, 1]", "shape = 384"),
        ('dtype = "int8"', 'dtype = "int4"'),
        ("scale = 0.05", "scale = nan"),
        ("scale = 0.05", "scale = -0.05"),
        ("scale = 0.05", "scale = 1"),
        ("zero_point = 87", "zero_point = 87.0"),
        ("zero_point = 87", "zero_point = true"),
        ("zero_point = 87", "zero_point = 87\nmode = 1"),
        ("[detector]", "[reader]"),
        ("[self_test]", "[selftest]"),
        ('name = "heat"\n', ""),
        ("seed = 3", "seed ="),
    ],
)
def test_any_other_manifest_is_refused(old: str, new: str) -> None:
    assert old in GOOD
    with pytest.raises(ModelError):
        parse(GOOD.replace(old, new).encode())


@pytest.mark.parametrize("low_high", [(0.5, 1.0), (0.0, 0.3)])
def test_a_number_out_of_its_range_is_refused(low_high: tuple[float, float]) -> None:
    with pytest.raises(ModelError, match="threshold"):
        parse(GOOD.encode()).number("threshold", *low_high)


@pytest.mark.parametrize("key", ["words", "absent"])
def test_what_is_no_number_is_refused(key: str) -> None:
    with pytest.raises(ModelError, match=key):
        parse(GOOD.encode()).number(key, 0, 1)


def test_a_manifest_may_be_as_long_as_the_limit_and_no_longer() -> None:
    filled = GOOD.encode() + b"#" * (MAX_BYTES - len(GOOD))
    assert parse(filled).name == "detector"
    with pytest.raises(ModelError, match="bytes"):
        parse(filled + b"#")


def test_a_manifest_cut_anywhere_is_refused_or_promises_no_other_tensors() -> None:
    whole = parse(GOOD.encode())
    refused = 0
    for length in range(len(GOOD)):
        try:
            cut = parse(GOOD[:length].encode())
        except ModelError:
            refused += 1
        else:
            assert (cut.sha256, cut.input) == (whole.sha256, whole.input)
            assert cut.outputs[0].name == "heat"
    assert refused > GOOD.index("[detector]") - 10


@given(st.binary(max_size=300))
def test_only_a_model_error_comes_out_of_any_bytes(content: bytes) -> None:
    with pytest.raises(ModelError):
        parse(content)

"""Making scores chances: the fit, and the manifest's lines."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="only training machines have torch")
pytest.importorskip("cv2", reason="only training machines render plates")

from typing import TYPE_CHECKING

from alprd.plates.alphabet import CHARACTERS
from alprd.vision.litert import default_folder
from models.training.reader_chances import PLAIN_SCORE, SCORE, fitted, folded, set_score

if TYPE_CHECKING:
    from pathlib import Path


def test_the_fit_finds_the_weights_that_the_rows_were_drawn_by() -> None:
    rng = np.random.default_rng(4)
    weights = np.array([0.9, 0.4, 0.7])
    given = np.column_stack([rng.normal(2, 2, 40_000), rng.normal(1, 3, 40_000), rng.integers(0, 2, 40_000)])
    right = rng.random(40_000) < 1 / (1 + np.exp(-(given @ weights - 0.5)))
    assert fitted(np.column_stack([given, right])) == pytest.approx((*weights, -0.5), abs=0.1)


def test_only_o_and_0_and_i_and_1_count_as_the_same() -> None:
    codes = np.array([CHARACTERS.index(mark) + 1 for mark in "O0I1QDL"], np.uint8)
    same = folded(codes)
    assert same[0] == same[1]
    assert same[2] == same[3]
    assert len(set(same.tolist())) == 5


def test_the_weights_take_the_place_of_the_manifests_own(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.toml"
    text = (default_folder("reader") / "manifest.toml").read_text("utf-8")
    manifest.write_text(text, "utf-8")
    set_score(manifest, PLAIN_SCORE)
    changed = manifest.read_text("utf-8").splitlines()
    assert [line for line in changed if line.startswith("score_")] == [
        f"{name} = {weight!r}" for name, weight in zip(SCORE, PLAIN_SCORE, strict=True)
    ]
    assert len(changed) == len(text.splitlines())
    manifest.write_text("name = 'reader'", "utf-8")
    with pytest.raises(ValueError, match="one line of score_text"):
        set_score(manifest, PLAIN_SCORE)

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="only training machines have torch")

from models.training.faces import NOT_LEARNT  # noqa: E402 - the training needs torch
from models.training.place import SMOOTHING, wanted  # noqa: E402


def test_a_plate_that_does_not_tell_where_it_is_from_is_learnt_as_unsure() -> None:
    goals = wanted(torch.tensor([7, NOT_LEARNT, 0], dtype=torch.uint8))
    assert goals.shape == (3, 65)
    assert torch.allclose(goals.sum(1), torch.ones(3))
    assert torch.allclose(goals[1], torch.full((65,), 1 / 65))
    assert goals.argmax(1)[[0, 2]].tolist() == [7, 0]
    assert goals[0, 7] == pytest.approx(1 - SMOOTHING + SMOOTHING / 65)

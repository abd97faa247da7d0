from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="only training machines have torch")

from models.training.reader_net import ReaderNet  # noqa: E402 - needs torch


def test_branches_that_add_nothing_at_first_can_learn() -> None:
    torch.manual_seed(1)
    net = ReaderNet(0.25)
    net(torch.randn(4, 1, 48, 144)).square().mean().backward()
    silent = {name: p for name, p in net.named_parameters() if not p.any() and name.endswith("1.weight")}
    assert len(silent) == 4
    for name, parameter in silent.items():
        assert parameter.grad.any(), name

"""Running averages of weights, and saves that are whole or not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from pathlib import Path

    from torch import nn


@torch.no_grad()  # type: ignore[untyped-decorator]  # torch is untyped to mypy here
def follow(average: nn.Module, net: nn.Module, keep: float) -> None:
    """Move ``average`` towards ``net`` and ``keep`` (0 to 1) of itself."""
    for mean, now in zip(average.state_dict().values(), net.state_dict().values(), strict=True):
        if mean.dtype.is_floating_point:
            mean.lerp_(now, 1 - keep)
        else:
            mean.copy_(now)


def write_whole(state: dict[str, Any], path: Path) -> None:
    """Write ``state`` to ``path`` in one move."""
    part = path.with_suffix(".part")
    torch.save(state, part)
    part.replace(path)

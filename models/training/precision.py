"""How a training computes: in bfloat16 where that is faster than float32, compiled where there is a GPU."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

import torch

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from torch import Tensor, nn

_CPU_INFO: Final = Path("/proc/cpuinfo")


def mixed(device: torch.device) -> AbstractContextManager[object]:
    """Return the context for a forward pass on ``device``.

    Processors without instructions for bfloat16 emulate it: a step then takes twelve times as long.
    """
    if device.type == "cpu" and not {"avx512_bf16", "amx_bf16", "bf16"} & set(_CPU_INFO.read_text().split()):
        return contextlib.nullcontext()
    return torch.autocast(device.type, dtype=torch.bfloat16)


def compiled(net: nn.Module, device: torch.device) -> Callable[[Tensor], Tensor]:
    """Return ``net`` with its layers fused on a GPU, where moving through memory is what they cost."""
    return torch.compile(net) if device.type == "cuda" else net

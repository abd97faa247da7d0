"""Whether a training's arithmetic is done in bfloat16: where that is faster than float32, and only there."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

import torch

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

_CPU_INFO: Final = Path("/proc/cpuinfo")


def mixed(device: torch.device) -> AbstractContextManager[object]:
    """Return the context for a forward pass on ``device``.

    Processors without instructions for bfloat16 emulate it: a step then takes twelve times as long.
    """
    if device.type == "cpu" and not {"avx512_bf16", "amx_bf16", "bf16"} & set(_CPU_INFO.read_text().split()):
        return contextlib.nullcontext()
    return torch.autocast(device.type, dtype=torch.bfloat16)

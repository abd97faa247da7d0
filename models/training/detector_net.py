"""The plate detector's network: grey picture in, four maps at stride 8 out.

Plain 3x3 convolutions throughout: int8 runtimes run them best. Three more strides and back give large
plates, up to the input's whole width, their context. Each map is an output of its own, so that each has
its own int8 scale.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
from torch import nn

if TYPE_CHECKING:
    from collections.abc import Sequence

STRIDE: Final = 8
HEIGHT: Final = 384
WIDTH: Final = 640
HEADS: Final = (("heat", 1), ("offset", 2), ("size", 2), ("corner", 8))
WIDTHS: Final = (16, 32, 48, 64, 96)


def _conv(inputs: int, outputs: int, stride: int = 1, kernel: int = 3) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU6(inplace=True),
    )


class DetectorNet(nn.Module):  # type: ignore[misc] # torch is not in the environment that checks types
    """Maps (N, 1, H, W) grey of about -1..1, H and W multiples of 64, to the four maps of `HEADS`.

    Each map is (N, channels, H / 8, W / 8); ``heat`` holds logits.
    """

    def __init__(self, widths: Sequence[int] = WIDTHS) -> None:
        super().__init__()
        a, b, c, d, e = widths
        self.stem = nn.Sequential(_conv(1, a, 2), _conv(a, b, 2))
        self.at8 = nn.Sequential(_conv(b, c, 2), _conv(c, c))
        self.at16 = nn.Sequential(_conv(c, d, 2), _conv(d, d))
        self.at32 = nn.Sequential(_conv(d, e, 2), _conv(e, e), _conv(e, e))
        self.at64 = nn.Sequential(_conv(e, e, 2), _conv(e, e), _conv(e, e))
        self.down64 = _conv(e, e, 1, 1)
        self.down32 = _conv(e, d, 1, 1)
        self.back16 = _conv(d, d)
        self.down16 = _conv(d, c, 1, 1)
        self.back8 = nn.Sequential(_conv(c, c), _conv(c, c))
        self.heads = nn.ModuleDict({name: nn.Conv2d(c, channels, 1) for name, channels in HEADS})
        self.up = nn.Upsample(scale_factor=2, mode="nearest")
        heat = self.heads["heat"]
        assert isinstance(heat, nn.Conv2d)  # noqa: S101 - tells the type checker
        assert heat.bias is not None  # noqa: S101 - tells the type checker
        nn.init.constant_(heat.bias, -4.6)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Return the maps in the order of `HEADS`."""
        at8 = self.at8(self.stem(x))
        at16 = self.at16(at8)
        at32 = self.at32(at16)
        at32 = at32 + self.up(self.down64(self.at64(at32)))
        back = self.back16(at16 + self.up(self.down32(at32)))
        back = self.back8(at8 + self.up(self.down16(back)))
        return tuple(self.heads[name](back) for name, _ in HEADS)

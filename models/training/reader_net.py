"""The reader's network: plain 3x3 convolutions and one sequence of 72 columns for CTC.

A crop of 48x144 becomes a map of 6 rows and 36 columns. Its upper and lower half are pooled to
one row each and laid end to end, so that the upper line of a two-line plate is read before the
lower one; a one-line plate is read in whichever half the network chooses. Convolutions along the line let
each character see the others: a serial's pattern tells a 2 from a Z.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from alprd.plates.alphabet import READ_CODES

COLUMNS: Final = 72
CONTRAST: Final = 48.0
MOST_GAIN: Final = 8.0
SPREAD: Final = 64.0
"""What `normalise` and, through the manifest, `alprd.vision.read` make of a crop before it is read."""


class _Conv(nn.Sequential):  # type: ignore[misc]  # torch is untyped to mypy here
    """A convolution, batch norm and a clipped rectifier, whose fixed range suits int8."""

    def __init__(
        self, inputs: int, outputs: int, kernel: tuple[int, int] = (3, 3), stride: tuple[int, int] = (1, 1),
        padding: tuple[int, int] | None = None,
    ) -> None:  # fmt: skip
        if padding is None:
            padding = (kernel[0] // 2, kernel[1] // 2)
        super().__init__(
            nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU6(inplace=True),
        )


class ReaderNet(nn.Module):  # type: ignore[misc]  # torch is untyped to mypy here
    """Maps crops (n, 1, 48, 144) to logits (n, 72, 38); class 0 is the blank, class 37 cannot be made out."""

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        a, b, c, d, e = (round(channels * width / 8) * 8 for channels in (32, 64, 80, 128, 160))
        self.trunk = nn.Sequential(
            _Conv(1, a, stride=(2, 2)),
            _Conv(a, a),
            _Conv(a, b, stride=(2, 2)),
            _Conv(b, b),
            _Conv(b, c),
            _Conv(c, d, stride=(2, 1)),
            _Conv(d, d),
            _Conv(d, e, kernel=(3, 1), stride=(3, 1), padding=(0, 0)),
            _Conv(e, e),
        )
        self.line = _Conv(e, e, kernel=(1, 5))
        self.head = nn.Conv2d(e, READ_CODES, 1)

    def forward(self, crops: Tensor) -> Tensor:
        """Return the logits of ``crops``."""
        halves = self.trunk(crops)
        line = halves.reshape(halves.shape[0], halves.shape[1], 1, COLUMNS)
        logits: Tensor = self.head(self.line(line))
        return logits.flatten(2).permute(0, 2, 1)


def normalise(crops: Tensor) -> Tensor:
    """Return uint8 ``crops`` (n, 48, 144) as network input (n, 1, 48, 144).

    The same as `alprd.vision.read`: the mean goes to 0, the deviation to `CONTRAST` grey levels
    with a gain of at most `MOST_GAIN`, limited to the range of int8.
    """
    soft = crops.float()
    mean = soft.mean(dim=(1, 2), keepdim=True)
    deviation = soft.std(dim=(1, 2), keepdim=True, correction=0)
    gain = torch.clamp(CONTRAST / torch.clamp(deviation, min=1e-3), max=MOST_GAIN)
    return torch.clamp((soft - mean) * gain, -128, 127).div(SPREAD).unsqueeze(1)


def greedy(logits: Tensor) -> list[list[int]]:
    """Return the codes of each row of ``logits`` (n, 72, 38): repeats merged, blanks dropped."""
    rows: list[list[int]] = logits.argmax(dim=2).tolist()
    return [
        [code for before, code in zip([0, *row], row, strict=False) if code not in {0, before}]
        for row in rows
    ]

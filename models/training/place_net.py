"""The network that names a plate's jurisdiction from its design: small lettering, bands, pictures, serial.

It sees the same crop of 48x144 as the reader, through filters of its own: what tells an A from a 4 is not
what tells "Ohio" in script from "Iowa".
"""

from __future__ import annotations

from torch import Tensor, nn

from alprd.plates.jurisdictions import JURISDICTIONS


def _conv(inputs: int, outputs: int, stride: tuple[int, int] = (1, 1)) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU6(inplace=True)
    )


class PlaceNet(nn.Module):  # type: ignore[misc]  # torch is untyped to mypy here
    """Maps crops (n, 1, 48, 144) to logits (n, 65): 0 is a plate from elsewhere, then `JURISDICTIONS`."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            _conv(1, 32, (2, 2)),
            _conv(32, 48),
            _conv(48, 64, (2, 2)),
            _conv(64, 96),
            _conv(96, 128, (2, 2)),
            _conv(128, 128),
            # Where lettering stands tells as much as what it says: 3 by 6 places stay apart.
            nn.AvgPool2d((2, 3)),
            nn.Flatten(),
            nn.Dropout(0.2),
            nn.Linear(3 * 6 * 128, len(JURISDICTIONS)),
        )

    def forward(self, crops: Tensor) -> Tensor:
        """Return the logits of ``crops``."""
        logits: Tensor = self.layers(crops)
        return logits

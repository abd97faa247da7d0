"""The reader's inputs, cut anew from wide pictures each time they are learnt from.

Every step sees each plate by other corners, in other light, sharper or less sharp: pictures on disk are few,
views of them are not. `plain` is the cut that the product makes of exact corners.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from alprd.vision.rectify import HEIGHT, MARGIN_X, MARGIN_Y, WIDTH
from models.training.plates import CROP_MARGIN

_GROUP: Final = 32
_KERNEL: Final = 7


def plain(wide: Tensor, grow: tuple[float, float] = (0.0, 0.0)) -> Tensor:
    """Return the reader's crops (n, 48, 144) of the uint8 ``wide`` pictures (n, 80, 192), values 0 to 255.

    ``grow`` moves each side out by that share of the plate's width and height.
    """
    corners = _outer(len(wide), wide.device)
    corners = (corners - 0.5) * (1 + 2 * torch.tensor(grow, device=wide.device)) + 0.5
    return _sample(wide, _places(corners))


def varied(wide: Tensor, dice: torch.Generator) -> Tensor:
    """Return crops (n, 48, 144) of ``wide`` as a detector and a camera could have given them.

    ``dice`` is a generator of the device that ``wide`` is on.
    """
    count, device = len(wide), wide.device

    def chance(share: float) -> Tensor:
        return (torch.rand(count, 1, 1, generator=dice, device=device) < share).float()

    def between(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(count, 1, 1, generator=dice, device=device)

    def normal(*shape: int) -> Tensor:
        return torch.randn(count, *shape, generator=dice, device=device)

    amount = 1.0 + chance(0.25)
    corners = _outer(count, device) - 0.5
    turn = normal(1, 1) * 0.02 * chance(0.4) * amount
    # In shares of the plate's sides: a plate is two to five times as wide as it is tall.
    corners = corners + torch.cat([-corners[..., 1:] * 0.4, corners[..., :1] * 2.5], dim=2) * turn
    corners = corners * (1 + (0.01 + normal(1, 2) * torch.tensor([0.02, 0.03], device=device)) * amount)
    corners = corners + (normal(1, 2) * 0.018 + normal(4, 2) * 0.014) * amount + 0.5
    places = _places(corners)
    # Some pictures end where the plate's box does: its border is then repeated, as by the product.
    cut_off = chance(0.12)[..., None]
    edge = 0.02 * normal(1, 1, 1).abs() * cut_off + 10 * (1 - cut_off)
    crops = _sample(wide, torch.minimum(torch.maximum(places, -edge), 1 + edge))

    crops = _blurred(crops, dice)
    across = torch.linspace(-0.5, 0.5, WIDTH, device=device)
    down = torch.linspace(-0.5, 0.5, HEIGHT, device=device)[:, None]
    slope = (across * normal(1, 1) + down * normal(1, 1)).clamp(-1, 1)
    crops = crops * (1 + chance(0.3) * 0.5 * slope)
    gamma = torch.exp(normal(1, 1) * 0.3 * chance(0.4))
    crops = 255 * (crops / 255).clamp(1e-4, 1) ** gamma
    faint = chance(0.15)
    crops = crops * (1 - faint * between(0.3, 0.85)) + faint * between(0, 120)
    # Noise goes by the crop's own contrast: a faint plate must stay one that can be read.
    contrast = crops.std(dim=(1, 2), keepdim=True).clamp(2, 50)
    crops = crops + normal(HEIGHT, WIDTH) * contrast * between(0, 0.25) * chance(0.5)
    return crops.clamp(0, 255)


def _outer(count: int, device: torch.device) -> Tensor:
    """Return the crop's corners (n, 4, 2) in shares of the plate, clockwise from top left."""
    x, y = MARGIN_X, MARGIN_Y
    whole = [[-x, -y], [1 + x, -y], [1 + x, 1 + y], [-x, 1 + y]]
    return torch.tensor(whole, device=device).expand(count, 4, 2)


def _places(corners: Tensor) -> Tensor:
    """Return where each crop pixel lies on the plate (n, 48, 144, 2), between its four ``corners``."""
    across = ((torch.arange(WIDTH, device=corners.device) + 0.5) / WIDTH)[None, None, :, None]
    down = ((torch.arange(HEIGHT, device=corners.device) + 0.5) / HEIGHT)[None, :, None, None]
    a, b, c, d = (corners[:, i, None, None, :] for i in range(4))
    return torch.lerp(torch.lerp(a, b, across), torch.lerp(d, c, across), down)


def _sample(wide: Tensor, places: Tensor) -> Tensor:
    margins = torch.tensor(CROP_MARGIN, device=wide.device)
    grid = (places + margins) / (1 + 2 * margins) * 2 - 1
    crops = functional.grid_sample(
        wide[:, None].float(), grid, mode="bilinear", padding_mode="border", align_corners=False
    )
    return crops[:, 0]


def _blurred(crops: Tensor, dice: torch.Generator) -> Tensor:
    """Return ``crops`` with one blur for each group of them; every other group stays sharp."""
    parts = list(crops.split(_GROUP))
    places = torch.arange(_KERNEL, device=crops.device) - _KERNEL // 2
    sigmas = 0.3 + 1.1 * torch.rand(len(parts), generator=dice, device=crops.device) ** 2
    all_taps = torch.exp(-0.5 * (places / sigmas[:, None]) ** 2)
    all_taps = all_taps / all_taps.sum(dim=1, keepdim=True)
    for number in range(0, len(parts), 2):
        taps = all_taps[number]
        level = functional.conv2d(
            functional.pad(parts[number][:, None], [_KERNEL // 2] * 4, mode="replicate"),
            taps.view(1, 1, 1, -1),
        )
        parts[number] = functional.conv2d(level, taps.view(1, 1, -1, 1))[:, 0]
    return torch.cat(parts)

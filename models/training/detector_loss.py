"""What the detector should have said of a window, and how far off it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from torch.nn import functional

from models.training.detector_net import HEADS, STRIDE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.training.detector_data import Window

SIGNS: Final = ((-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0))
SIZE_UNIT_PX: Final = 48.0
ROWS: Final = 96  # supervised cells of a window
COLUMNS: Final = 21  # cell, share, offset 2, size 2, has corners, corners 8, unturn 4, extent 2


def encode(window: Window) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return heat (h, w), its weight (h, w) and the supervised cells (ROWS, COLUMNS), all float32."""
    height, width = window.pixels.shape[0] // STRIDE, window.pixels.shape[1] // STRIDE
    heat = np.zeros((height, width), np.float32)
    weight = window.weight[STRIDE // 2 :: STRIDE, STRIDE // 2 :: STRIDE].copy()
    for x1, y1, x2, y2 in window.ignored:
        top, left = int(max(y1 / STRIDE, 0)), int(max(x1 / STRIDE, 0))
        weight[top : int(y2 / STRIDE) + 1, left : int(x2 / STRIDE) + 1] = 0
    rows = []
    for plate in window.plates:
        low, high = plate.corners.min(0) / STRIDE, plate.corners.max(0) / STRIDE
        centre, size = (low + high) / 2, high - low
        column, row = int(centre[0]), int(centre[1])
        if not (0 <= column < width and 0 <= row < height):
            continue
        xs, ys = np.arange(width) + 0.5 - centre[0], np.arange(height) + 0.5 - centre[1]
        spread = np.maximum(0.7, 0.14 * size)
        bump = np.exp(-0.5 * ((ys / spread[1]) ** 2)[:, None] - 0.5 * ((xs / spread[0]) ** 2)[None])
        np.maximum(heat, bump.astype(np.float32), out=heat)
        heat[row, column] = 1
        weight[row, column] = 1
        rel = (plate.corners / STRIDE - centre) / (size / 2) - np.array(SIGNS)
        for y in range(max(0, row - 1), min(height, row + 2)):
            for x in range(max(0, column - 1), min(width, column + 2)):
                share = 1.0 if (y, x) == (row, column) else 0.5 * float(bump[y, x])
                fixed = [y * width + x, share * plate.trust, centre[0] - x - 0.5, centre[1] - y - 0.5]
                fixed += [*np.log(size * STRIDE / SIZE_UNIT_PX), float(plate.has_corners)]
                rows.append([*fixed, *rel.ravel(), *plate.unturn.ravel(), *plate.extent])
    cells = np.zeros((ROWS, COLUMNS), np.float32)
    if rows:
        kept = np.array(rows[:ROWS], np.float32)
        cells[: len(kept)] = kept
    return heat, weight, cells


def loss_of(
    maps: tuple[torch.Tensor, ...], heat: torch.Tensor, weight: torch.Tensor, cells: torch.Tensor
) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """Return the loss of a batch and its parts, these without gradients.

    ``maps`` as the network gives them; ``heat``, ``weight`` (N, h, w) and ``cells`` as `encode` does.
    """
    named = {name: values.float() for (name, _), values in zip(HEADS, maps, strict=True)}
    picks = {
        name: values.flatten(2).gather(2, cells[:, None, :, 0].long().expand(-1, values.shape[1], -1))
        for name, values in named.items()
        if name != "heat"
    }
    share = cells[..., 1]
    total = share.sum().clamp(min=1)

    def mean(values: torch.Tensor, shares: torch.Tensor) -> torch.Tensor:
        return (values * shares).sum() / total

    offset = (picks["offset"].transpose(1, 2) - cells[..., 2:4]).abs().sum(-1)
    size = (picks["size"].transpose(1, 2) - cells[..., 4:6]).abs().sum(-1)
    known = cells[..., 6]
    corner = picks["corner"].transpose(1, 2)
    exact = functional.smooth_l1_loss(corner, cells[..., 7:15], beta=0.05, reduction="none").sum(-1)
    extent = _extent_loss(corner, cells)
    parts = {
        "heat": _focal(named["heat"][:, 0], heat, weight),
        "offset": mean(offset, share),
        "size": mean(size, share),
        "corner": mean(exact, share * known) + 0.1 * mean(exact, share * (1 - known)),
        "extent": mean(extent, share * (1 - known)),
    }
    loss = parts["heat"] + 1.0 * parts["offset"] + parts["size"] + parts["corner"] + parts["extent"]
    return loss, {name: value.detach() for name, value in parts.items()}


def _focal(logits: torch.Tensor, heat: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Return the penalty-reduced focal loss of centre maps, for each plate."""
    p = torch.sigmoid(logits)
    hit = heat >= 1
    right = functional.logsigmoid(logits) * (1 - p) ** 2 * hit
    wrong = functional.logsigmoid(-logits) * p**2 * (1 - heat) ** 4 * ~hit * weight
    return -(right.sum() + wrong.sum()) / hit.sum().clamp(min=1)


def _extent_loss(corner: torch.Tensor, cells: torch.Tensor) -> torch.Tensor:
    """Return how far the corners' extents, turned back, are from the labelled box's, per cell."""
    signs = torch.tensor(SIGNS, dtype=corner.dtype, device=corner.device)
    half = torch.exp(cells[..., 4:6]) * (SIZE_UNIT_PX / 2)
    points = (signs + corner.unflatten(-1, (4, 2))) * half[..., None, :]
    unturn = cells[..., 15:19].unflatten(-1, (2, 2))
    points = torch.einsum("nrab,nrcb->nrca", unturn, points)
    wanted = cells[..., 19:21].clamp(min=1) / 2
    low = functional.smooth_l1_loss(
        points.amin(2) / wanted, -torch.ones_like(wanted), beta=0.05, reduction="none"
    )
    high = functional.smooth_l1_loss(
        points.amax(2) / wanted, torch.ones_like(wanted), beta=0.05, reduction="none"
    )
    return (low + high).sum(-1)

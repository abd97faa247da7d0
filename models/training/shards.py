"""The shards that `models.training.reader_data` wrote, as the trainings draw from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import Tensor

    Rows = tuple[Tensor, Tensor, Tensor]
    """Wide pictures (n, 80, 192), codes (n, 10) and places (n,), all uint8."""

KINDS: Final = ("rendered", "real", "none")
_PARTS: Final = ("crops", "codes", "places")


class Pool:
    """All shards of one kind in the memory of ``device``, 15 kB a picture.

    Drawing row by row from files was 5 times slower.
    """

    def __init__(self, folder: Path, kind: str, device: torch.device, most: int = 1_000_000) -> None:
        self.folder, self.kind, self.device, self.most = folder, kind, device, most
        self.count = 0
        self._taken: set[str] = set()
        self._rows: list[Tensor] = []
        self.scan()

    def scan(self) -> None:
        """Take in the shards that came, until there are `most` rows."""
        for path in sorted(self.folder.glob(f"{self.kind}-*-codes.npy")):
            name = path.name.removesuffix("-codes.npy")
            if name not in self._taken and self.count < self.most:
                self._taken.add(name)
                self._take([np.load(self.folder / f"{name}-{part}.npy") for part in _PARTS])

    @property
    def places(self) -> Tensor:
        """The place of each row."""
        return self._rows[2][: self.count]

    @property
    def are_read(self) -> Tensor:
        """Whether each row shows something to be read."""
        return self._rows[1][: self.count, 0] > 0

    def draw(self, count: int, dice: torch.Generator, among: Tensor | None = None) -> Rows:
        """Return ``count`` rows at random, of all or of the row numbers ``among``."""
        most = self.count if among is None else len(among)
        rows = torch.randint(most, (count,), generator=dice, device=self.device)
        if among is not None:
            rows = among[rows]
        crops, codes, places = (part[rows] for part in self._rows)
        return crops, codes, places

    def _take(self, parts: list[NDArray[Any]]) -> None:
        """Add rows; the room doubles when it is full, so that a row is moved about once."""
        end = self.count + len(parts[0])
        room = len(self._rows[0]) if self._rows else 0
        if end > room:
            room = max(end, 2 * room)
            grown = [
                torch.empty((room, *part.shape[1:]), dtype=torch.uint8, device=self.device) for part in parts
            ]
            for large, small in zip(grown, self._rows, strict=False):
                large[: self.count] = small[: self.count]
            self._rows = grown
        for large, part in zip(self._rows, parts, strict=True):
            large[self.count : end] = torch.from_numpy(part).to(self.device)
        self.count = end


def batch_of(draws: Sequence[Rows], dice: torch.Generator) -> Rows:
    """Return the rows of all ``draws``, shuffled."""
    order = torch.randperm(sum(len(draw[0]) for draw in draws), generator=dice, device=dice.device)
    crops, codes, places = (torch.cat(parts)[order] for parts in zip(*draws, strict=True))
    return crops, codes, places

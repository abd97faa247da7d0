"""Where the plates of a frame are: four corners each, from the frame's small grey picture.

The model gives four maps at stride 8: how much each cell is a plate's centre (``heat``, a logit), where
in the cell the centre lies (``offset``, cells), how large the plate is (``size``, log of px over the
unit) and how its corners stand off those of its upright box (``corner``, half sizes).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from alprd.errors import ModelError
from alprd.memory import locked_array, wipe

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alprd.vision.litert import Model, RuntimeName

MAX_PLATES: Final = 16
_CANDIDATES: Final = 64
_SHARE: Final = 0.5  # of the smaller box: two boxes that share more are one plate
_OUTPUTS: Final = {"heat": 1, "offset": 2, "size": 2, "corner": 8}
_ROWS: Final = {"offset": 0, "size": 2, "corner": 4}
_MAX_LOG_SIZE: Final = 3.0
# Clockwise from top left, as the corner map has them: x and y of each.
_SIGNS: Final = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float32)


class Detector:
    """The plate detector on one frame at a time.

    After `detect`, ``corners`` (16, 4, 2) float32 holds the corners of the plate boxes found, in px of the
    main picture, clockwise from top left, and ``scores`` (16,) float32 how sure each is (0 to 1), best
    first. A corner can lie outside the picture where the plate does. Both are in locked memory.
    """

    def __init__(self, model: Model, threshold: float | None = None) -> None:
        """Take ``model``; ``threshold`` (over 0, under 1) replaces the manifest's.

        Raises `ModelError` where the model is no plate detector.
        """
        manifest = model.manifest
        self._stride = int(manifest.number("stride_px", 1, 64))
        self._unit = manifest.number("size_unit_px", 1, 1024)
        self.threshold = manifest.number("threshold", 1e-3, 0.999) if threshold is None else threshold
        _batch, self._height, self._width, channels = (*manifest.input.shape, 0, 0, 0)[:4]
        rows, columns = self._height // self._stride, self._width // self._stride
        found = {output.name: output.shape for output in manifest.outputs}
        wanted = {name: (1, count, rows, columns) for name, count in _OUTPUTS.items()}
        plain = all(tensor.dtype == "int8" for tensor in (manifest.input, *manifest.outputs))
        if channels != 1 or found != wanted or not plain:
            raise ModelError(f"{manifest.file}: expected a plate detector, int8, with outputs {wanted}")
        self._model = model
        self._columns = columns
        scale, zero = model.quantization("heat")
        logit = math.log(self.threshold / (1 - self.threshold))
        self._least = np.int8(min(127, max(-127, math.ceil(logit / scale + zero))))
        self.corners: NDArray[np.float32] = locked_array((MAX_PLATES, 4, 2), np.float32)
        self.scores: NDArray[np.float32] = locked_array(MAX_PLATES, np.float32)
        # One cell of rim, so that every cell has eight neighbours.
        self._heat: NDArray[np.int8] = locked_array((rows + 2, columns + 2), np.int8)
        self._peaks: NDArray[np.int8] = locked_array((rows + 2, columns + 2), np.int8)
        self._is_peak: NDArray[np.bool_] = locked_array((rows, columns), np.bool_)
        self._is_high: NDArray[np.bool_] = locked_array((rows, columns), np.bool_)
        self._stored: NDArray[np.int8] = locked_array((12, _CANDIDATES), np.int8)
        self._real: NDArray[np.float32] = locked_array((12, _CANDIDATES), np.float32)
        self._boxes: NDArray[np.float32] = locked_array((_CANDIDATES, 4), np.float32)

    def detect(self, lores: NDArray[np.uint8], factor: float) -> int:
        """Find the plates of ``lores`` (h <= 384, w <= 640), the mean over factor x factor of the main one.

        Returns how many of ``corners`` and ``scores`` are set. Raises `ValueError` for a picture that
        does not fit the input.
        """
        height, width = lores.shape
        if height > self._height or width > self._width or factor < 1:
            raise ValueError(f"expected at most {self._width}x{self._height} px, found {width}x{height}")
        self._feed(lores)
        self._model.invoke()
        cells = self._find_peaks()
        if len(cells) == 0:
            return 0
        self._place(cells)
        return self._choose(cells, float(factor))

    @property
    def runtime(self) -> RuntimeName:
        """The runtime that the model runs on."""
        return self._model.runtime

    @property
    def model_input(self) -> NDArray[np.int8]:
        """The model's live input tensor (1, H, W, 1). Drop it before the next run or wipe."""
        return self._model.input

    def wipe(self) -> None:
        """Zero the boxes, the scratch buffers and the model's own tensors."""
        wipe(self.corners, self.scores, self._heat, self._peaks, self._is_peak, self._is_high)
        wipe(self._stored, self._real, self._boxes)
        self._model.wipe()

    def _feed(self, lores: NDArray[np.uint8]) -> None:
        """Write the picture top left into the input tensor, and mid grey (stored 0) beside it."""
        height, width = lores.shape
        tensor = self._model.input[0, :, :, 0]
        tensor[height:].fill(0)
        tensor[:height, width:].fill(0)
        np.bitwise_xor(lores, np.uint8(0x80), out=tensor.view(np.uint8)[:height, :width])

    def _find_peaks(self) -> NDArray[np.intp]:
        """Return the cells over the threshold that no neighbour tops, highest first."""
        self._heat.fill(-128)
        heat = self._heat[1:-1, 1:-1]
        np.copyto(heat, self._model.output("heat")[0, 0])
        wide = self._peaks[:, 1:-1]
        np.maximum(self._heat[:, :-2], self._heat[:, 2:], out=wide)
        np.maximum(wide, self._heat[:, 1:-1], out=wide)
        # Row by row into the mask: a cell is a peak when it tops its own row of three and both others.
        np.greater_equal(heat, wide[1:-1], out=self._is_peak)
        for rows in (wide[:-2], wide[2:]):
            np.greater_equal(heat, rows, out=self._is_high)
            np.logical_and(self._is_peak, self._is_high, out=self._is_peak)
        np.greater_equal(heat, self._least, out=self._is_high)
        np.logical_and(self._is_peak, self._is_high, out=self._is_peak)
        ys, xs = np.nonzero(self._is_peak)
        order = np.argsort(heat[ys, xs])[::-1][:_CANDIDATES]
        cells: NDArray[np.intp] = ys[order] * self._columns + xs[order]
        return cells

    def _place(self, cells: NDArray[np.intp]) -> None:
        """Fill the candidates' real values and their upright boxes (x1, y1, x2, y2), px of lores."""
        count = len(cells)
        for name, row in _ROWS.items():
            scale, zero = self._model.quantization(name)
            channels = _OUTPUTS[name]
            maps = self._model.output(name).reshape(channels, -1)
            for channel in range(channels):
                np.take(maps[channel], cells, out=self._stored[row + channel, :count], mode="clip")
            real = self._real[row : row + channels, :count]
            np.copyto(real, self._stored[row : row + channels, :count])
            np.subtract(real, np.float32(zero), out=real)
            np.multiply(real, np.float32(scale), out=real)
        real = self._real[:, :count]
        np.add(real[0], cells % self._columns + 0.5, out=real[0], casting="same_kind")
        np.add(real[1], cells // self._columns + 0.5, out=real[1], casting="same_kind")
        np.multiply(real[:2], np.float32(self._stride), out=real[:2])
        np.minimum(real[2:4], np.float32(_MAX_LOG_SIZE), out=real[2:4])
        np.exp(real[2:4], out=real[2:4])
        np.multiply(real[2:4], np.float32(self._unit / 2), out=real[2:4])
        for axis in (0, 1):
            np.subtract(real[axis], real[2 + axis], out=self._boxes[:count, axis])
            np.add(real[axis], real[2 + axis], out=self._boxes[:count, 2 + axis])

    def _choose(self, cells: NDArray[np.intp], factor: float) -> int:
        """Copy the candidates that share no place with a better one to the results."""
        scale, zero = self._model.quantization("heat")
        kept: list[int] = []
        for i in range(len(cells)):
            if len(kept) == MAX_PLATES:
                break
            if kept and self._is_taken(i, kept):
                continue
            corners = self.corners[len(kept)]
            for axis in (0, 1):
                np.add(self._real[4 + axis : 12 : 2, i], _SIGNS[:, axis], out=corners[:, axis])
                np.multiply(corners[:, axis], self._real[2 + axis, i], out=corners[:, axis])
                np.add(corners[:, axis], self._real[axis, i], out=corners[:, axis])
            np.multiply(corners, np.float32(factor), out=corners)
            row, column = divmod(int(cells[i]), self._columns)
            logit = scale * (int(self._heat[row + 1, column + 1]) - zero)
            self.scores[len(kept)] = 1 / (1 + math.exp(-logit))
            kept.append(i)
        wipe(self.corners[len(kept) :], self.scores[len(kept) :])
        return len(kept)

    def _is_taken(self, i: int, kept: list[int]) -> bool:
        """Tell whether candidate ``i`` shares most of its box, or of a better one's, with it."""
        box, others = self._boxes[i], self._boxes[kept]
        sides: NDArray[Any] = np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])
        shared = np.prod(np.maximum(sides, 0), axis=1)
        sizes = np.prod(others[:, 2:] - others[:, :2], axis=1)
        smaller = np.minimum(np.prod(box[2:] - box[:2]), sizes)
        return bool((shared > _SHARE * smaller).any())

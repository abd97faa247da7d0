"""The plate reader: from four corners in a frame to the codes of a plate's characters.

Nothing here becomes a Python string, bytes or tuple of a plate's text. The read stays in three small
locked arrays until `Reader.wipe`; the next read overwrites it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.errors import ModelError
from alprd.memory import locked_array, wipe
from alprd.plates.alphabet import CHARACTERS, CODES, MAX_CHARACTERS
from alprd.vision.rectify import HEIGHT, WIDTH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from alprd.vision.litert import Model
    from alprd.vision.rectify import Rectifier

_SAME: Final = 1e-6


class Reader:
    """Reads one plate at a time; not for use by two threads at a time.

    After `read`, ``codes`` (uint8, 10) holds the character codes padded with 0, ``confidences``
    (float32, 10) the same per character from 0 to 1, ``score`` (float32, 1) the product of these,
    and ``crop`` (uint8, 48 x 144) the straightened plate. Raises `ModelError` where the model is not a
    reader of this size, or was trained on other margins or labels than are used here.

    The manifest's own table says how a crop becomes the model's input: its mean goes to 0, its standard
    deviation to ``contrast`` grey levels, with a gain of at most ``most_gain`` because more would
    only read the noise of a faint crop; ``spread`` grey levels are one unit.
    """

    def __init__(self, model: Model, rectifier: Rectifier) -> None:
        output = model.manifest.outputs[0]
        columns = output.shape[1] if len(output.shape) == 3 else 0  # noqa: PLR2004 - batch, columns, codes
        if (
            model.manifest.input.shape != (1, HEIGHT, WIDTH, 1)
            or model.manifest.input.dtype != "int8"
            or output.shape != (1, columns, CODES)
            or output.dtype != "int8"
            or (rectifier.height, rectifier.width) != (HEIGHT, WIDTH)
        ):
            raise ModelError(
                f"{model.manifest.file}: expected a reader of int8 {HEIGHT}x{WIDTH} crops with {CODES} codes"
            )
        manifest = model.manifest
        if (
            manifest.own.get("labels") != CHARACTERS
            or abs(manifest.number("margin_x", 0, 1) - rectifier.margin_x) > _SAME
            or abs(manifest.number("margin_y", 0, 1) - rectifier.margin_y) > _SAME
        ):
            raise ModelError(f"{manifest.file}: was trained on other labels or margins than are used here")
        self._contrast = manifest.number("contrast", 1, 128)
        self._most_gain = manifest.number("most_gain", 1, 255)
        self._spread = manifest.number("spread", 1, 255)
        self._model = model
        self._rectifier = rectifier
        self.codes: NDArray[np.uint8] = locked_array(MAX_CHARACTERS, np.uint8)
        self.confidences: NDArray[np.float32] = locked_array(MAX_CHARACTERS, np.float32)
        self.score: NDArray[np.float32] = locked_array(1, np.float32)
        self.crop: NDArray[np.uint8] = locked_array((HEIGHT, WIDTH), np.uint8)
        self._soft: NDArray[np.float32] = locked_array(HEIGHT * WIDTH, np.float32)
        self._raw: NDArray[np.int8] = locked_array((1, columns, CODES), np.int8)
        self._logits: NDArray[np.float32] = locked_array((columns, CODES), np.float32)
        self._highest: NDArray[np.float32] = locked_array((columns, 1), np.float32)
        self._best: NDArray[np.intp] = locked_array(columns, np.intp)
        self._certain: NDArray[np.float32] = locked_array(columns, np.float32)
        self._inked: NDArray[np.bool_] = locked_array(columns, np.bool_)
        self._begins: NDArray[np.bool_] = locked_array(columns, np.bool_)
        self._found: NDArray[np.intp] = locked_array(MAX_CHARACTERS, np.intp)

    @property
    def self_test(self) -> Mapping[str, object]:
        """A plate that this model must read, as the manifest names it: text, style and seed of a drawing."""
        return self._model.manifest.self_test

    def read(self, main: NDArray[np.uint8], corners: NDArray[np.float32]) -> int:
        """Read the plate at ``corners`` (4, 2; px, clockwise from top-left) of the frame ``main`` (H, W).

        Returns the number of characters, 0 where nothing can be read or more than 10 characters
        would have to be. Raises `ValueError` on wrong shapes.
        """
        self._rectifier.warp(main, corners, self.crop)
        return self.read_crop()

    def read_crop(self) -> int:
        """Read the plate that stands in ``crop``; otherwise as `read`."""
        wipe(self.codes, self.confidences, self.score)
        self._prepare()
        self._model.invoke()
        self._model.output(0, out=self._raw)
        return self._decode()

    def wipe(self) -> None:
        """Zero the read, the crop and all that led from one to the other, the model's tensors too."""
        wipe(
            self.codes, self.confidences, self.score, self.crop, self._soft, self._raw, self._logits,
            self._highest, self._best, self._certain, self._inked, self._begins, self._found,
        )  # fmt: skip
        self._rectifier.wipe()
        self._model.wipe()

    def _prepare(self) -> None:
        """Put the crop into the model's input: mean to zero, deviation to the contrast trained on."""
        soft = self._soft
        np.copyto(soft, self.crop.reshape(-1))
        np.subtract(soft, np.add.reduce(soft) / soft.size, out=soft)
        deviation = float(np.sqrt(np.dot(soft, soft) / soft.size))
        gain = min(self._contrast / max(deviation, 1e-3), self._most_gain)
        np.multiply(soft, np.float32(gain), out=soft)
        np.clip(soft, np.float32(-128), np.float32(127), out=soft)
        scale, zero = self._model.quantization()
        np.multiply(soft, np.float32(1 / (self._spread * scale)), out=soft)
        np.add(soft, np.float32(zero), out=soft)
        np.rint(soft, out=soft)
        np.clip(soft, np.float32(-128), np.float32(127), out=soft)
        np.copyto(self._model.input, soft.reshape(1, HEIGHT, WIDTH, 1), casting="unsafe")

    def _decode(self) -> int:
        """Turn columns of logits into characters: of equal neighbours one, and no blanks (CTC, greedy)."""
        logits = self._logits
        np.copyto(logits, self._raw[0])  # the zero point cancels in the softmax
        np.argmax(logits, axis=1, out=self._best)
        np.max(logits, axis=1, keepdims=True, out=self._highest)
        np.subtract(logits, self._highest, out=logits)
        np.multiply(logits, np.float32(self._model.quantization(0)[0]), out=logits)
        np.exp(logits, out=logits)
        np.add.reduce(logits, axis=1, out=self._certain)
        np.reciprocal(self._certain, out=self._certain)  # the best code's probability

        np.not_equal(self._best, 0, out=self._inked)
        np.not_equal(self._best[1:], self._best[:-1], out=self._begins[1:])
        self._begins[0] = True
        np.logical_and(self._begins, self._inked, out=self._begins)
        count = int(np.count_nonzero(self._begins))
        if not 0 < count <= MAX_CHARACTERS:
            return 0
        np.multiply(self._certain, self._inked, out=self._certain)
        # Columns only, not codes: where characters begin says nothing of which they are.
        starts = np.flatnonzero(self._begins)
        # Any mode but "raise": that one, and np.compress, fill a hidden copy that nobody wipes.
        self._best.take(starts, mode="clip", out=self._found[:count])
        np.copyto(self.codes[:count], self._found[:count], casting="unsafe")
        np.maximum.reduceat(self._certain, starts, out=self.confidences[:count])
        np.multiply.reduce(self.confidences[:count], out=self.score[0:1].reshape(()))
        return count

"""The plate reader: from four corners in a frame to the codes of a plate's characters and its place.

Nothing here becomes a Python string, bytes or tuple of a plate's text. The read stays in a few small
locked arrays until `Reader.wipe`; the next read overwrites it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.errors import ModelError
from alprd.memory import locked_array, wipe
from alprd.plates.alphabet import CHARACTERS, MAX_CHARACTERS, READ_CODES, UNREADABLE
from alprd.plates.grammar import places_of
from alprd.plates.jurisdictions import JURISDICTIONS
from alprd.plates.places import weigh_by_serial
from alprd.vision.columns import Columns, surest
from alprd.vision.rectify import HEIGHT, WIDTH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from alprd.vision.litert import Model
    from alprd.vision.rectify import Rectifier

_SAME: Final = 1e-6
_ALIKE: Final = ("labels", "margin_x", "margin_y", "contrast", "most_gain", "spread")
"""What both models must have been trained on alike, to read one crop."""

_CUT_OFF: Final = (0.08, 0.25)
"""Shares of a plate's width and height that may lie beyond the frame before the read counts as partial.

A serial stands farther from the plate's upper and lower edge than from its sides."""

_LEAST_CHANCE: Final = 1e-6


class TextNetwork:
    """A model whose output ``logits`` is a text, and what it saw; not for two threads at a time."""

    def __init__(self, model: Model) -> None:
        shape = next(output.shape for output in model.manifest.outputs if output.name == "logits")
        self._model = model
        self.raw: NDArray[np.int8] = locked_array(shape, np.int8)
        self.columns = Columns(locked_array(shape[1:], np.float32))

    def run(self) -> None:
        """Run the model on what its input holds."""
        self._model.invoke()
        self._model.output("logits", out=self.raw)

    def decode(self) -> Columns:
        """Return what the last run saw, as probabilities and characters."""
        np.copyto(self.columns.chances, self.raw[0])  # the zero point cancels in the softmax
        self.columns.decode(self._model.quantization("logits")[0])
        return self.columns

    def wipe(self) -> None:
        """Zero all that the last run saw, and the model's own tensors."""
        wipe(self.raw, self.columns.chances)
        self.columns.wipe()
        self._model.wipe()


class Reader:
    """Reads one plate at a time; not for use by two threads at a time.

    After `read`,

    - ``codes`` (uint8, 10) holds the character codes padded with 0; `UNREADABLE` stands for a character that
      is there and cannot be made out,
    - ``confidences`` (float32, 10) how sure each of them is, 0 to 1,
    - ``probabilities`` (float32, 10 x 38) what else each could be: one distribution over all codes a row,
      zeros after the last character,
    - ``score`` (float32, 1) the chance, 0 to 1, that the whole text is right but for O and 0, I and 1,
    - ``places`` (float32, 65) how likely its design makes each jurisdiction,
    - ``place`` and ``place_confidence`` (float32, 1) the jurisdiction that design and serial tell, and the
      chance that it is that one; 0 is a plate from elsewhere,
    - ``crop`` (uint8, 48 x 144) the straightened plate.

    Scores are chances because the manifest's calibration, fitted on plates held out from training, makes
    them so. Raises `ModelError` where the model is not a reader of this size, or was trained on other
    margins or labels than are used here.

    The manifest's own table says how a crop becomes the model's input: its mean goes to 0, its standard
    deviation to ``contrast`` grey levels, with a gain of at most ``most_gain`` because more would
    only read the noise of a faint crop; ``spread`` grey levels are one unit.

    ``second`` is another text network for the same input. It is run only on plates to whose text the first
    one gives a chance below its manifest's ``sure``.
    """

    def __init__(self, model: Model, second: Model, rectifier: Rectifier) -> None:
        manifest = model.manifest
        outputs = {output.name: output for output in manifest.outputs}
        logits, places = outputs.get("logits"), outputs.get("places")
        columns = logits.shape[1] if logits is not None and len(logits.shape) == 3 else 0  # noqa: PLR2004 - batch, columns, codes
        if (
            manifest.input.shape != (1, HEIGHT, WIDTH, 1)
            or set(outputs) != {"logits", "places"}
            or logits is None
            or places is None
            or logits.shape != (1, columns, READ_CODES)
            or places.shape != (1, len(JURISDICTIONS))
            or any(tensor.dtype != "int8" for tensor in (manifest.input, logits, places))
            or (rectifier.height, rectifier.width) != (HEIGHT, WIDTH)
        ):
            raise ModelError(
                f"{manifest.file}: expected a reader of int8 {HEIGHT}x{WIDTH} crops with {READ_CODES} codes"
                f" and {len(JURISDICTIONS)} places"
            )
        if (
            manifest.own.get("labels") != CHARACTERS
            or abs(manifest.number("margin_x", 0, 1) - rectifier.margin_x) > _SAME
            or abs(manifest.number("margin_y", 0, 1) - rectifier.margin_y) > _SAME
        ):
            raise ModelError(f"{manifest.file}: was trained on other labels or margins than are used here")
        _check_second(second, model)
        self._contrast = manifest.number("contrast", 1, 128)
        self._most_gain = manifest.number("most_gain", 1, 255)
        self._spread = manifest.number("spread", 1, 255)
        self._of_text = manifest.number("score_text", 0, 20)
        self._of_least = manifest.number("score_least", 0, 20)
        self._of_pattern = manifest.number("score_pattern", 0, 20)
        self._shift = manifest.number("score_shift", -20, 20)
        self._sure = manifest.number("sure", 0, 1)
        self._warmth = manifest.number("place_temperature", 0.05, 20)
        self.accept = manifest.number("accept", 0, 1)
        """The documented operating point: from this score on a read counts as certain."""
        self.place_accept = manifest.number("place_accept", 0, 1)
        """The same for the place; below it the place is unknown."""
        self._model, self._second = model, second
        self._rectifier = rectifier
        self.codes: NDArray[np.uint8] = locked_array(MAX_CHARACTERS, np.uint8)
        self.confidences: NDArray[np.float32] = locked_array(MAX_CHARACTERS, np.float32)
        self.probabilities: NDArray[np.float32] = locked_array((MAX_CHARACTERS, READ_CODES), np.float32)
        self.score: NDArray[np.float32] = locked_array(1, np.float32)
        self.place_confidence: NDArray[np.float32] = locked_array(1, np.float32)
        self.places: NDArray[np.float32] = locked_array(len(JURISDICTIONS), np.float32)
        self.crop: NDArray[np.uint8] = locked_array((HEIGHT, WIDTH), np.uint8)
        self._is_partial: NDArray[np.bool_] = locked_array(1, np.bool_)
        self._place: NDArray[np.uint8] = locked_array(1, np.uint8)
        self._soft: NDArray[np.float32] = locked_array(HEIGHT * WIDTH, np.float32)
        self._raw_places: NDArray[np.int8] = locked_array((1, len(JURISDICTIONS)), np.int8)
        self._chances: NDArray[np.float32] = locked_array(len(JURISDICTIONS), np.float32)
        self._fits: NDArray[np.bool_] = locked_array(len(JURISDICTIONS), np.bool_)
        self._first_text, self._second_text = TextNetwork(model), TextNetwork(second)

    @property
    def self_test(self) -> Mapping[str, object]:
        """A plate that this model must read, as the manifest names it: text, style and seed of a drawing."""
        return self._model.manifest.self_test

    @property
    def partial(self) -> bool:
        """Whether a character cannot be made out or the plate is cut off by the frame's edge.

        A partial read is not a plate's text: it is never completed and never matches a list.
        """
        return bool(self._is_partial[0])

    @property
    def place(self) -> int:
        """The jurisdiction's number in `JURISDICTIONS`; 0 where it is none of Canada or the United States."""
        return int(self._place[0])

    def read(self, main: NDArray[np.uint8], corners: NDArray[np.float32]) -> int:
        """Read the plate at ``corners`` (4, 2; px, clockwise from top-left) of the frame ``main`` (H, W).

        Returns the number of characters, 2 to 10, or 0 where nothing can be read or the text would be
        shorter or longer. Raises `ValueError` on wrong shapes.
        """
        self._rectifier.warp(main, corners, self.crop)
        length = self.read_crop()
        self._is_partial[0] |= length > 0 and _is_cut_off(main, corners)
        return length

    def read_crop(self) -> int:
        """Read the plate that stands in ``crop``; otherwise as `read`."""
        wipe(self.codes, self.confidences, self.probabilities, self.score)
        wipe(self._is_partial, self._place, self.place_confidence, self.places)
        self._prepare()
        self._first_text.run()
        self._model.output("places", out=self._raw_places)
        length = self._decode()
        if length:
            self._decide_place(length)
        return length

    @property
    def unscaled(self) -> tuple[float, float]:
        """Height and width in pixels of a plate box whose crop has the frame's own scale."""
        rectifier = self._rectifier
        return HEIGHT / (1 + 2 * rectifier.margin_y), WIDTH / (1 + 2 * rectifier.margin_x)

    @property
    def model_input(self) -> NDArray[np.int8]:
        """The model's live input tensor (1, H, W, 1). Drop it before the next run or wipe."""
        return self._model.input

    def wipe(self) -> None:
        """Zero the read, the crop and all that led from one to the other, the model's tensors too."""
        wipe(
            self.codes, self.confidences, self.probabilities, self.score, self.place_confidence, self.places,
            self.crop, self._is_partial, self._place, self._soft, self._raw_places, self._chances, self._fits,
        )  # fmt: skip
        self._first_text.wipe()
        self._second_text.wipe()
        self._rectifier.wipe()

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
        """Take the text that the networks find likeliest, with each character's probabilities."""
        best, chance, asked = surest(self._first_text.decode(), self._ask_second, self._sure)
        if best is None:
            return 0
        count = best.count
        self.score[0] = chance
        np.copyto(self.codes[:count], best.found[:count], casting="unsafe")
        # A network that saw as many characters has a say in each of them.
        alike = [network for network in asked if network.count == count]
        for network in alike:
            network.add_marks(self.probabilities)
        np.divide(self.probabilities, np.float32(len(alike)), out=self.probabilities)
        for place in range(count):
            self.confidences[place] = self.probabilities[place, best.found[place]]
        self._calibrate(count)
        self._is_partial[0] = UNREADABLE in self.codes[:count]
        return count

    def _ask_second(self) -> Columns:
        np.copyto(self._second.input, self._model.input)
        self._second_text.run()
        return self._second_text.decode()

    def _calibrate(self, count: int) -> None:
        """Turn what the networks make of the text into the chance that it is right.

        Its least sure character has a say of its own, and whether any jurisdiction issues serials of its
        form: a text of no form, as a personal one, could be any other text as well.
        """
        places_of(self.codes, count, self._fits)
        odds = self._shift + self._of_text * _log_odds(float(self.score[0]))
        odds += self._of_least * _log_odds(float(self.confidences[:count].min()))
        odds += self._of_pattern * bool(self._fits.any())
        self.score[0] = 1 / (1 + math.exp(-odds))

    def _decide_place(self, length: int) -> None:
        """Take the likeliest place: by its design (softmax at the manifest's temperature) and its serial."""
        places = self.places
        np.copyto(places, self._raw_places[0])
        np.subtract(places, np.max(places), out=places)
        np.multiply(places, np.float32(self._model.quantization("places")[0] / self._warmth), out=places)
        np.exp(places, out=places)
        np.divide(places, np.add.reduce(places), out=places)
        np.copyto(self._chances, places)
        weigh_by_serial(self._chances, self.codes, length, self._fits)
        self._place[0] = self._chances.argmax()
        self.place_confidence[0] = self._chances[self._place[0]]


def _log_odds(chance: float) -> float:
    kept = min(max(chance, _LEAST_CHANCE), 1 - _LEAST_CHANCE)
    return math.log(kept / (1 - kept))


def _is_cut_off(main: NDArray[np.uint8], corners: NDArray[np.float32]) -> bool:
    """Tell whether so much of the plate at ``corners`` lies beyond the frame that characters may."""
    low, high = corners.min(axis=0), corners.max(axis=0)
    for axis, share in enumerate(_CUT_OFF):
        slack = share * float(high[axis] - low[axis])
        if low[axis] < -slack or high[axis] > main.shape[1 - axis] + slack:
            return True
    return False


def _check_second(second: Model, first: Model) -> None:
    """Raise `ModelError` unless ``second`` reads the crops, and gives the columns, of ``first``."""
    manifest, other = second.manifest, first.manifest
    logits = next(output for output in other.outputs if output.name == "logits")
    found = [(output.name, output.shape, output.dtype) for output in manifest.outputs]
    if manifest.input != other.input or found != [(logits.name, logits.shape, logits.dtype)]:
        raise ModelError(
            f"{manifest.file}: expected a text network with the input and the logits of {other.file}"
        )
    for key in _ALIKE:
        if manifest.own.get(key) != other.own.get(key):
            raise ModelError(f"{manifest.file}: was trained on another {key} than {other.file}")

"""What went wrong, with the plate as the reader saw it: for people to look at."""

from __future__ import annotations

import base64
import io
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from PIL import Image

from models.evaluate.bench import Bench, Corners, Read, corners_of
from models.evaluate.score import elsewhere, is_right, read_on

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from models.evaluate.score import Evaluated
    from models.evaluate.truth import Label

Kind = Literal["misread", "partial", "unsure", "missed", "elsewhere", "place"]

KINDS: Final[dict[Kind, str]] = {
    "misread": "Misread: the output on the plate says another text",
    "partial": "Partial: a character cannot be made out (?), or the plate is cut off",
    "unsure": "Unsure: read, but below the least confidence of an output",
    "missed": "Missed: nothing was read on the plate (the picture is the labelled box)",
    "elsewhere": "Outputs on no labelled plate (some pictures show plates that nobody labelled)",
    "place": "Text right, place answered wrong",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One thing that went wrong; ``label`` and ``read`` where there is one; ``corners`` of what is shown."""

    kind: Kind
    image: str
    label: Label | None
    read: Read | None
    corners: Corners


def failures(one: Evaluated, least: float) -> list[Failure]:
    """Return what went wrong in a set: by kind, and the most confident first."""
    found = list(_failures(one, least))
    order = list(KINDS)
    return sorted(
        found, key=lambda x: (order.index(x.kind), -(x.read.confidence if x.read else 0.0), x.image)
    )


def _failures(one: Evaluated, least: float) -> Iterator[Failure]:
    outputs = one.reading.outputs(least).reads
    for image, truth in one.labels.items():
        whole, here = one.reading.reads.get(image, []), outputs.get(image, [])
        for label in truth:
            kind, read = _kind(label, whole, here)
            if kind is not None:
                corners = corners_of(label.box) if read is None else read.corners
                yield Failure(kind=kind, image=image, label=label, read=read, corners=corners)
        for read in elsewhere(here, truth):
            yield Failure(kind="elsewhere", image=image, label=None, read=read, corners=read.corners)


def _kind(label: Label, reads: Sequence[Read], outputs: Sequence[Read]) -> tuple[Kind | None, Read | None]:
    """Return what went wrong with a labelled plate, if anything did, and the read that shows it."""
    read = read_on(label, outputs)
    if read is not None:
        if not is_right(read, label):
            return "misread", read
        return ("place" if label.place and read.place and read.place != label.place else None), read
    if any(is_right(other, label) for other in outputs):
        return None, None  # read, by a box beside the label's
    read = read_on(label, reads)
    if read is None:
        return "missed", None
    return ("partial" if read.is_partial else "unsure"), read


class Crops:
    """Cuts plates out of pictures again, as the reader sees them."""

    def __init__(self) -> None:
        self._bench = Bench("auto")

    def png(self, one: Evaluated, failure: Failure) -> str | None:
        """Return the plate as a base64 PNG, or None where its picture cannot be read."""
        try:
            crop = self._bench.crop(one.reading.images / failure.image, failure.corners)
        except (OSError, ValueError) as error:
            print(f"no picture of {failure.image}: {error}", file=sys.stderr)
            return None
        png = io.BytesIO()
        Image.fromarray(crop).save(png, "png", optimize=True)
        return base64.b64encode(png.getvalue()).decode()

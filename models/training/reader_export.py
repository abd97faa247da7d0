"""Make the reader's int8 model file and manifest from a save of the training.

``python -m models.training.reader_export --run DIR --second FILE --out models`` joins the text network of
``DIR/reader.pt`` and the jurisdictions of ``DIR/place.pt`` in ``models/reader``, and makes
``models/second_reader`` of the text network of ``FILE``, which learnt apart: it is asked where the first is
not sure. It calibrates the ranges on training crops of ``DIR/shards``, and the place's chance on the plates
held out from training; it prints what these lose by the conversion. What scores mean is for
`models.training.reader_chances` to say afterwards.
"""

from __future__ import annotations

import argparse
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from ai_edge_litert.interpreter import Interpreter
from torch import Tensor, nn
from torch.nn import functional

from alprd.plates.alphabet import CHARACTERS, READ_CODES
from alprd.vision.columns import Columns, surest
from alprd.vision.rectify import MARGIN_X, MARGIN_Y
from models.training.convert import manifest_text, to_int8, write_model
from models.training.faces import NOT_LEARNT
from models.training.place import load_place_net
from models.training.reader import load_net
from models.training.reader_chances import PLAIN_SCORE, SCORE
from models.training.reader_net import COLUMNS, CONTRAST, MOST_GAIN, SPREAD, normalise
from models.training.reader_views import plain, varied

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_SAMPLES: Final = 400
_GROWN: Final = ((0.0, 0.0), (0.03, 0.05), (-0.02, -0.03))
"""Shares of the plate's sides by which the plain views are larger or smaller than the corners say."""
_SELF_TEST: Final = {"text": "CKHA482", "style": "ontario", "seed": 1}


def calibration(shards: Path, count: int = _SAMPLES) -> list[NDArray[np.float32]]:
    """Return ``count`` network inputs (1, 48, 144, 1) from the shards, real and rendered."""
    files = sorted(shards.glob("r*-crops.npy"))[:16]
    wide = np.concatenate([np.load(path, mmap_mode="r")[: -(-count // len(files))] for path in files])
    inputs = normalise(plain(torch.from_numpy(wide))).permute(0, 2, 3, 1).numpy()
    # The quantizer averages ranges over samples: each spans all of int8, so the scale is 1 / SPREAD.
    inputs[:, 0, :2, 0] = -128 / SPREAD, 127 / SPREAD
    return [np.ascontiguousarray(row[None]) for row in inputs]


class Joined(nn.Module):  # type: ignore[misc]  # torch is untyped to mypy here
    """A text network and the jurisdictions on one crop."""

    def __init__(self, reader: nn.Module, place: nn.Module) -> None:
        super().__init__()
        self.reader, self.place = reader, place

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        """Return the logits (n, 72, 38) and the places (n, 65) of ``crops``."""
        return self.reader(crops), self.place(crops)


class Int8:
    """A converted file as LiteRT computes it, in place of the network."""

    def __init__(self, content: bytes) -> None:
        self._interpreter = Interpreter(model_content=content, num_threads=1)
        self._interpreter.allocate_tensors()

    def __call__(self, inputs: Tensor) -> tuple[Tensor, ...]:
        """Return logits (n, 72, 38), and places (n, 65) if any, for network inputs (n, 1, 48, 144)."""
        entry = self._interpreter.get_input_details()[0]
        exits = sorted(self._interpreter.get_output_details(), key=lambda found: -len(found["shape"]))
        in_scale, in_zero = entry["quantization"]
        rows: list[list[NDArray[np.float32]]] = [[] for _ in exits]
        for row in inputs.permute(0, 2, 3, 1).numpy():
            stored = np.clip(np.rint(row / in_scale) + in_zero, -128, 127).astype(np.int8)
            self._interpreter.set_tensor(entry["index"], stored[None])
            self._interpreter.invoke()
            for found, kept in zip(exits, rows, strict=True):
                scale, zero = found["quantization"]
                kept.append(
                    (self._interpreter.get_tensor(found["index"])[0].astype(np.float32) - zero) * scale
                )
        return tuple(torch.from_numpy(np.stack(row)) for row in rows)

    def output_names(self) -> list[str]:
        """Return the names of the outputs in the file's own order."""
        sizes = [len(found["shape"]) for found in self._interpreter.get_output_details()]
        return ["logits" if size == max(sizes) else "places" for size in sizes]


class Pair:
    """Both networks, converted or not, on the same crops; the second where the first is not ``sure``."""

    def __init__(
        self,
        first: Callable[[Tensor], tuple[Tensor, ...]],
        second: Callable[[Tensor], Tensor | tuple[Tensor, ...]],
        sure: float,
    ) -> None:
        self._first, self._second, self._sure = first, second, sure

    def __call__(self, inputs: Tensor) -> tuple[list[list[int]], Tensor]:
        """Return each row's codes, none where nothing is read, and the places (n, 65).

        ``inputs`` (n, 1, 48, 144) are the networks' own; texts are chosen as in `alprd.vision.read`.
        """
        logits, places = self._first(inputs)
        second = self._second(inputs)
        others = second[0] if isinstance(second, tuple) else second
        first_text, second_text = (Columns(np.zeros((COLUMNS, READ_CODES), np.float32)) for _ in range(2))
        texts = []

        def ask_second() -> Columns:
            second_text.decode(1.0)
            return second_text

        for row, other in zip(logits.numpy(), others.numpy(), strict=True):
            first_text.chances[:], second_text.chances[:] = row, other
            first_text.decode(1.0)
            best, _chance, _asked = surest(first_text, ask_second, self._sure)
            texts.append(best.found[: best.count].tolist() if best else [])
        return texts, places


def fit_temperature(logits: Tensor, places: Tensor) -> float:
    """Return the temperature at which the softmax of ``logits`` is most likely to give ``places``."""
    choices = np.exp(np.linspace(np.log(0.5), np.log(6), 80))
    losses = [float(functional.cross_entropy(logits / choice, places)) for choice in choices]
    return float(choices[int(np.argmin(losses))])


def right_of(texts: list[list[int]], codes: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return which ``texts`` are exactly as ``codes`` say."""
    return np.array([text == [c for c in row if c] for text, row in zip(texts, codes.tolist(), strict=True)])


def place_temperature(pair: Pair, held_out: dict[str, NDArray[Any]]) -> float:
    """Return the temperature that makes places' scores chances, fitted on views of the held-out plates.

    Half of the views are plain, as the pictures are; half are varied as in training, as worse ones would be.
    """
    dice = torch.Generator().manual_seed(1)
    wide = torch.from_numpy(held_out["crops"])
    views = [plain(wide, grow) for grow in _GROWN] + [varied(wide, dice) for _ in _GROWN]
    _texts, places = pair(normalise(torch.cat(views)))
    truth = np.tile(held_out["places"], len(views))
    american = np.tile(held_out["american"], len(views)) & (truth != NOT_LEARNT)
    return fit_temperature(places[american], torch.from_numpy(truth[american]).long())


def report(name: str, pair: Pair, held_out: dict[str, NDArray[Any]]) -> None:
    """Print what ``pair`` reads of the held-out plates."""
    texts, places = pair(normalise(plain(torch.from_numpy(held_out["crops"]))))
    right, american = right_of(texts, held_out["codes"]), held_out["american"]
    known = american & (held_out["places"] != NOT_LEARNT)
    placed = places.argmax(1).numpy()[known] == held_out["places"][known]
    print(
        f"{name}: {right.sum()}/{right.size} held out, {right[american].sum()}/{american.sum()} of North"
        f" America, its places {placed.sum()}/{placed.size}"
    )


@torch.no_grad()  # type: ignore[untyped-decorator]  # torch is untyped to mypy here
def main() -> None:
    """Convert, calibrate, measure on the held-out crops, and write the model folder."""
    parser = argparse.ArgumentParser(prog="python -m models.training.reader_export", description=__doc__)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--save", default="reader.pt", help="which save of the run")
    parser.add_argument("--second", type=Path, required=True, help="save of the other text network")
    parser.add_argument("--accept", type=float, default=0.9, help="operating point of the text")
    parser.add_argument(
        "--sure", type=float, default=0.95, help="chance from which on the second is not asked"
    )
    parser.add_argument("--place-accept", type=float, default=0.45, help="operating point of the place")
    options = parser.parse_args()
    torch.set_num_threads(1)
    first = Joined(load_net(options.run / options.save), load_place_net(options.run / "place.pt")).eval()
    second = load_net(options.second).eval()
    steps = torch.load(options.run / options.save, weights_only=True)["step"]
    inputs = calibration(options.run / "shards")
    contents = [to_int8(net, inputs) for net in (first, second)]
    held_out = dict(np.load(options.run / "shards/held-out.npz"))
    files = [Int8(content) for content in contents]
    converted = Pair(files[0], files[1], options.sure)
    report("float", Pair(first, second, options.sure), held_out)
    report("int8", converted, held_out)
    warmth = place_temperature(converted, held_out)
    print(f"place_temperature {warmth:.3f}")
    commit = subprocess.run(
        ["git", "rev-parse", "--short=12", "HEAD"],  # noqa: S607 - the developer's own git
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    shared = {
        "labels": CHARACTERS, "blank": 0, "margin_x": MARGIN_X, "margin_y": MARGIN_Y, "contrast": CONTRAST,
        "most_gain": MOST_GAIN, "spread": SPREAD,
    }  # fmt: skip
    own = {
        **shared, "sure": options.sure, **dict(zip(SCORE, PLAIN_SCORE, strict=True)),
        "place_temperature": warmth, "accept": options.accept,
        "place_accept": options.place_accept, "seed": 2026, "steps": steps, "commit": commit,
    }  # fmt: skip
    for name, content, file, table, test in (
        ("reader", contents[0], files[0], own, _SELF_TEST),
        ("second_reader", contents[1], files[1], {**shared, "commit": commit}, None),
    ):
        manifest = manifest_text(name, content, file.output_names(), table, test)
        write_model(options.out / name, name, content, manifest)


if __name__ == "__main__":
    main()

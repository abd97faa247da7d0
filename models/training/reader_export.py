"""Make the reader's int8 model file and manifest from a save of the training.

``python -m models.training.reader_export --run DIR --second FILE --out models/reader`` joins the text
networks of ``DIR/reader.pt`` and of ``FILE``, which learnt apart, and the jurisdictions of ``DIR/place.pt``
in one file: a crop goes in, both texts' columns and the place come out. It calibrates the ranges on training
crops of ``DIR/shards``, and what scores mean on the plates held out from training; it prints what these lose
by the conversion.
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
from alprd.vision.columns import Columns, likeliest
from alprd.vision.rectify import MARGIN_X, MARGIN_Y
from models.training.convert import manifest_text, to_int8, write_model
from models.training.faces import NOT_LEARNT
from models.training.place import load_place_net
from models.training.reader import load_net
from models.training.reader_net import COLUMNS, CONTRAST, MOST_GAIN, SPREAD, normalise
from models.training.reader_views import plain, varied

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    """All text networks and the jurisdictions on one crop."""

    def __init__(self, readers: Sequence[nn.Module], place: nn.Module) -> None:
        super().__init__()
        self.readers, self.place = nn.ModuleList(readers), place

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        """Return the logits (n, 72 times the networks, 38) and the places (n, 65) of ``crops``."""
        return torch.cat([reader(crops) for reader in self.readers], dim=1), self.place(crops)


class Int8:
    """The converted file as LiteRT computes it, in place of the network."""

    def __init__(self, content: bytes) -> None:
        self._interpreter = Interpreter(model_content=content, num_threads=1)
        self._interpreter.allocate_tensors()

    def __call__(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits (n, columns, 38) and places (n, 65) for network inputs (n, 1, 48, 144)."""
        entry = self._interpreter.get_input_details()[0]
        exits = sorted(self._interpreter.get_output_details(), key=lambda found: -len(found["shape"]))
        in_scale, in_zero = entry["quantization"]
        rows: tuple[list[NDArray[np.float32]], ...] = ([], [])
        for row in inputs.permute(0, 2, 3, 1).numpy():
            stored = np.clip(np.rint(row / in_scale) + in_zero, -128, 127).astype(np.int8)
            self._interpreter.set_tensor(entry["index"], stored[None])
            self._interpreter.invoke()
            for found, kept in zip(exits, rows, strict=True):
                scale, zero = found["quantization"]
                kept.append(
                    (self._interpreter.get_tensor(found["index"])[0].astype(np.float32) - zero) * scale
                )
        return torch.from_numpy(np.stack(rows[0])), torch.from_numpy(np.stack(rows[1]))

    def output_names(self) -> list[str]:
        """Return the names of the outputs in the file's own order."""
        sizes = [len(found["shape"]) for found in self._interpreter.get_output_details()]
        return ["logits" if size == max(sizes) else "places" for size in sizes]


def texts_of(logits: Tensor) -> tuple[list[list[int]], NDArray[np.float64]]:
    """Return each row's codes and how likely they are, as `alprd.vision.read` has it; 0 where none are."""
    chances = np.zeros(logits.shape[1:], np.float32)
    networks = [Columns(part) for part in np.split(chances, logits.shape[1] // COLUMNS)]
    texts, scores = [], []
    for row in logits.numpy():
        chances[:] = row
        for network in networks:
            network.decode(1.0)
        best, score = likeliest(networks)
        texts.append(best.found[: best.count].tolist() if best else [])
        scores.append(score)
    return texts, np.array(scores)


def fit_score(raw: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[float, float]:
    """Return slope and shift of the log odds (Platt 1999, "Probabilistic outputs for SVMs")."""
    odds = torch.from_numpy(np.log(np.clip(raw, 1e-6, 1 - 1e-6) / (1 - np.clip(raw, 1e-6, 1 - 1e-6))))
    weights = torch.tensor([1.0, 0.0], dtype=torch.float64, requires_grad=True)
    # One more right and one more wrong: no certainty from finitely many plates.
    goals = torch.from_numpy(np.where(right, 1 - 1 / (right.sum() + 2), 1 / ((~right).sum() + 2)))
    solver = torch.optim.LBFGS([weights], max_iter=200)

    def loss() -> Tensor:
        solver.zero_grad()
        value = functional.binary_cross_entropy_with_logits(odds * weights[0] + weights[1], goals)
        value.backward()  # type: ignore[no-untyped-call]
        return value

    solver.step(loss)
    return float(weights[0]), float(weights[1])


def fit_temperature(logits: Tensor, places: Tensor) -> float:
    """Return the temperature at which the softmax of ``logits`` is most likely to give ``places``."""
    choices = np.exp(np.linspace(np.log(0.5), np.log(6), 80))
    losses = [float(functional.cross_entropy(logits / choice, places)) for choice in choices]
    return float(choices[int(np.argmin(losses))])


def right_of(texts: list[list[int]], codes: NDArray[np.uint8], *, folded: bool = False) -> NDArray[np.bool_]:
    """Return which ``texts`` are as ``codes`` say: exactly, or ``folded``, O as 0 and I as 1."""
    same = np.arange(READ_CODES)
    if folded:
        for mark, twin in ("O0", "I1"):
            same[CHARACTERS.index(mark) + 1] = CHARACTERS.index(twin) + 1
    return np.array(
        [
            same[text].tolist() == same[[c for c in row if c]].tolist()
            for text, row in zip(texts, codes.tolist(), strict=True)
        ]
    )


def calibrated(net: Any, held_out: dict[str, NDArray[Any]]) -> dict[str, float]:  # noqa: ANN401 - a torch module or `Int8`
    """Return the manifest's numbers that make scores chances, fitted on views of the held-out plates.

    Half of the views are plain, as the pictures are; half are varied as in training, as worse ones would be.
    """
    dice = torch.Generator().manual_seed(1)
    wide = torch.from_numpy(held_out["crops"])
    views = [plain(wide, grow) for grow in _GROWN] + [varied(wide, dice) for _ in _GROWN]
    logits, places = (
        torch.cat(parts) for parts in zip(*(net(normalise(view)) for view in views), strict=True)
    )
    texts, scores = texts_of(logits)
    right = right_of(texts, np.tile(held_out["codes"], (len(views), 1)), folded=True)
    slope, shift = fit_score(scores, right)
    truth = np.tile(held_out["places"], len(views))
    american = np.tile(held_out["american"], len(views)) & (truth != NOT_LEARNT)
    warmth = fit_temperature(places[american], torch.from_numpy(truth[american]).long())
    return {"score_slope": slope, "score_shift": shift, "place_temperature": warmth}


def report(name: str, net: Any, held_out: dict[str, NDArray[Any]]) -> None:  # noqa: ANN401 - a torch module or `Int8`
    """Print what ``net`` reads of the held-out plates."""
    logits, places = net(normalise(plain(torch.from_numpy(held_out["crops"]))))
    right, american = right_of(texts_of(logits)[0], held_out["codes"]), held_out["american"]
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
    parser.add_argument("--place-accept", type=float, default=0.45, help="operating point of the place")
    options = parser.parse_args()
    torch.set_num_threads(1)
    readers = [load_net(options.run / options.save), load_net(options.second)]
    net = Joined(readers, load_place_net(options.run / "place.pt")).eval()
    steps = torch.load(options.run / options.save, weights_only=True)["step"]
    content = to_int8(
        net, calibration(options.run / "shards"), float_path=options.run / "reader-float.tflite"
    )
    held_out = dict(np.load(options.run / "shards/held-out.npz"))
    converted = Int8(content)
    report("float", net, held_out)
    report("int8", converted, held_out)
    with torch.enable_grad():
        chances = calibrated(converted, held_out)
    print(", ".join(f"{name} {value:.3f}" for name, value in chances.items()))
    commit = subprocess.run(
        ["git", "rev-parse", "--short=12", "HEAD"],  # noqa: S607 - the developer's own git
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    own = {
        "labels": CHARACTERS, "blank": 0, "networks": len(readers), "margin_x": MARGIN_X,
        "margin_y": MARGIN_Y, "contrast": CONTRAST,
        "most_gain": MOST_GAIN, "spread": SPREAD, **chances, "accept": options.accept,
        "place_accept": options.place_accept, "seed": 2026, "steps": steps, "commit": commit,
    }  # fmt: skip
    manifest = manifest_text("reader", content, converted.output_names(), own, _SELF_TEST)
    write_model(options.out, "reader", content, manifest)


if __name__ == "__main__":
    main()

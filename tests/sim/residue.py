"""Which bytes of a process tell what a model was run on. Run as a program, it counts them.

    python -m tests.sim.residue RUNTIME MODEL THREADS

A model is run on one of two noises in turn, in an order without a rhythm, and wiped. A byte that is always
the same after the one, and always another after the other, tells which it was: in whatever form, wherever it
lies. One JSON object: the counts with every wipe, without the stack's, and without the runtime's own too.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from alprd.address_space import private_mappings, read_own
from alprd.memory import harden_process
from alprd.vision import litert
from alprd.vision.litert import Model, default_folder

if TYPE_CHECKING:
    from numpy.typing import NDArray

ORDER: Final = (0, 1, 1, 0, 1, 0, 0, 1)
SLACK: Final = 1 << 16


class Told:
    """Compares all of the process's memory after each run."""

    def __init__(self, model: Model) -> None:
        self._model = model
        chance = np.random.default_rng(5)
        self._noise = [chance.integers(-128, 128, model.manifest.input.shape, np.int8) for _ in range(2)]
        self._places = private_mappings()
        size = sum(end - start for start, end in self._places)
        self._first = [np.zeros(size, np.uint8) for _ in range(2)]
        self._now = np.zeros(size, np.uint8)
        self._tells = np.zeros(size, np.bool_)

    def count(self) -> int:
        """Return how many bytes tell what the model was run on."""
        self._tells[...] = True
        seen: set[int] = set()
        for which in (0, 1, *ORDER):  # two to warm up
            self._model.input[...] = self._noise[which]
            self._model.invoke()
            self._model.wipe()
            self._take(self._now if which in seen else self._first[which])
            if which in seen:
                self._tells &= self._now == self._first[which]
            seen.add(which)
        self._tells &= self._first[0] != self._first[1]
        return int(np.count_nonzero(self._tells))

    def _take(self, into: NDArray[np.uint8]) -> None:
        at = 0
        for start, end in self._places:
            read_own(start, into[at : at + end - start])
            at += end - start


def main() -> None:
    harden_process()
    name: Any = sys.argv[1]
    model = Model.open(default_folder(sys.argv[2]), name, int(sys.argv[3]))
    for _ in range(3):
        model.invoke()
        model.wipe()
    told = Told(model)
    counts = {"wiped": told.count()}
    assert model._memory is not None
    counts["zeroed"] = model._memory.size
    setattr(litert, "clear_stack", lambda: None)  # noqa: B010 - for the count
    counts["with the stack"] = told.count()
    model._memory._blocks = ()
    counts["with its memory"] = told.count()
    print(json.dumps(counts))  # noqa: T201 - a program's output


if __name__ == "__main__":
    main()

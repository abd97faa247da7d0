"""A process that loads a list and matches reads, to be searched from outside.

    python -m tests.sim.list_reader FOLDER

It matches `READS` drawn reads that are no hits, prints ``matched``, and at the next line on stdin wipes
the list and prints ``wiped``. It makes the codes of the reads alone: what else of a read is in its
memory, the matcher left there.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.hotlist.disk import HotlistStore
from alprd.hotlist.match import Matcher
from alprd.memory import locked_array, wipe
from alprd.plates.vote import AlertRule
from tests.sim.reads import fused_read
from tests.vectors.hotlist.made import NOW, ROOT, UNIT

if TYPE_CHECKING:
    from numpy.typing import NDArray

READS: Final = 2
LENGTH: Final = 9


def drawn_reads() -> NDArray[np.uint8]:
    """Return the codes of the reads, shape (READS, 10): the same in every process."""
    codes = np.zeros((READS, 10), np.uint8)
    codes[:, :LENGTH] = np.random.default_rng(20).integers(1, 37, size=(READS, LENGTH), dtype=np.uint8)
    return codes


def main(folder: Path) -> None:
    index = HotlistStore(folder, root=ROOT, unit=UNIT).load(now_s=NOW)
    matcher = Matcher(index, now_s=NOW)
    codes = locked_array(10, np.uint8)
    for read in drawn_reads():
        codes[:] = read
        if matcher.match(fused_read(codes, LENGTH), AlertRule()) is not None:
            raise SystemExit("a drawn read is listed")
        wipe(codes)
    print("matched", flush=True)  # noqa: T201 - a program's output
    sys.stdin.readline()
    index.wipe()
    print("wiped", flush=True)  # noqa: T201
    sys.stdin.readline()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

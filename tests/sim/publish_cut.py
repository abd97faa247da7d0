"""The power goes at every system call of a publication. Run as a program.

    python -m tests.sim.publish_cut publish TEMPLATE REMAINS

As `tests.sim.power_cut`. TEMPLATE holds an office, the stick, and what is new in the folder ``new``.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

from alprd.office.publish import publish_lists
from alprd.office.workspace import Workspace
from tests.sim.power_cut import ACTIONS, main
from tests.unit.office.test_agreements import NOW


def publish(folder: Path) -> None:
    publish_lists(
        Workspace(folder / "office"), sorted((folder / "new").iterdir()), folder / "stick", now_s=NOW
    )


ACTIONS["publish"] = publish

if __name__ == "__main__":
    warnings.simplefilter("ignore", DeprecationWarning)  # numpy's threads sleep while we fork
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))

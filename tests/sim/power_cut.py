"""The power goes at every system call of a durable write. Run as a program, it makes the remains.

    python -m tests.sim.power_cut ACTION TEMPLATE REMAINS

For N = 1, 2, ... the folder TEMPLATE is copied to REMAINS/N, a child does ACTION there and ends at its
N-th file system call, before the call is carried out. The last folder saw the action end well. The file
REMAINS/calls names the calls in their order.
"""

from __future__ import annotations

import os
import shutil
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Final

from alprd.evidence.disk import EvidenceStore
from alprd.evidence.handover import destroy_received
from alprd.evidence.receipt import read
from alprd.hotlist.category_disk import install_categories
from alprd.hotlist.disk import HotlistStore
from alprd.keys import install_root
from tests.vectors.hotlist.made import NOW, ROOT, UNIT

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

CANDIDATE: Final = "candidate"
"""Name of the list or the root record that is taken over, in the template."""
_CALLS: Final = {"open", "write", "fsync", "fchmod", "fchown", "rename", "link", "unlink", "close"}
_CUT: Final = 77


def append(folder: Path) -> None:
    store = EvidenceStore(folder)
    store.append(b"second record", store.next_sequence())


def hand_over(folder: Path) -> None:
    receipt, _signer = read((folder / CANDIDATE).read_bytes())
    destroy_received(folder / "evidence", receipt, lambda _numbers: None)


def install(folder: Path) -> None:
    store = HotlistStore(folder, root=ROOT, unit=UNIT)
    store.install(folder / CANDIDATE, now_s=NOW)


def install_root_record(folder: Path) -> None:
    install_root(folder, folder / CANDIDATE)


def install_category_record(folder: Path) -> None:
    install_categories(folder, folder / CANDIDATE, ROOT, now_s=NOW)


ACTIONS: Final[dict[str, Callable[[Path], None]]] = {
    "append": append,
    "hand-over": hand_over,
    "install": install,
    "install-root": install_root_record,
    "install-categories": install_category_record,
}


def cut_power_at(number: int, calls: list[str]) -> None:
    """End this process at its ``number``-th file system call; note them all in ``calls``."""

    def watch(_frame: FrameType, event: str, called: object) -> None:
        name = getattr(called, "__name__", "")
        if event != "c_call" or getattr(called, "__module__", "") != "posix" or name not in _CALLS:
            return
        calls.append(name)
        if len(calls) == number:
            os._exit(_CUT)

    sys.setprofile(watch)


def main(action: str, template: Path, remains: Path) -> None:
    number, code = 0, _CUT
    while code == _CUT:
        number += 1
        folder = remains / str(number)
        shutil.copytree(template, folder)
        child = os.fork()
        if child == 0:
            calls: list[str] = []
            cut_power_at(number, calls)
            ACTIONS[action](folder)
            sys.setprofile(None)
            (remains / "calls").write_text(" ".join(calls), "utf-8")
            os._exit(0)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code != 0:
        raise SystemExit(f"{action} failed with {code}")


if __name__ == "__main__":
    warnings.simplefilter("ignore", DeprecationWarning)  # numpy's threads sleep while we fork
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))

"""``alprctl hotlist``: install a list on the unit, and show which one is installed. Never its plates."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alprd.gps import system_clock
from alprd.hotlist.disk import HotlistStore
from alprd.hotlist.outgoing import FOLDER, acknowledge
from alprd.keys import load_unit_keys

if TYPE_CHECKING:
    import argparse
    from argparse import _SubParsersAction

    from alprd.gps.clock import SystemTime
    from alprd.hotlist.index import HotlistIndex
    from alprd.keys import UnitKeys

STATE = Path("/var/lib/alprd")


def add_parser(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``hotlist install FILE`` and ``hotlist show``."""
    parser = commands.add_parser("hotlist", help="install or show the sealed list")
    nouns = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, text in (
        ("install", "check a list and take it over"),
        ("show", "show the installed list's header"),
    ):
        action = nouns.add_parser(name, help=text)
        action.add_argument("--state", type=Path, default=STATE, help=f"default: {STATE}")
        if name == "install":
            action.add_argument("file", type=Path, metavar="FILE")
        action.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Carry out the action. A list that is refused changes nothing."""
    keys = load_unit_keys(args.state / "keys")
    folder = args.state / "hotlist"
    store = HotlistStore(folder, root=keys.root, unit=keys.unsealing)
    clock = system_clock.read()
    now_s = clock.at // 1000
    if args.action == "install":
        folder.mkdir(mode=0o750, exist_ok=True)
        index = store.install(args.file, now_s=now_s)
        if clock.is_synchronised:
            store.note_time(now_s)
        print(f"installed: {_line(index, now_s)}")
        _acknowledge(args.state, keys, store, clock)
        print("next: systemctl reload alprd")
    else:
        index = store.load(now_s=now_s)
        print(_line(index, now_s))
    index.wipe()
    return 0


def _acknowledge(state: Path, keys: UnitKeys, store: HotlistStore, clock: SystemTime) -> None:
    """Tell the office which list this unit has from now on."""
    if store.installed is None:
        raise ValueError("nothing was installed: there is nothing to acknowledge")
    path = acknowledge(
        state / FOLDER,
        keys,
        store.installed,
        at_s=max(clock.at // 1000, store.time_floor()),
        is_vouched=clock.is_synchronised,
    )
    print(f"acknowledged in {path}")


def _line(index: HotlistIndex, now_s: int) -> str:
    header = index.header
    hours = (header.expires - now_s) // 3600
    age = (now_s - header.created) // 3600
    return f"list {header.sequence}, {len(index)} entries, made {age} h ago, expires in {hours} h"

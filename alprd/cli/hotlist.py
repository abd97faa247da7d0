"""``alprctl hotlist``: install a list on the unit, and show which one is installed. Never its plates."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alprd.control.status import ask
from alprd.disk import discard
from alprd.errors import ControlError
from alprd.gps import system_clock
from alprd.hotlist.disk import HotlistStore
from alprd.hotlist.fetch import fetch, forget_parts, read_folder
from alprd.hotlist.outgoing import FOLDER, acknowledge
from alprd.hotlist.published import Published, needed
from alprd.keys import load_unit_keys
from alprd.settings import ControlSettings

if TYPE_CHECKING:
    import argparse
    from argparse import _SubParsersAction

    from alprd.hotlist.index import HotlistIndex
    from alprd.keys import UnitKeys

STATE = Path("/var/lib/alprd")


def add_parser(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``hotlist install FILE|FOLDER`` and ``hotlist show``."""
    parser = commands.add_parser("hotlist", help="install or show the sealed list")
    nouns = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    install = nouns.add_parser("install", help="check a list and take it over")
    install.add_argument(
        "source",
        type=Path,
        metavar="FILE|FOLDER",
        help="a list or delta; or a published folder, of which what is newer is taken",
    )
    install.add_argument("--socket", type=Path, default=Path(ControlSettings().socket), help="the daemon's")
    install.set_defaults(run=_install)
    show = nouns.add_parser("show", help="show the installed list's header")
    show.set_defaults(run=_show)
    for action in (install, show):
        action.add_argument("--state", type=Path, default=STATE, help=f"default: {STATE}")


def _install(args: argparse.Namespace) -> int:
    """Install a file, or what is newer in a folder. A list that is refused changes nothing."""
    unit = _Unit(args.state)
    unit.folder.mkdir(mode=0o750, exist_ok=True)
    if not args.source.is_dir():
        unit.install(args.source, args.socket)
        return 0
    tried = set[Published]()
    # Until nothing is newer: what arrives while a list is installed is not left lying.
    while wanted := _newer(args.source, unit.store) - tried:
        one = min(wanted, key=lambda published: published.sequence)
        tried.add(one)
        part = fetch(args.source, one, unit.folder)
        try:
            unit.install(part, args.socket)
        finally:
            discard(part)  # whole, and installed or refused: no try goes on with it
    if not tried:
        forget_parts(unit.folder)
        print(f"nothing newer than list {unit.store.sequences()[1]} is in {args.source}")
    return 0


def _newer(folder: Path, store: HotlistStore) -> set[Published]:
    whole, held = store.sequences()
    return set(needed(read_folder(folder), whole=whole, held=held))


def _show(args: argparse.Namespace) -> int:
    unit = _Unit(args.state)
    now_s = system_clock.read().at // 1000
    index = unit.store.load(now_s=now_s)
    print(_line(index, now_s))
    index.wipe()
    return 0


class _Unit:
    """The unit in its state folder: its keys and its installed list."""

    def __init__(self, state: Path) -> None:
        self._keys: UnitKeys = load_unit_keys(state / "keys")
        self._outgoing = state / FOLDER
        self.folder = state / "hotlist"
        self.store = HotlistStore.of_unit(self.folder, self._keys, state / "keys")

    def install(self, file: Path, socket: Path) -> None:
        """Install ``file``, acknowledge it to the office, and have the daemon take it up."""
        clock = system_clock.read()
        now_s = clock.at // 1000
        index = self.store.install(file, now_s=now_s)
        if clock.is_synchronised:
            self.store.note_time(now_s)
        print(f"installed: {_line(index, now_s)}")
        index.wipe()
        if self.store.installed is None:
            raise ValueError("nothing was installed: there is nothing to acknowledge")
        at_s = max(now_s, self.store.time_floor())
        told = acknowledge(
            self._outgoing, self._keys, self.store.installed, at_s=at_s, is_vouched=clock.is_synchronised
        )
        print(f"acknowledged in {told}")
        try:
            ask(socket, "reload")
        except ControlError:
            print("the daemon does not run; it takes the list up when it starts")
        else:
            print("the daemon takes it up")


def _line(index: HotlistIndex, now_s: int) -> str:
    header = index.header
    hours = (header.expires - now_s) // 3600
    age = (now_s - header.created) // 3600
    return f"list {header.sequence}, {len(index)} entries, made {age} h ago, expires in {hours} h"

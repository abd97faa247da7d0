"""Where else a trace could lie: folders, open files, the journal, the control socket, tapes of the line."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from alprd.control.status import ask
from alprd.errors import ControlError, WitnessBlindError
from alprd.witness.process import open_files
from alprd.witness.search import Patterns, Searched

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_CHUNK: Final = 8 << 20
CONTROL: Final = "control"
"""The name under which a place's control is searched, beside the sentinels."""
_CONTROL_BYTES: Final = 32
_SHM: Final = Path("/dev/shm")  # noqa: S108 - where it is looked, nothing is put there
_JOURNAL_S: Final = 60
LINE_CONTROL: Final = b"alprd "
"""How the daemon's build begins, which every greeting on the line carries."""


def patterns_with(needles: Mapping[str, bytes], control: bytes) -> Patterns:
    """Return ``needles`` and the ``control`` of a place, ready to be searched."""
    return Patterns({**needles, CONTROL: control})


def settle(place: Searched) -> Searched:
    """Take the control out of what was found in ``place``, and return it."""
    place.control = place.found.pop(CONTROL, 0)
    return place


def search_files(folders: Iterable[Path], pid: int | None, needles: Mapping[str, bytes]) -> Searched:
    """Search every file below ``folders``, in shared memory, and those that ``pid`` has open.

    The control is a file that is made for the search and removed. Raises `WitnessBlindError` for a folder
    that is not there.
    """
    folders = list(folders)
    for folder in folders:
        if not folder.is_dir():
            raise WitnessBlindError(f"{folder} is no folder: nothing of it can be searched")
    control = os.urandom(_CONTROL_BYTES)
    place = Searched("files", ", ".join(map(str, (*folders, _SHM, "open files"))))
    patterns = patterns_with(needles, control)
    with tempfile.TemporaryDirectory(prefix="alprd-witness-") as own:
        (Path(own) / CONTROL).write_bytes(control)
        for folder in (Path(own), *folders, _SHM):
            for path in sorted(
                path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()
            ):
                _search_file(path, patterns, place)
    for path in open_files(pid) if pid is not None else ():
        _search_file(path, patterns, place)
    return settle(place)


def search_journal(unit: str, mark: str, needles: Mapping[str, bytes]) -> Searched:
    """Search all fields of all that systemd's ``unit`` has said. Raises `WitnessBlindError`."""
    command = ["journalctl", "--unit", unit, "--output=export", "--no-pager", "--quiet"]
    try:
        said = subprocess.run(command, capture_output=True, check=True, timeout=_JOURNAL_S).stdout
    except (OSError, subprocess.SubprocessError):
        raise WitnessBlindError(f"the journal of {unit} cannot be read") from None
    return search_bytes("journal", unit, said, patterns_with(needles, mark.encode()))


def search_log(path: Path, mark: str, needles: Mapping[str, bytes]) -> Searched:
    """Search a log file in the place of the journal. Raises `WitnessBlindError`."""
    return search_bytes("journal", str(path), _read(path), patterns_with(needles, mark.encode()))


def search_tape(path: Path, needles: Mapping[str, bytes]) -> Searched:
    """Search the bytes that a tap on the dash's line wrote. Raises `WitnessBlindError`."""
    return search_bytes("line", str(path), _read(path), patterns_with(needles, LINE_CONTROL))


def search_socket(path: Path, mark: str, needles: Mapping[str, bytes]) -> Searched:
    """Search what the control socket answers. Raises `WitnessBlindError`."""
    return search_bytes(
        "socket", str(path), json.dumps(ask_state(path)).encode(), patterns_with(needles, mark.encode())
    )


def ask_state(path: Path) -> dict[str, object]:
    """Return what the daemon says of itself. Raises `WitnessBlindError`."""
    try:
        return ask(path)
    except ControlError as error:
        raise WitnessBlindError(str(error)) from None


def search_bytes(kind: str, name: str, data: bytes, patterns: Patterns) -> Searched:
    """Search ``data`` as one place, its control among the ``patterns``."""
    place = Searched(kind, name, bytes_read=len(data))
    place.add(patterns.count(data))
    return settle(place)


def _search_file(path: Path, patterns: Patterns, place: Searched) -> None:
    tail = b""
    try:
        with path.open("rb") as file:
            while data := file.read(_CHUNK):
                place.bytes_read += len(data)
                counts = patterns.count(tail + data, len(tail))
                place.add(counts)
                if counts.keys() - {CONTROL}:
                    place.add({f"in {path}": sum(counts.values())})
                tail = data[-patterns.overlap :]
    except OSError:
        place.unread_bytes += (
            1  # it went away meanwhile, or may not be read: the report says that there was one
        )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise WitnessBlindError(f"{path} cannot be read: {error.strerror}") from None

"""Another process, as the kernel shows it in /proc: memory, open files, sockets, limits. Needs root."""

from __future__ import annotations

import contextlib
import os
import stat
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from alprd.errors import WitnessBlindError
from alprd.witness.search import Searched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alprd.witness.search import Patterns

_CHUNK: Final = 8 << 20
_PAGE: Final = 4096
_NOT_MEMORY: Final = ("[vvar]", "[vsyscall]", "[vvar_vclock]")
_PROC: Final = Path("/proc")
_NET: Final = ("unix", "tcp", "tcp6", "udp", "udp6")


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """What the kernel says of a process. ``core_limit`` is the soft limit in bytes, as text."""

    pid: int
    locked_kib: int
    swapped_kib: int
    core_limit: str
    is_traced: bool
    sockets: tuple[str, ...]

    def as_fields(self) -> dict[str, object]:
        """Return it as plain values for JSON."""
        return {**asdict(self), "sockets": list(self.sockets)}


def describe(pid: int) -> Process:
    """Return what the kernel says of ``pid``. Raises `WitnessBlindError` when there is no such process."""
    try:
        lines = (_PROC / str(pid) / "status").read_text("utf-8").splitlines()
        limits = (_PROC / str(pid) / "limits").read_text("utf-8").splitlines()
    except OSError as error:
        raise WitnessBlindError(f"process {pid} cannot be looked at: {error.strerror}") from None
    said = dict(line.split(":", 1) for line in lines if ":" in line)
    core = next((line.split()[4] for line in limits if line.startswith("Max core file size")), "?")
    return Process(
        pid=pid,
        locked_kib=int(said["VmLck"].split()[0]),
        swapped_kib=int(said["VmSwap"].split()[0]),
        core_limit=core,
        is_traced=said["TracerPid"].strip() != "0",
        sockets=tuple(sorted(_sockets(pid))),
    )


def search_memory(pid: int, patterns: Patterns) -> Searched:
    """Search the whole readable memory of ``pid``.

    Raises `WitnessBlindError` when there is no such process or it may not be read.
    """
    place = Searched("memory", f"process {pid}")
    try:
        maps = (_PROC / str(pid) / "maps").read_text("utf-8").splitlines()
        memory = os.open(_PROC / str(pid) / "mem", os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise WitnessBlindError(f"memory of process {pid} cannot be read: {error.strerror}") from None
    try:
        for line in maps:
            columns = line.split()
            if "r" in columns[1] and not (len(columns) > 5 and columns[5] in _NOT_MEMORY):  # noqa: PLR2004 - the name's column
                start, end = (int(part, 16) for part in columns[0].split("-"))
                _search_mapping(memory, start, end, patterns, place)
    finally:
        os.close(memory)
    return place


def open_files(pid: int) -> Iterator[Path]:
    """Yield the regular files that ``pid`` has open, as paths that open them also when they have no name."""
    folder = _PROC / str(pid) / "fd"
    with contextlib.suppress(OSError):
        for link in folder.iterdir():
            with contextlib.suppress(OSError):
                if stat.S_ISREG(link.stat().st_mode):
                    yield link


def _search_mapping(memory: int, start: int, end: int, patterns: Patterns, place: Searched) -> None:
    tail, at = b"", start
    while at < end:
        size = min(_CHUNK, end - at)
        try:
            data = os.pread(memory, size, at)
        except OSError:
            data = b""
        if not data:
            # Pages that the kernel gives to nobody: go on behind the first of them.
            place.unread_bytes += min(_PAGE, end - at)
            tail, at = b"", at + _PAGE
            continue
        place.bytes_read += len(data)
        at += len(data)
        if data.count(0) == len(data):
            tail = data[-patterns.overlap :]
            continue
        place.add(patterns.count(tail + data, len(tail)))
        tail = data[-patterns.overlap :]


def _sockets(pid: int) -> Iterator[str]:
    """Yield each socket of ``pid`` as its kind and where it is bound to."""
    inodes = set()
    with contextlib.suppress(OSError):
        for link in (_PROC / str(pid) / "fd").iterdir():
            with contextlib.suppress(OSError):
                target = str(link.readlink())
                if target.startswith("socket:["):
                    inodes.add(target[len("socket:[") : -1])
    for kind in _NET:
        with contextlib.suppress(OSError):
            for line in (_PROC / str(pid) / "net" / kind).read_text("utf-8").splitlines()[1:]:
                columns = line.split()
                inode, ends = (columns[6], columns[7:]) if kind == "unix" else (columns[9], columns[1:3])
                if inode in inodes:
                    yield " ".join((kind, *ends))

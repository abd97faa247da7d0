"""A disk that power leaves in any state it could be in: writes torn, left out, out of order.

`Recorder` notes the file system calls of a program below one folder. `Remains` then makes what a disk
could hold had the power gone at any of them: what was flushed is there; of the rest each sector of 512
bytes is there or not, a file may be as long as was asked for with zeros in it, and names are as far as some
call before, which a journal keeps in their order.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from pathlib import Path

SECTOR: Final = 512
_PATCHED: Final = (
    "open",
    "write",
    "pwrite",
    "ftruncate",
    "fsync",
    "close",
    "rename",
    "link",
    "unlink",
    "mkdir",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call: ``what`` of `write`, `cut`, `flush`, `name`, `drop`, `flush names`, or a program's `mark`."""

    what: str
    inode: int = 0
    name: str = ""
    place: int = 0
    data: bytes = b""


@dataclass(slots=True)
class Recorder:
    """Notes the calls below ``root`` while it is entered; the calls themselves are carried out."""

    root: Path
    calls: list[Call] = field(default_factory=list)
    _inodes: dict[str, int] = field(default_factory=dict)
    _handles: dict[int, tuple[int, int]] = field(default_factory=dict)
    _real: dict[str, Callable[..., Any]] = field(default_factory=dict)
    _next: int = 1

    def mark(self, text: str) -> None:
        """Note that the program said ``text`` to the outside at this point."""
        self.calls.append(Call(what="mark", name=text))

    def __enter__(self) -> Self:
        for name in _PATCHED:
            self._real[name] = getattr(os, name)
            setattr(os, name, getattr(self, f"_{name}"))
        return self

    def __exit__(self, *_: object) -> None:
        for name, real in self._real.items():
            setattr(os, name, real)

    def _shown(self, path: Any) -> str | None:
        text = os.fspath(path)
        prefix = f"{self.root}/"
        return text.removeprefix(prefix) if isinstance(text, str) and text.startswith(prefix) else None

    def _opened(self, shown: str | None, handle: int, flags: int) -> None:
        if shown is None or flags & os.O_DIRECTORY:
            if shown is not None:
                self._handles[handle] = (0, 0)
            return
        if shown not in self._inodes and flags & os.O_CREAT:
            self._inodes[shown] = self._next
            self.calls.append(Call(what="name", inode=self._next, name=shown))
            self._next += 1
        if shown in self._inodes:
            self._handles[handle] = (self._inodes[shown], 0)

    def _open(self, path: Any, flags: int, *rest: Any, **named: Any) -> int:
        handle: int = self._real["open"](path, flags, *rest, **named)
        self._opened(self._shown(path), handle, flags)
        return handle

    def _write(self, handle: int, data: Any) -> int:
        written: int = self._real["write"](handle, data)
        if self._handles.get(handle, (0, 0))[0]:
            inode, place = self._handles[handle]
            piece = bytes(memoryview(data)[:written])
            self.calls.append(Call(what="write", inode=inode, place=place, data=piece))
            self._handles[handle] = (inode, place + written)
        return written

    def _pwrite(self, handle: int, data: Any, place: int) -> int:
        written: int = self._real["pwrite"](handle, data, place)
        if self._handles.get(handle, (0, 0))[0]:
            piece = bytes(memoryview(data)[:written])
            self.calls.append(Call(what="write", inode=self._handles[handle][0], place=place, data=piece))
        return written

    def _ftruncate(self, handle: int, size: int) -> None:
        self._real["ftruncate"](handle, size)
        if self._handles.get(handle, (0, 0))[0]:
            self.calls.append(Call(what="cut", inode=self._handles[handle][0], place=size))

    def _fsync(self, handle: int) -> None:
        self._real["fsync"](handle)
        if handle in self._handles:
            inode = self._handles[handle][0]
            self.calls.append(Call(what="flush" if inode else "flush names", inode=inode))

    def _close(self, handle: int) -> None:
        self._real["close"](handle)
        self._handles.pop(handle, None)

    def _rename(self, source: Any, target: Any, **named: Any) -> None:
        self._real["rename"](source, target, **named)
        self._named(self._shown(source), self._shown(target), is_moved=True)

    def _link(self, source: Any, target: Any, **named: Any) -> None:
        self._real["link"](source, target, **named)
        self._named(self._shown(source), self._shown(target), is_moved=False)

    def _named(self, source: str | None, target: str | None, *, is_moved: bool) -> None:
        if source is None or target is None:
            return
        self._inodes[target] = self._inodes[source]
        self.calls.append(Call(what="name", inode=self._inodes[target], name=target))
        if is_moved:
            del self._inodes[source]
            self.calls.append(Call(what="drop", name=source))

    def _unlink(self, path: Any, **named: Any) -> None:
        self._real["unlink"](path, **named)
        shown = self._shown(path)
        if shown is not None and self._inodes.pop(shown, None) is not None:
            self.calls.append(Call(what="drop", name=shown))

    def _mkdir(self, path: Any, *rest: Any, **named: Any) -> None:
        self._real["mkdir"](path, *rest, **named)


@dataclass(slots=True)
class Remains:
    """What a disk holds after the power has gone: file contents by name, and what the program had said."""

    files: dict[str, bytes]
    marks: list[str]

    @classmethod
    def after(cls, calls: list[Call], cut: int, chance: random.Random) -> Self:
        """Return remains of a power cut before call ``cut``, one of the many that could be."""
        done = calls[:cut]
        flushed: dict[int, int] = {}
        names_flushed = 0
        for place, call in enumerate(done):
            if call.what == "flush":
                flushed[call.inode] = place
            elif call.what == "flush names":
                names_flushed = place
        contents: dict[int, bytearray] = {}
        for place, call in enumerate(done):
            if call.what in {"write", "cut"}:
                content = contents.setdefault(call.inode, bytearray())
                if place < flushed.get(call.inode, -1):
                    _carry_out(content, call)
                else:
                    _tear(content, call, chance)
        named = [place for place, call in enumerate(done) if call.what in {"name", "drop"}]
        journalled = sum(place < names_flushed for place in named)
        names: dict[str, int] = {}
        for place in named[: chance.randint(journalled, len(named))]:
            call = done[place]
            if call.what == "name":
                names[call.name] = call.inode
            else:
                names.pop(call.name, None)
        files = {name: bytes(contents.get(inode, b"")) for name, inode in names.items()}
        return cls(files=files, marks=[call.name for call in done if call.what == "mark"])

    def write_to(self, folder: Path) -> None:
        """Put the files into ``folder``."""
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(exist_ok=True, parents=True)
            path.write_bytes(content)


def _carry_out(content: bytearray, call: Call) -> None:
    if call.what == "cut":
        del content[call.place :]
        content.extend(bytes(call.place - len(content)))
        return
    content.extend(bytes(max(0, call.place + len(call.data) - len(content))))
    content[call.place : call.place + len(call.data)] = call.data


def _tear(content: bytearray, call: Call, chance: random.Random) -> None:
    """Carry out an unflushed call in part: each sector it touches is written or not."""
    if call.what == "cut":
        if chance.random() < 0.5:
            _carry_out(content, call)
        return
    end = call.place + len(call.data)
    share = chance.choice((0.0, 0.5, 0.9, 1.0))
    if chance.random() < 0.5:
        content.extend(bytes(max(0, end - len(content))))
    at = call.place
    while at < end:
        stop = min(end, (at // SECTOR + 1) * SECTOR)
        if chance.random() < share:
            piece = call.data[at - call.place : stop - call.place]
            _carry_out(content, Call(what="write", place=at, data=piece))
        at = stop

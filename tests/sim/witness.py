"""The outside witness: searches another process's whole memory for byte patterns. Needs root.

Run as a program it prints one JSON object: pattern name to the number of places it was found in.

    python witness.py PID needles.json      needles.json: {"name": "hex bytes", ...}
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Final

_CHUNK: Final = 8 << 20
_NOT_MEMORY: Final = ("[vvar]", "[vsyscall]", "[vvar_vclock]")


def search(pid: int, needles: dict[str, bytes]) -> dict[str, int]:
    """Return how often each needle stands in the readable memory of process ``pid``.

    Raises AssertionError when nothing of the process could be read: an empty search proves nothing.
    """
    found = dict.fromkeys(needles, 0)
    overlap = max(map(len, needles.values())) - 1
    read_bytes = 0
    maps = Path(f"/proc/{pid}/maps").read_text("utf-8").splitlines()
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in maps:
            columns = line.split()
            if "r" not in columns[1] or (len(columns) > 5 and columns[5] in _NOT_MEMORY):
                continue
            start, end = (int(part, 16) for part in columns[0].split("-"))
            place, tail = start, b""
            while place < end:
                try:
                    memory.seek(place)
                    data = memory.read(min(_CHUNK, end - place))
                except OSError:
                    break  # a page that the kernel gives to nobody
                if not data:
                    break
                read_bytes += len(data)
                block = tail + data
                for name, needle in needles.items():
                    found[name] += block.count(needle)
                tail = block[-overlap:] if overlap else b""
                place += len(data)
    if read_bytes < 1 << 20:
        raise AssertionError(f"only {read_bytes} bytes of process {pid} could be read")
    return found


if __name__ == "__main__":
    patterns = {
        name: bytes.fromhex(value) for name, value in json.loads(Path(sys.argv[2]).read_text()).items()
    }
    print(json.dumps(search(int(sys.argv[1]), patterns)))  # noqa: T201 - a program's output

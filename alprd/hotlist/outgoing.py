"""What a unit sends to its office: the acknowledgement of each list that it installed. A shell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from alprd.disk import make_folder, write_durably
from alprd.hotlist.acknowledgement import Acknowledgement, sign
from alprd.keys import PUBLIC_MODE

if TYPE_CHECKING:
    from pathlib import Path

    from alprd.hotlist.opening import SealedList
    from alprd.keys import UnitKeys

FOLDER: Final = "outgoing"
"""Name of the folder in the unit's state folder."""
SUFFIX: Final = ".ack"
_DIGITS: Final = 10


def acknowledge(folder: Path, keys: UnitKeys, installed: SealedList, *, at_s: int, is_vouched: bool) -> Path:
    """Write the unit's acknowledgement of the ``installed`` list into ``folder``; return its file.

    ``at_s`` is Unix seconds, and network time vouches for it or not. Raises `StorageError`.
    """
    header = installed.header
    said = Acknowledgement(
        unit=keys.unit,
        sequence=header.sequence,
        base=header.base,
        at_s=at_s,
        is_vouched=is_vouched,
        digest=installed.digest,
    )
    make_folder(folder)
    path = folder / f"{keys.unit}-{header.sequence:0{_DIGITS}d}{SUFFIX}"
    write_durably(path, sign(said, keys.signing), mode=PUBLIC_MODE)
    return path

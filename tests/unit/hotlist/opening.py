"""Takes a list from bytes to index, as the unit's store does, without a disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from alprd.hotlist import trust
from alprd.hotlist.blob import parse
from alprd.hotlist.index import HotlistIndex, open_index
from alprd.memory import locked_array
from tests.vectors.hotlist.generate import NOW, SIGNER, UNIT

if TYPE_CHECKING:
    from nacl.public import PrivateKey
    from nacl.signing import VerifyKey


def open_list(
    data: bytes,
    *,
    now_s: int = NOW,
    floor: int = 0,
    signer: VerifyKey = SIGNER.verify_key,
    unit: PrivateKey = UNIT,
) -> HotlistIndex:
    room = locked_array(len(data), np.uint8)[: len(data)]
    room[:] = np.frombuffer(data, np.uint8)
    blob = parse(room)
    trust.authenticate(blob, signer=signer, floor=floor, now_s=now_s)
    trust.check_in_date(blob, now_s=now_s)
    return open_index(blob, unit)

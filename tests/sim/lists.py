"""Opened hotlists for tests, made in memory of a few plates."""

from __future__ import annotations

import numpy as np

from alprd.hotlist.blob import HotlistHeader
from alprd.hotlist.columns import ROW_BYTES, Columns
from alprd.hotlist.index import HotlistIndex
from alprd.memory import locked_array
from alprd.plates.jurisdictions import jurisdiction_number
from alprd.plates.normal import pack


def index_of(*plates: str, jurisdiction: str = "CA-ON", expires: int = 2**32 - 1) -> HotlistIndex:
    """Return an opened list of ``plates``, all of one jurisdiction and category, in force to ``expires``."""
    data = locked_array(ROW_BYTES * len(plates), np.uint8)
    columns = Columns.over(data, len(plates))
    columns.plate[:] = sorted(pack(plate) for plate in plates)
    columns.jurisdiction[:] = jurisdiction_number(jurisdiction)
    columns.category[:] = 1
    columns.priority[:] = 1
    header = HotlistHeader(
        sequence=1,
        created=0,
        expires=expires,
        recipients=1,
        entries=len(plates),
        signer=bytes(32),
        nonce=bytes(24),
    )
    return HotlistIndex(header=header, columns=columns, data=data)

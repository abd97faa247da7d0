"""The opened hotlist: the decrypted columns in locked memory, ready for the matcher."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alprd.errors import HotlistTrustError
from alprd.hotlist import sodium
from alprd.hotlist.columns import Columns, check_rows
from alprd.hotlist.trust import unseal_key
from alprd.memory import locked_array, wipe
from alprd.plates.jurisdictions import jurisdiction_name
from alprd.plates.normal import unpack
from alprd.records import Entry

if TYPE_CHECKING:
    import numpy as np
    from nacl.public import PrivateKey
    from numpy.typing import NDArray

    from alprd.hotlist.blob import HotlistBlob, HotlistHeader


@dataclass(frozen=True, slots=True, kw_only=True)
class HotlistIndex:
    """An opened list. ``columns`` are views of ``data``, sorted as the format says."""

    header: HotlistHeader
    columns: Columns
    data: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.columns)

    def entry(self, number: int) -> Entry:
        """Return row ``number`` as text. For a hit only: this is where listed text is made."""
        columns = self.columns
        return Entry(
            plate=unpack(int(columns.plate[number])),
            jurisdiction=jurisdiction_name(int(columns.jurisdiction[number])),
            category=int(columns.category[number]),
            priority=int(columns.priority[number]),
            expires=int(columns.expires[number]),
        )

    def wipe(self) -> None:
        """Zero the whole list. The index is empty of plates afterwards and matches nothing."""
        wipe(self.data)


def open_index(blob: HotlistBlob, unit: PrivateKey) -> HotlistIndex:
    """Decrypt ``blob`` where it lies and return its index (checks 7 to 9).

    For a list that `trust.authenticate` and `trust.check_in_date` accepted. ``blob.data`` must be
    writable, 8-byte aligned and locked: it holds the plain text from here on. Raises
    `HotlistTrustError` or `HotlistFormatError`, with ``blob.data`` wiped.
    """
    content_key = locked_array(sodium.KEY_BYTES, "uint8")
    try:
        unseal_key(blob, unit, content_key)
        columns = _decrypt(blob, content_key)
        check_rows(columns)
    except BaseException:
        wipe(blob.data)
        raise
    finally:
        wipe(content_key)
    return HotlistIndex(header=blob.header, columns=columns, data=blob.data)


def _decrypt(blob: HotlistBlob, content_key: NDArray[np.uint8]) -> Columns:
    if not sodium.decrypt_in_place(blob.body, blob.associated, blob.header.nonce, content_key):
        raise HotlistTrustError("the hotlist's body does not decrypt under the key sealed to this unit")
    return Columns.over(blob.body[: -sodium.TAG_BYTES], blob.header.entries)

"""The hotlist file as bytes: its header, the places of its parts, its limits. No I/O, no trust.

The format is `alprd/docs/formats/hotlist.md`. A whole file is never in memory: `hotlist.seal` makes it in
pieces, `hotlist.opening` reads it in pieces.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from alprd.errors import HotlistFormatError
from alprd.hotlist import sodium
from alprd.hotlist.body import PLACE_BYTES, BodyShape
from alprd.hotlist.tags import MAX_BUCKET_BITS
from alprd.keys.approvals import APPROVAL_BYTES, MAX_APPROVALS, trailer_bytes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAGIC: Final = b"ALPRDHOT"
VERSION: Final = 2
SIGNING_DOMAIN: Final = b"alprd hotlist v2"
MAX_RECIPIENTS: Final = 10_000
MAX_ENTRIES: Final = 8_000_000
MAX_FACTS: Final = 2**16 - 1
MAX_DETAILS: Final = 1_000_000
MAX_DETAILS_BYTES: Final = 2**27
MAX_SEQUENCE: Final = 2**63 - 1
MAX_UNIX_S: Final = 2**32 - 1
MAX_ROOT_VERSION: Final = 2**32 - 1
KEY_BYTES: Final = 32
RECIPIENT_BYTES: Final = KEY_BYTES + sodium.SEALED_KEY_BYTES
CHUNK_BYTES: Final = 1 << 20
"""Plain bytes of a chunk of the body."""

_FIXED: Final = struct.Struct("<8sHHHBBQQIIIIIIQ32s24s")
_SERVICE: Final = re.compile(rb"[!-~](?:[ -~]{0,30}[!-~])?")
HEADER_BYTES: Final = _FIXED.size


def sealed_bytes(plain: int) -> int:
    """Return the size of a body of ``plain`` bytes, at least 1, once it is sealed."""
    return plain + sodium.CHUNK_EXTRA_BYTES * -(-plain // CHUNK_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class HotlistHeader:
    """What a file says of itself in clear. ``created`` and ``expires`` are Unix seconds.

    ``base`` is 0 for a whole list. ``stream`` is the header of the body's secret stream (24 bytes).
    """

    service: str
    sequence: int
    base: int = 0
    created: int
    expires: int
    root_version: int
    recipients: int
    shape: BodyShape
    details_bytes: int
    stream: bytes

    def __post_init__(self) -> None:
        if not self.service.isascii() or _SERVICE.fullmatch(self.service.encode()) is None:
            raise ValueError("a hotlist's service has 1 to 32 ASCII characters, no space first or last")
        if not 1 <= self.sequence <= MAX_SEQUENCE or not 0 <= self.base < self.sequence:
            raise ValueError("a hotlist's sequence is 1 to 2**63 - 1, its base's is less")
        if not 1 <= self.root_version <= MAX_ROOT_VERSION:
            raise ValueError("a hotlist's root version is 1 to 2**32 - 1")
        if not 0 <= self.created < self.expires <= MAX_UNIX_S:
            raise ValueError("a hotlist expires after it was created, in 32-bit Unix seconds")
        if len(self.stream) != sodium.STREAM_HEADER_BYTES:
            raise ValueError("a secret stream's header has 24 bytes")
        self._check_counts()

    def _check_counts(self) -> None:
        shape = self.shape
        if not 1 <= self.recipients <= MAX_RECIPIENTS:
            raise ValueError(f"a hotlist has 1 to {MAX_RECIPIENTS} recipients; found {self.recipients}")
        if not 0 <= shape.rows <= MAX_ENTRIES:
            raise ValueError(f"a hotlist has at most {MAX_ENTRIES} entries; found {shape.rows}")
        if not 0 <= shape.removed <= (MAX_ENTRIES if self.base else 0):
            raise ValueError(f"a hotlist removes at most {MAX_ENTRIES} entries, a whole list none")
        if not 0 <= shape.facts <= MAX_FACTS or not 0 <= shape.bucket_bits <= MAX_BUCKET_BITS:
            raise ValueError(f"a hotlist has at most {MAX_FACTS} facts and {MAX_BUCKET_BITS} bucket bits")
        if not 0 <= shape.details <= min(MAX_DETAILS, shape.rows):
            raise ValueError(f"a hotlist has at most {MAX_DETAILS} details; found {shape.details}")
        if not shape.details * PLACE_BYTES <= self.details_bytes <= MAX_DETAILS_BYTES:
            raise ValueError(f"a hotlist's details have at most {MAX_DETAILS_BYTES} bytes, 16 or more each")
        if self.details_bytes % PLACE_BYTES or (shape.details == 0) != (self.details_bytes == 0):
            raise ValueError("a hotlist's details take a multiple of 16 bytes, and none when there are none")

    @property
    def entries(self) -> int:
        """Number of rows."""
        return self.shape.rows

    @property
    def body_at(self) -> int:
        """Where the body begins."""
        return HEADER_BYTES + RECIPIENT_BYTES * self.recipients

    @property
    def details_at(self) -> int:
        """Where the details begin."""
        return self.body_at + sealed_bytes(self.shape.size)

    @property
    def approvals_at(self) -> int:
        """Where the approvals begin: all before is signed."""
        return self.details_at + self.details_bytes

    def pack(self) -> bytes:
        """Return the header's bytes."""
        shape = self.shape
        return _FIXED.pack(
            MAGIC,
            VERSION,
            shape.facts,
            self.recipients,
            shape.bucket_bits,
            0,
            self.sequence,
            self.base,
            self.created,
            self.expires,
            self.root_version,
            shape.rows,
            shape.removed,
            shape.details,
            self.details_bytes,
            self.service.encode("ascii"),
            self.stream,
        )


def parse_header(data: bytes) -> HotlistHeader:
    """Return the header that ``data`` (120 bytes) is. Raises `HotlistFormatError`."""
    magic, version, *_ = _FIXED.unpack(data)
    if magic != MAGIC:
        raise HotlistFormatError("the file is not a hotlist: its first 8 bytes are not ALPRDHOT")
    if version != VERSION:
        raise HotlistFormatError(
            f"the hotlist has format version {version}; this software reads {VERSION}",
            hint="Ask the hotlist custodian for a release in the present format.",
        )
    (_, _, facts, recipients, bits, reserved, sequence, base, created, expires, root_version, rows) = (
        _FIXED.unpack(data)[:12]
    )
    removed, details, details_bytes, service, stream = _FIXED.unpack(data)[12:]
    if reserved:
        raise HotlistFormatError("a reserved field of the hotlist's header is not 0")
    shape = BodyShape(facts=facts, bucket_bits=bits, rows=rows, removed=removed, details=details)
    try:
        return HotlistHeader(
            service=service.rstrip(b"\0").decode("latin-1"),
            sequence=sequence,
            base=base,
            created=created,
            expires=expires,
            root_version=root_version,
            recipients=recipients,
            shape=shape,
            details_bytes=details_bytes,
            stream=stream,
        )
    except ValueError as error:
        raise HotlistFormatError(str(error)) from None


_LEAST: Final = BodyShape(facts=0, bucket_bits=0, rows=0, removed=0, details=0)
_MOST: Final = BodyShape(
    facts=MAX_FACTS,
    bucket_bits=MAX_BUCKET_BITS,
    rows=MAX_ENTRIES,
    removed=MAX_ENTRIES,
    details=MAX_DETAILS,
)
MIN_BYTES: Final = HEADER_BYTES + RECIPIENT_BYTES + sealed_bytes(_LEAST.size) + trailer_bytes(1)
MAX_BYTES: Final = (
    HEADER_BYTES
    + RECIPIENT_BYTES * MAX_RECIPIENTS
    + sealed_bytes(_MOST.size)
    + MAX_DETAILS_BYTES
    + trailer_bytes(MAX_APPROVALS)
)


def check_size(size: int) -> None:
    """Raise `HotlistFormatError` when no hotlist has ``size`` bytes. For use before reading."""
    if not MIN_BYTES <= size <= MAX_BYTES:
        raise HotlistFormatError(f"a hotlist file has {MIN_BYTES} to {MAX_BYTES} bytes; found {size}")


def check_exact_size(header: HotlistHeader, size: int) -> None:
    """Raise `HotlistFormatError` unless a file of ``size`` bytes can have ``header`` and 1 to 8 approvals."""
    count, odd = divmod(size - header.approvals_at - trailer_bytes(0), APPROVAL_BYTES)
    if odd or not 1 <= count <= MAX_APPROVALS:
        raise HotlistFormatError(
            f"a hotlist of {header.recipients} units and {header.entries} entries has "
            f"{header.approvals_at} bytes and 1 to {MAX_APPROVALS} approvals; found {size}"
        )


def check_recipients(recipients: NDArray[np.uint8]) -> None:
    """Raise `HotlistFormatError` unless ``recipients``, (R, 112), are sorted by key and none stands twice."""
    publics = [bytes(row[:KEY_BYTES]) for row in recipients]
    if not all(a < b for a, b in pairwise(publics)):
        raise HotlistFormatError("the hotlist's recipients are not sorted, or one stands twice")

"""Whether what comes over the dash's line is a GPS receiver's: the cables were swapped. Pure."""

from __future__ import annotations

import functools
import operator
import re
from typing import Final

MAX_HELD: Final = 160
"""Bytes that are kept for a sentence that is not over: an NMEA 0183 sentence has 82 at most."""
_SENTENCE: Final = re.compile(rb"\$([A-Z][A-Z0-9]{3,7},[ -)+-~]{0,78})\*([0-9A-F]{2})\r?\n")


class NmeaEar:
    """Takes bytes in any pieces, and knows an NMEA 0183 sentence with a right checksum among them."""

    def __init__(self) -> None:
        self._held = b""

    def hears(self, data: bytes) -> bool:
        """Return whether ``data`` ends such a sentence."""
        heard = self._held + data
        self._held = heard[-MAX_HELD:]
        return any(
            functools.reduce(operator.xor, sentence[1], 0) == int(sentence[2], 16)
            for sentence in _SENTENCE.finditer(heard)
        )

    def reset(self) -> None:
        """Begin anew: another line."""
        self._held = b""

"""Normal form of a plate text: how plates are listed and compared.

Letters are upper case, separators are gone, 1 to 10 characters of A-Z and 0-9 remain. O and 0 stay
different (as do I and 1, B and 8): Ontario issues both, so folding them would let one listed plate
alert on another person's car. A reader that confuses them is the reader's fault to mend, and the
officer's to see; the list is never widened to hide it.

The text functions serve listed plates. A plate read stays an array of codes and never comes here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from alprd.plates.alphabet import CHARACTERS, CODES, MAX_CHARACTERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

SEPARATORS: Final = " -.\u00a0\u00b7\u2010\u2011\u2012\u2013\u2014\u2022"
"""What stands between the groups of a plate in print and in lists: spaces, dashes, dots."""

MAX_KEY: Final = CODES**MAX_CHARACTERS - 1
"""The largest number that ten codes can pack to; it is under 2**53."""

WEIGHTS: Final[NDArray[np.uint64]] = np.array(
    [CODES ** (MAX_CHARACTERS - 1 - place) for place in range(MAX_CHARACTERS)], dtype=np.uint64
)
"""Weight of each place in a packed key, first character highest, so keys sort as texts do."""
WEIGHTS.setflags(write=False)

_CODE_OF: Final = {character: code for code, character in enumerate(CHARACTERS, start=1)}
_DROP_SEPARATORS: Final = str.maketrans("", "", SEPARATORS)


def normal_form(text: str) -> str:
    """Return the normal form of a listed plate's ``text``.

    Raises `ValueError`, without the text in it, when a character is none of A-Z, a-z, 0-9 and the
    `SEPARATORS`, or when fewer than 1 or more than 10 characters remain.
    """
    bare = text.translate(_DROP_SEPARATORS)
    if not bare.isascii():  # before upper(): it would turn some foreign letters into A-Z
        raise ValueError("a plate has only A-Z, 0-9 and separators; found another character")
    bare = bare.upper()
    if not 1 <= len(bare) <= MAX_CHARACTERS:
        raise ValueError(f"a plate has 1 to {MAX_CHARACTERS} characters; found {len(bare)}")
    if not all(character in _CODE_OF for character in bare):
        raise ValueError("a plate has only A-Z, 0-9 and separators; found another character")
    return bare


def encode(text: str) -> NDArray[np.uint8]:
    """Return the codes of a normal form: uint8, shape (10,), code 0 after the last character.

    Raises `ValueError` when ``text`` is not a normal form.
    """
    if normal_form(text) != text:
        raise ValueError("the text is not a normal form")
    codes = np.zeros(MAX_CHARACTERS, dtype=np.uint8)
    codes[: len(text)] = [_CODE_OF[character] for character in text]
    return codes


def pack(text: str) -> int:
    """Return the packed key of a normal form: its codes as digits in base 37, left aligned.

    Raises `ValueError` when ``text`` is not a normal form.
    """
    key = 0
    for code in encode(text):
        key = key * CODES + int(code)
    return key


def unpack(key: int) -> str:
    """Return the normal form that packs to ``key``.

    Raises `ValueError` when no normal form does: out of range, empty, or a gap between characters.
    """
    if not 0 < key <= MAX_KEY:
        raise ValueError("a packed key is 1 to 37**10 - 1")
    codes: list[int] = []
    for _ in range(MAX_CHARACTERS):
        key, code = divmod(key, CODES)
        codes.append(code)
    codes.reverse()
    length = next((place for place, code in enumerate(codes) if code == 0), MAX_CHARACTERS)
    if length == 0 or any(codes[length:]):
        raise ValueError("a packed key has no gap before or between characters")
    return "".join(CHARACTERS[code - 1] for code in codes[:length])

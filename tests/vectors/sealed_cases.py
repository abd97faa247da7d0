"""Golden cases of the sealed formats: one file, one case, with the kind of failure expected.

A case is a JSON file: ``about`` (a sentence), ``expect`` (``ok`` or the error's class), ``because``
(words of the error's message, so that a case fails for its own reason), the ``given`` numbers, and the
``data`` in hex. The generators beside this file write them; a test holds the files to the generators.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import nacl.hash
from nacl.encoding import RawEncoder
from nacl.public import Box, PrivateKey, PublicKey

FOLDER = Path(__file__).parent
_HEX_LINE = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    name: str
    about: str
    data: bytes
    expect: str = "ok"
    because: str = ""
    given: dict[str, int] = field(default_factory=dict)

    def text(self) -> str:
        digits = self.data.hex()
        fields = {
            "about": self.about,
            "expect": self.expect,
            "because": self.because,
            "given": self.given,
            "data": [digits[place : place + _HEX_LINE] for place in range(0, len(digits), _HEX_LINE)],
        }
        return json.dumps(fields, indent=1) + "\n"


def read_cases(noun: str) -> list[Case]:
    """Return the committed cases of a format, sorted by name."""
    return [_read(path) for path in sorted((FOLDER / noun).glob("*.json"))]


def _read(path: Path) -> Case:
    fields = json.loads(path.read_text("utf-8"))
    data = bytes.fromhex("".join(fields.pop("data")))
    return Case(name=path.stem, data=data, **fields)


def write_cases(noun: str, cases: list[Case]) -> None:
    """Replace the committed cases of a format."""
    for path in (FOLDER / noun).glob("*.json"):
        path.unlink()
    for case in cases:
        (FOLDER / noun / f"{case.name}.json").write_text(case.text(), "utf-8")


def sealed_box(message: bytes, to: PublicKey, ephemeral: PrivateKey) -> bytes:
    """Return libsodium's sealed box of ``message``, its random key replaced by ``ephemeral``."""
    public = bytes(ephemeral.public_key)
    nonce = nacl.hash.blake2b(public + bytes(to), digest_size=Box.NONCE_SIZE, encoder=RawEncoder)
    return public + Box(ephemeral, to).encrypt(message, nonce).ciphertext


def hex_lines(data: bytes) -> str:
    """Return ``data`` as the format documents show it: 32 bytes a line."""
    digits = data.hex()
    return "\n".join(digits[place : place + _HEX_LINE] for place in range(0, len(digits), _HEX_LINE))

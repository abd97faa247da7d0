"""Who may log in at the unit's dash, as a file: badge, salted hash of the PIN, training, undertaking.

See `alprd/docs/formats/officers.md`. The hash is Argon2id, which makes every guess cost time and memory.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Final

import nacl.exceptions
from nacl.pwhash import argon2id

from alprd.disk import write_durably
from alprd.errors import KeysError, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

OFFICERS_FILE: Final = "officers.json"
"""Name of the file in the unit's keys folder."""
MAX_OFFICERS: Final = 2000
_MAX_FILE_BYTES: Final = 1 << 20
_FORMAT: Final = "alprd officers 1"
_BADGE: Final = re.compile(r"[!-~]{1,16}", re.ASCII)
_SECRET: Final = re.compile(r"[!-~]{4,16}", re.ASCII)
_HASH: Final = re.compile(r"\$argon2id\$[!-~]{1,112}", re.ASCII)
_DIGEST: Final = re.compile(r"([0-9a-f]{64})?", re.ASCII)
_OPERATIONS: Final = 4
_MEMORY_BYTES: Final = 8 << 20
_NAMES: Final = {"badge", "secret_hash", "trained_until", "undertaking"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Officer:
    """One who may log in. ``trained_until`` is the last day, like ``2027-03-31``.

    ``undertaking`` is the SHA-256 of the undertaking that the officer signed, empty where none was.
    """

    badge: str
    secret_hash: str = field(repr=False)
    trained_until: str
    undertaking: str

    def __post_init__(self) -> None:
        for name, form, text in (
            ("badge", _BADGE, self.badge),
            ("secret_hash", _HASH, self.secret_hash),
            ("undertaking", _DIGEST, self.undertaking),
        ):
            if not form.fullmatch(text):
                raise ValueError(f"{name}: expected {form.pattern}")
        dt.date.fromisoformat(self.trained_until)


def make_officer(*, badge: str, secret: str, trained_until: str, undertaking: bytes | None) -> Officer:
    """Return an officer with the hash of ``secret`` (4 to 16 characters) and of the signed ``undertaking``.

    ValueError for a badge, secret or date that cannot be used.
    """
    if not _SECRET.fullmatch(secret):
        raise ValueError("PIN: expected 4 to 16 printable ASCII characters without spaces")
    digest = "" if undertaking is None else hashlib.sha256(undertaking).hexdigest()
    return Officer(badge=badge, secret_hash=_hash(secret), trained_until=trained_until, undertaking=digest)


def is_secret(officer: Officer | None, secret: str) -> bool:
    """Return whether ``secret`` is the officer's; of nobody it is none, and that takes as long."""
    known = _NOBODY_HASH if officer is None else officer.secret_hash
    try:
        is_right: bool = argon2id.verify(known.encode("ascii"), secret.encode("ascii"))
    except (nacl.exceptions.InvalidkeyError, UnicodeEncodeError):
        return False
    return is_right and officer is not None


def read_officers(path: Path) -> dict[str, Officer]:
    """Return the officers by badge, none where there is no file. Raises `KeysError`."""
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise KeysError(f"{path} cannot be read: {error.strerror}") from None
    if len(content) > _MAX_FILE_BYTES:
        raise KeysError(f"{path} has more than {_MAX_FILE_BYTES} bytes: it is no list of officers")
    try:
        return _parse(json.loads(content))
    except (ValueError, TypeError, RecursionError) as error:
        raise KeysError(f"{path} is no list of officers: {printable(str(error))}") from None


def write_officers(path: Path, officers: Iterable[Officer]) -> None:
    """Write the officers, in place of those before. Raises `StorageError`."""
    rows = [asdict(officer) for officer in sorted(officers, key=lambda officer: officer.badge)]
    write_durably(path, (json.dumps({"format": _FORMAT, "officers": rows}, indent=1) + "\n").encode())


def _parse(document: object) -> dict[str, Officer]:
    if not isinstance(document, dict) or document.get("format") != _FORMAT:
        raise ValueError(f"not of format {_FORMAT!r}")
    rows = document.get("officers")
    if document.keys() != {"format", "officers"} or not isinstance(rows, list) or len(rows) > MAX_OFFICERS:
        raise ValueError(f"expected at most {MAX_OFFICERS} officers and nothing else")
    officers = [_officer(row) for row in rows]
    by_badge = {officer.badge: officer for officer in officers}
    if len(by_badge) != len(officers):
        raise ValueError("a badge stands twice")
    return by_badge


def _officer(row: Mapping[str, object]) -> Officer:
    if not isinstance(row, dict) or row.keys() != _NAMES or not all(isinstance(v, str) for v in row.values()):
        raise ValueError(f"expected texts for {', '.join(sorted(_NAMES))}")
    return Officer(**row)


def _hash(secret: str) -> str:
    return str(argon2id.str(secret.encode("ascii"), _OPERATIONS, _MEMORY_BYTES).decode("ascii"))


_NOBODY_HASH: Final = _hash("no such officer."[:16])

"""Why somebody opens, searches or exports evidence, and what the log of disclosures needs. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from alprd.errors import OfficeInputError

MAX_FILE_NUMBER: Final = 40
MIN_WHY: Final = 5
MAX_WHY: Final = 100
_MAX_TEXT: Final = 200


class Reason(enum.Enum):
    """What evidence may be accessed for. There is no other reason."""

    INVESTIGATION = "investigation"
    PROSECUTION = "prosecution"
    COMPLAINT = "complaint"
    ACCESS_REQUEST = "access-request"
    OVERSIGHT = "oversight"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The reason of an access, the number of its file, and in words what it is for.

    Raises `OfficeInputError` for each thing that is missing.
    """

    reason: Reason
    file_number: str
    why: str

    def __post_init__(self) -> None:
        if (
            not self.file_number
            or len(self.file_number) > MAX_FILE_NUMBER
            or not self.file_number.isprintable()
        ):
            raise OfficeInputError(f"the file number is missing: 1 to {MAX_FILE_NUMBER} printable characters")
        check_why(self.why)

    @property
    def note(self) -> str:
        """What the ledger says of it."""
        return f"{self.reason.value}, file {self.file_number}: {self.why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What somebody must say before anything is disclosed. ``until_s`` 0: nothing is to come back.

    Raises `OfficeInputError` for each thing that is missing.
    """

    authority: str
    authorized_by: str
    linked: str
    recipient: str
    title: str
    recipient_file: str
    means: str
    conditions: str
    afterwards: str
    until_s: int

    def __post_init__(self) -> None:
        for text, what in (
            (self.authority, "the legal authority and the circumstances that justify it"),
            (self.authorized_by, "the name of the officer who authorized it"),
            (self.linked, "the linked or appended records (say none)"),
            (self.recipient, "the name of the recipient"),
            (self.title, "the title of the recipient"),
            (self.recipient_file, "the recipient's file number (say none)"),
            (self.means, "the means of disclosure"),
            (self.conditions, "the conditions on its use and further disclosure"),
        ):
            if not text.strip() or len(text) > _MAX_TEXT or not text.isprintable():
                raise OfficeInputError(f"{what} is missing: 1 to {_MAX_TEXT} printable characters")


def check_why(why: str) -> str:
    """Return ``why``. Raises `OfficeInputError` unless it says something."""
    if not MIN_WHY <= len(why.strip()) <= MAX_WHY or not why.isprintable():
        raise OfficeInputError(f"the reason in words is missing: {MIN_WHY} to {MAX_WHY} printable characters")
    return why

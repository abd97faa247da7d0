"""What the audit log records, and how it stands in the chain. Pure.

The format is `alprd/docs/formats/audit.md`.
"""

from __future__ import annotations

import base64
import binascii
import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from nacl.exceptions import CryptoError
from nacl.public import SealedBox

from alprd.errors import ChainError
from alprd.records import MAX_BADGE, ClockSource, Instant, UnixMs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nacl.public import PrivateKey, PublicKey

KIND: Final = "audit"
FORMAT: Final = "alprd audit 1"
MAX_NAME: Final = 64
MAX_FILE_NUMBER: Final = 40
MAX_SUBJECT: Final = 120
_JURISDICTION_BYTES: Final = 6
_PLATE_BYTES: Final = 10
_PADDING: Final = bytes(4)
_SEALED_TEXT: Final = 92


class Act(enum.Enum):
    """What was done."""

    UNIT_STARTED = "unit started"
    UNIT_STOPPED = "unit stopped"
    SESSION_BEGAN = "session began"
    SESSION_ENDED = "session ended"
    LOG_IN_REFUSED = "log-in refused"
    CAMERA_CLOSED = "camera closed"
    CAMERA_OPENED = "camera opened"
    VERDICT = "verdict"
    RECORD_SEALED = "record sealed"
    RECORDS_DESTROYED = "records destroyed"
    OWNER_SHOWN = "owner shown"
    HIT_REPORTED = "hit reported"
    LIST_TAKEN_UP = "list taken up"
    LIST_REFUSED = "list refused"
    ROOT_INSTALLED = "root installed"
    PRIVACY_KEY_INSTALLED = "privacy key installed"
    READING_STOPPED = "reading stopped"
    READING_RESUMED = "reading resumed"
    CASE_OPENED = "case opened"
    CASE_CLOSED = "case closed"
    LOG_READ = "log read"
    LOG_VERIFIED = "log verified"
    END_MENDED = "end mended"
    CHAIN_SET_ASIDE = "chain set aside"


class Information(enum.Enum):
    """What was seen or changed."""

    UNIT = "unit"
    PLATE_PICTURE = "plate picture"
    EVIDENCE_RECORD = "evidence record"
    REGISTERED_OWNER = "registered owner"
    HOTLIST = "hotlist"
    KEYS = "keys"
    AUDIT_LOG = "audit log"


class Reason(enum.Enum):
    """Why."""

    DUTY = "duty"
    HOTLIST_HIT = "hotlist hit"
    UPDATE = "update"
    SELF_CHECK = "self-check"
    POWER_CUT = "power cut"
    AUDIT = "audit"
    COMPLAINT = "complaint"
    COURT_ORDER = "court order"
    ACCESS_REQUEST = "access request"
    INTERNAL_INVESTIGATION = "internal investigation"
    MAINTENANCE = "maintenance"


OF_PEOPLE: Final = (
    Reason.AUDIT,
    Reason.COMPLAINT,
    Reason.COURT_ORDER,
    Reason.ACCESS_REQUEST,
    Reason.INTERNAL_INVESTIGATION,
    Reason.MAINTENANCE,
)
"""The reasons that a person can give. Each but the last needs a file number."""

INFORMATION_OF: Final = {
    Act.VERDICT: Information.PLATE_PICTURE,
    Act.RECORD_SEALED: Information.EVIDENCE_RECORD,
    Act.RECORDS_DESTROYED: Information.EVIDENCE_RECORD,
    Act.OWNER_SHOWN: Information.REGISTERED_OWNER,
    Act.LIST_TAKEN_UP: Information.HOTLIST,
    Act.LIST_REFUSED: Information.HOTLIST,
    Act.ROOT_INSTALLED: Information.KEYS,
    Act.PRIVACY_KEY_INSTALLED: Information.KEYS,
    Act.LOG_READ: Information.AUDIT_LOG,
    Act.LOG_VERIFIED: Information.AUDIT_LOG,
    Act.END_MENDED: Information.AUDIT_LOG,
    Act.CHAIN_SET_ASIDE: Information.AUDIT_LOG,
}
"""What each act sees or changes; the unit itself where nothing else stands here."""

REASON_OF: Final = {
    Act.VERDICT: Reason.HOTLIST_HIT,
    Act.RECORD_SEALED: Reason.HOTLIST_HIT,
    Act.OWNER_SHOWN: Reason.HOTLIST_HIT,
    Act.HIT_REPORTED: Reason.HOTLIST_HIT,
    Act.LIST_TAKEN_UP: Reason.UPDATE,
    Act.LIST_REFUSED: Reason.UPDATE,
    Act.ROOT_INSTALLED: Reason.UPDATE,
    Act.PRIVACY_KEY_INSTALLED: Reason.UPDATE,
    Act.READING_STOPPED: Reason.SELF_CHECK,
    Act.READING_RESUMED: Reason.SELF_CHECK,
    Act.CASE_OPENED: Reason.SELF_CHECK,
    Act.CASE_CLOSED: Reason.SELF_CHECK,
    Act.END_MENDED: Reason.POWER_CUT,
}
"""Why each act is done, where no person says; duty where nothing else stands here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One entry of the log. ``plate`` is sealed, base64. ValueError where a field is out of its limits."""

    act: Act
    instant: Instant
    name: str = ""
    badge: str = ""
    reason: Reason
    file_number: str = ""
    subject: str = ""
    plate: str = ""

    def __post_init__(self) -> None:
        limits = (
            (self.name, MAX_NAME),
            (self.badge, MAX_BADGE),
            (self.file_number, MAX_FILE_NUMBER),
            (self.subject, MAX_SUBJECT),
        )
        if not all(len(text) <= most and (not text or text.isprintable()) for text, most in limits):
            raise ValueError("a text of the log is printable and within its length")
        if len(self.plate) not in {0, _SEALED_TEXT}:
            raise ValueError("a plate in the log is sealed")
        if self.reason in OF_PEOPLE and self.reason is not Reason.MAINTENANCE and not self.file_number:
            raise ValueError(f"the reason {self.reason.value} needs a file number")

    @property
    def information(self) -> Information:
        """What was seen or changed."""
        return INFORMATION_OF.get(self.act, Information.UNIT)

    def as_fields(self) -> dict[str, object]:
        """Return the text of the event's record."""
        return {
            "format": FORMAT,
            "at": self.instant.at,
            "clock": self.instant.source.name,
            "act": self.act.value,
            "name": self.name,
            "badge": self.badge,
            "information": self.information.value,
            "reason": self.reason.value,
            "file_number": self.file_number,
            "subject": self.subject,
            "plate": self.plate,
        }


def read_event(fields: Mapping[str, Any]) -> Event:
    """Return the event that a record's ``fields`` are. Raises `ChainError`."""
    try:
        event = Event(
            act=Act(fields["act"]),
            instant=Instant(at=UnixMs(fields["at"]), source=ClockSource[fields["clock"]]),
            name=fields["name"],
            badge=fields["badge"],
            reason=Reason(fields["reason"]),
            file_number=fields["file_number"],
            subject=fields["subject"],
            plate=fields["plate"],
        )
        is_same = event.as_fields() == dict(fields) and isinstance(fields["at"], int)
    except (KeyError, TypeError, ValueError, AttributeError):
        is_same = False
    if not is_same:
        raise ChainError("a record of the audit log does not have exactly the fields of its format")
    return event


def seal_plate(plate: str, jurisdiction: str, privacy: PublicKey | None) -> str:
    """Return ``plate`` sealed to the privacy officer, base64; nothing where there is no key."""
    if privacy is None:
        return ""
    text = jurisdiction.encode("ascii").ljust(_JURISDICTION_BYTES, b"\0")
    text += plate.encode("ascii").ljust(_PLATE_BYTES, b"\0") + _PADDING
    return base64.b64encode(SealedBox(privacy).encrypt(text)).decode("ascii")


def open_plate(sealed: str, privacy: PrivateKey) -> tuple[str, str]:
    """Return jurisdiction and plate of what `seal_plate` made. Raises `ChainError`."""
    try:
        text = SealedBox(privacy).decrypt(base64.b64decode(sealed, validate=True))
    except (CryptoError, binascii.Error, ValueError):
        raise ChainError(
            "a plate of the log does not open with this key", hint="Use the key that was in force then."
        ) from None
    plate = text[_JURISDICTION_BYTES : _JURISDICTION_BYTES + _PLATE_BYTES]
    return text[:_JURISDICTION_BYTES].rstrip(b"\0").decode("ascii"), plate.rstrip(b"\0").decode("ascii")

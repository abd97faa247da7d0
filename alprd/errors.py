"""The whole error tree, split by who must act.

Each class carries the exit code of the commands that end with it, and a hint: the next step. The
message says what was expected and what was found. No message ever holds the text of a plate read.
"""

from __future__ import annotations

import traceback
from typing import ClassVar, Final

_SHOWN: Final = 200


class AlprdError(Exception):
    """Base of all errors that this software raises on purpose."""

    exit_code: ClassVar[int] = 70
    hint: ClassVar[str] = "This is a defect in alprd: report it with the message above."

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.next_step = hint or self.hint


class InstallerError(AlprdError):
    """The unit is fitted or configured wrongly; the installer must act."""

    exit_code = 10
    hint = "Check the installation with `alprctl check`."


class SettingsError(InstallerError):
    """The settings file is missing, unreadable or holds an unknown key or value."""

    exit_code = 11
    hint = "Compare the file with `alprctl docs settings`."


class ModelError(InstallerError):
    """A model file is missing, altered or not what its manifest says."""

    exit_code = 12
    hint = "Reinstall the package; the models are checked against their manifests at start."


class RuntimeMissingError(InstallerError):
    """No TFLite runtime is installed, or not the one asked for."""

    exit_code = 13
    hint = "Install `ai-edge-litert` (preferred) or `tflite-runtime`."


class MemoryLockError(InstallerError):
    """The memory for frames could not be locked."""

    exit_code = 14
    hint = "Raise LimitMEMLOCK= in the unit, or `ulimit -l`."


class KeysError(InstallerError):
    """The unit's own keys are missing or unreadable."""

    exit_code = 15
    hint = "Provision the unit with `alprctl provision`."


class TechnicianError(AlprdError):
    """A device of the unit failed; the technician must act."""

    exit_code = 20
    hint = "See the unit's state with `alprctl status`."


class CameraError(TechnicianError):
    """The camera or the recorded source cannot be opened, or gives no frames."""

    exit_code = 21
    hint = "Check the cable and `camera.source` in the settings."


class GpsError(TechnicianError):
    """The gpsd daemon cannot be reached or speaks another protocol."""

    exit_code = 22
    hint = "Check `systemctl status gpsd` and the receiver's cable."


class StorageError(TechnicianError):
    """The evidence store cannot be written."""

    exit_code = 23
    hint = "Check free space and permissions of the state folder."


class ControlError(TechnicianError):
    """The running daemon cannot be reached on its control socket."""

    exit_code = 24
    hint = "Check that alprd is running: `systemctl status alprd`."


class CustodianError(AlprdError):
    """A hotlist or the office's workspace is not acceptable; the custodian must act."""

    exit_code = 30
    hint = "Ask the hotlist custodian for a new release."


class HotlistFormatError(CustodianError):
    """The hotlist blob is not well formed."""

    exit_code = 31


class HotlistTrustError(CustodianError):
    """The hotlist is not approved by enough approvers, not sealed to this unit, or altered."""

    exit_code = 32


class HotlistExpiredError(CustodianError):
    """The hotlist's signed expiry has passed."""

    exit_code = 33


class HotlistRollbackError(CustodianError):
    """The hotlist is older than one that this unit has accepted."""

    exit_code = 34


class HotlistFutureError(HotlistTrustError):
    """The hotlist was created in the future of this unit's clock."""

    exit_code = 37
    hint = "Check the clocks of the unit and of the office, then try again."


class OfficeInputError(CustodianError):
    """A file or option given to the office's tools is not acceptable."""

    exit_code = 35
    hint = "Correct the line or option named above and run the command again."


class VaultError(CustodianError):
    """The office's vault is not there, was altered, does not open to this person, or changed meanwhile."""

    exit_code = 39
    hint = "Check it with `alpr-office vault verify`; when it was altered, restore it from its backup."


class AcknowledgementError(CustodianError):
    """A unit's acknowledgement of a list is not well formed, forged, or of no list of this office."""

    exit_code = 38
    hint = "Have the unit's technician install the newest list again: a new acknowledgement is written."


class EvidenceError(CustodianError):
    """An evidence record is not well formed, altered, or sealed to another key."""

    exit_code = 36
    hint = "Open it with the office key that the unit was provisioned with."


class DashError(AlprdError):
    """The dash unit or its cable is at fault."""

    exit_code = 40
    hint = "Check the dash unit's cable and `dash.port` in the settings."


class LinkFormatError(DashError):
    """Bytes from the dash link are not a frame of the protocol."""

    exit_code = 41


class LinkSkewError(DashError):
    """The dash unit speaks another protocol version."""

    exit_code = 42
    hint = "Flash the dash unit's firmware that belongs to this release."


class LinkLostError(DashError):
    """The dash unit does not answer."""

    exit_code = 43


class PairingError(DashError):
    """The dash unit does not hold the key of this unit, or the key cannot be read."""

    exit_code = 44
    hint = "Pair the dash unit with this unit: `alprctl pair --help`."


class SwappedCableError(DashError):
    """A GPS receiver is on the dash unit's line."""

    exit_code = 45
    hint = "Swap the two cables, or `dash.port` and the device of gpsd: see `alprctl docs install`."


class PromiseBrokenError(AlprdError):
    """What a unit promises to the public does not hold, or cannot be shown; the auditor must act."""

    exit_code = 50
    hint = "Take the unit out of use and keep it as it is; see `alprctl docs promises`."


class TraceFoundError(PromiseBrokenError):
    """The witness has found something that the unit must have forgotten."""

    exit_code = 51


class WitnessBlindError(PromiseBrokenError):
    """The witness could not search, or could not see what is there: its search proves nothing."""

    exit_code = 52
    hint = "Run it as root beside the daemon; see `alprctl docs formats/witness`."


class ChainError(PromiseBrokenError):
    """A signed chain (audit log, conservation ledger) was changed, cut or put in another order."""

    exit_code = 53
    hint = "Keep the file as it is; `alprctl audit verify` says where. Then `alprctl audit set-aside`."


class BalanceError(PromiseBrokenError):
    """What the conservation ledger counts in does not come out, or is not what was published."""

    exit_code = 54
    hint = "Keep the ledger as it is and compare the minutes that are named."


def printable(text: str) -> str:
    """Return ``text`` from outside, stripped of non-printables and cut, fit for a log or terminal."""
    shown = "".join(c if c.isprintable() else "?" for c in text[:_SHOWN])
    return shown + ("..." if len(text) > _SHOWN else "")


def place_of(error: Exception) -> str:
    """Say what failed and where, without a value: a message or a local could hold a read."""
    if isinstance(error, AlprdError):
        return f"{type(error).__name__}: {error}"
    last = traceback.extract_tb(error.__traceback__, limit=-1)
    if not last:
        return type(error).__name__
    return f"{type(error).__name__} at {last[0].filename.rpartition('/')[2]}:{last[0].lineno}"

"""The office's folder: its keys, the enrolled units and the last list's number. Off the vehicle.

Two secrets lie in two files because two people hold them: the custodian signs lists with
``signer.key``, the evidence clerk opens records with ``evidence.key``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nacl.public import PrivateKey
from nacl.signing import SigningKey

from alprd.disk import make_folder, write_durably
from alprd.errors import OfficeInputError, printable
from alprd.hotlist.blob import MAX_RECIPIENTS, MAX_SEQUENCE
from alprd.keys import (
    OFFICE_FILE,
    OfficePublic,
    UnitPublic,
    is_unit_name,
    read_office_public,
    read_secret,
    read_unit_public,
    write_office_public,
    write_secret,
    write_unit_public,
)

if TYPE_CHECKING:
    from pathlib import Path

SIGNER_FILE: Final = "signer.key"
EVIDENCE_FILE: Final = "evidence.key"
_UNITS: Final = "units"
_SEQUENCE_FILE: Final = "last-sequence"
_SIGNER: Final = "hotlist signer"
_EVIDENCE: Final = "evidence"
_MAX_SEQUENCE_BYTES: Final = 20


def create(folder: Path) -> Workspace:
    """Make the folder of a new office with fresh keys.

    Raises `OfficeInputError` when an office is there already, `StorageError` when it cannot be written.
    """
    if any((folder / name).exists() for name in (SIGNER_FILE, EVIDENCE_FILE, OFFICE_FILE)):
        raise OfficeInputError(
            f"{folder} holds an office already",
            hint="Choose another folder: new keys would lock every enrolled unit out.",
        )
    if not folder.parent.is_dir():
        raise OfficeInputError(f"{folder.parent} is no folder")
    make_folder(folder)
    folder.chmod(0o700)
    make_folder(folder / _UNITS)
    signer, evidence = SigningKey.generate(), PrivateKey.generate()
    write_secret(folder / SIGNER_FILE, _SIGNER, bytes(signer))
    write_secret(folder / EVIDENCE_FILE, _EVIDENCE, bytes(evidence))
    public = OfficePublic(signer=signer.verify_key, evidence=evidence.public_key)
    write_office_public(folder / OFFICE_FILE, public)
    return Workspace(folder)


class Workspace:
    """An office's folder as `create` made it. Raises `OfficeInputError` when it is none."""

    def __init__(self, folder: Path) -> None:
        if not (folder / OFFICE_FILE).is_file():
            raise OfficeInputError(
                f"{folder} is no office", hint=f"Make one with `alpr-office init {folder}`."
            )
        self._folder = folder

    @property
    def public(self) -> OfficePublic:
        """The two public keys. Raises `KeysError`."""
        return read_office_public(self._folder / OFFICE_FILE)

    def signer(self) -> SigningKey:
        """Return the secret that signs hotlists. Raises `KeysError`."""
        return SigningKey(read_secret(self._folder / SIGNER_FILE, _SIGNER))

    def evidence_key(self) -> PrivateKey:
        """Return the secret that opens evidence. Raises `KeysError`."""
        return PrivateKey(read_secret(self._folder / EVIDENCE_FILE, _EVIDENCE))

    def enrol(self, file: Path) -> UnitPublic:
        """Enrol the unit whose public keys are in ``file``; the same unit again changes nothing.

        Raises `KeysError` for a file that is none, `OfficeInputError` when another unit has the name or
        the key, or the format's limit of units is reached.
        """
        unit = read_unit_public(file)
        units = self.units()
        for other in units:
            if other == unit:
                return unit
            if other.unit == unit.unit:
                raise OfficeInputError(
                    f"a unit {unit.unit} with other keys is enrolled",
                    hint=f"If it was provisioned anew, remove {self._unit_file(unit.unit)} first.",
                )
            if other.unseal == unit.unseal:
                raise OfficeInputError(f"the keys of {unit.unit} are those of the enrolled unit {other.unit}")
        if len(units) >= MAX_RECIPIENTS:
            raise OfficeInputError(f"a list goes to at most {MAX_RECIPIENTS} units; so many are enrolled")
        write_unit_public(self._unit_file(unit.unit), unit)
        return unit

    def units(self) -> list[UnitPublic]:
        """Return the enrolled units, sorted by name. Raises `KeysError` when a file of one is damaged."""
        return [read_unit_public(path) for path in sorted((self._folder / _UNITS).glob("*.pub"))]

    def unit(self, name: str) -> UnitPublic:
        """Return the enrolled unit ``name``. Raises `OfficeInputError` when there is none."""
        path = self._unit_file(name)
        if not is_unit_name(name) or not path.is_file():
            raise OfficeInputError(
                f"no unit {printable(name)!r} is enrolled", hint="Enrol it with `alpr-office unit enrol`."
            )
        return read_unit_public(path)

    def next_sequence(self) -> int:
        """Return the number of the next list. Raises `OfficeInputError` when the record is damaged."""
        path = self._folder / _SEQUENCE_FILE
        try:
            with path.open("rb") as file:
                text = file.read(_MAX_SEQUENCE_BYTES + 1)
        except FileNotFoundError:
            return 1
        except OSError as error:
            raise OfficeInputError(f"{path} cannot be read: {error.strerror}") from None
        if not text.endswith(b"\n") or not text[:-1].isdigit() or int(text) >= MAX_SEQUENCE:
            raise OfficeInputError(
                f"{path} is damaged: one number is expected",
                hint="Write the last list's sequence into it: `alpr-office hotlist show` tells it.",
            )
        return int(text) + 1

    def spend_sequence(self, sequence: int) -> None:
        """Note that a list has the number ``sequence``, so that no other gets it.

        Raises `OfficeInputError` when it is not above all earlier ones.
        """
        if not self.next_sequence() <= sequence <= MAX_SEQUENCE:
            raise OfficeInputError(
                f"the sequence {sequence} is not above the last list's",
                hint=f"Use {self.next_sequence()} or more, or leave --sequence out.",
            )
        write_durably(self._folder / _SEQUENCE_FILE, b"%d\n" % sequence)

    def _unit_file(self, name: str) -> Path:
        return self._folder / _UNITS / f"{name}.pub"

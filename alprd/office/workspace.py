"""The office's folder: its keys, the enrolled units and the last list's number. Off the vehicle.

Secrets lie in files of their own because different people hold them: the custodian builds and signs lists
with ``signer.key``, the evidence clerk opens records with ``evidence.key``, and another approver signs
lists with ``approver.key`` in a folder of their own.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from nacl.public import PrivateKey
from nacl.signing import SigningKey

from alprd.disk import make_folder, write_durably
from alprd.errors import OfficeInputError, printable
from alprd.hotlist.blob import MAX_RECIPIENTS, MAX_SEQUENCE
from alprd.hotlist.categories import CLOSED_SET
from alprd.hotlist.category_disk import CATEGORIES_FILE, categories_in
from alprd.keys import (
    ROOT_FILE,
    UnitPublic,
    read_root,
    read_secret,
    read_unit_public,
    write_root,
    write_secret,
    write_unit_public,
)
from alprd.keys.names import is_unit_name
from alprd.keys.root import Approver, Root, RootRecord

if TYPE_CHECKING:
    from pathlib import Path

    from alprd.hotlist.categories import CategoryTable

SIGNER_FILE: Final = "signer.key"
EVIDENCE_FILE: Final = "evidence.key"
APPROVER_FILE: Final = "approver.key"
DEFAULT_SERVICE: Final = "Police service"
ROOT_DAYS: Final = 1096
"""How long a root record is good for: the next one is signed before."""
_UNITS: Final = "units"
_SEQUENCE_FILE: Final = "last-sequence"
_SIGNER: Final = "hotlist signer"
_EVIDENCE: Final = "evidence"
APPROVER_PURPOSE: Final = "hotlist approver"
_DAY_S: Final = 86_400
_MAX_SEQUENCE_BYTES: Final = 20


def approver_folder(office: Path) -> Path:
    """Return where `create` puts the second approver's folder, beside the office's."""
    return office.with_name(f"{office.name}.approver")


def create(
    folder: Path, *, approver: Path | None = None, service: str = DEFAULT_SERVICE, now_s: int | None = None
) -> Workspace:
    """Make the folder of a new office with fresh keys, and the folder of its second approver.

    ``approver`` is that folder, beside the office's where none is given; its holder takes it away.
    ``now_s`` is Unix seconds, the system clock's where none is given. Raises `OfficeInputError` when an
    office is there already or the name of the ``service`` is none, `StorageError` when it cannot be written.
    """
    other = approver_folder(folder) if approver is None else approver
    files = [*(folder / name for name in (SIGNER_FILE, EVIDENCE_FILE, ROOT_FILE)), other / APPROVER_FILE]
    if any(file.exists() for file in files):
        raise OfficeInputError(
            f"{folder} holds an office already",
            hint="Choose another folder: new keys would lock every enrolled unit out.",
        )
    for place in (folder, other):
        if not place.parent.is_dir():
            raise OfficeInputError(f"{place.parent} is no folder")
    signer, second, evidence = SigningKey.generate(), SigningKey.generate(), PrivateKey.generate()
    people = {"custodian": signer.verify_key, "second approver": second.verify_key}
    issued = int(time.time()) if now_s is None else now_s
    try:
        root = Root(
            service=service,
            version=1,
            threshold=2,
            approvers=tuple(
                Approver(name=name, public=key)
                for name, key in sorted(people.items(), key=lambda p: bytes(p[1]))
            ),
            evidence=evidence.public_key,
            issued=issued,
            expires=issued + ROOT_DAYS * _DAY_S,
        )
    except ValueError as error:
        raise OfficeInputError(f"the service's name cannot be used: {error}") from None
    for place in (folder, other):
        make_folder(place)
        place.chmod(0o700)
    make_folder(folder / _UNITS)
    write_secret(folder / SIGNER_FILE, _SIGNER, bytes(signer))
    write_secret(folder / EVIDENCE_FILE, _EVIDENCE, bytes(evidence))
    write_secret(other / APPROVER_FILE, APPROVER_PURPOSE, bytes(second))
    record = RootRecord(root=root, approvals=()).approved_by(signer).approved_by(second)
    for place in (other, folder):
        write_root(place / ROOT_FILE, record)
    return Workspace(folder)


def read_approver(folder: Path) -> SigningKey:
    """Return the secret that the approver whose folder is given signs with. Raises `KeysError`."""
    return SigningKey(read_secret(folder / APPROVER_FILE, APPROVER_PURPOSE))


def read_office_root(folder: Path) -> Root:
    """Return the root record in an office's or an approver's folder.

    Raises `OfficeInputError` when none is there, `KeysError` when it is damaged.
    """
    if not (folder / ROOT_FILE).is_file():
        raise OfficeInputError(
            f"{folder} is no office's folder and no approver's",
            hint="Both come from `alpr-office init`.",
        )
    return read_root(folder / ROOT_FILE).root


def office_categories(folder: Path) -> CategoryTable:
    """Return the categories in force in an office's folder.

    Raises `KeysError` when its category record is not one that its root record's approvers signed.
    """
    if not (folder / CATEGORIES_FILE).exists():
        return CLOSED_SET
    signed = categories_in(folder, read_office_root(folder))
    return CLOSED_SET if signed is None else signed.table()


class Workspace:
    """An office's folder as `create` made it. Raises `OfficeInputError` when it is none."""

    def __init__(self, folder: Path) -> None:
        if not ((folder / ROOT_FILE).is_file() and (folder / _UNITS).is_dir()):
            raise OfficeInputError(
                f"{folder} is no office", hint=f"Make one with `alpr-office init {folder}`."
            )
        self._folder = folder

    @property
    def folder(self) -> Path:
        """The folder."""
        return self._folder

    @property
    def categories(self) -> CategoryTable:
        """The categories in force. Raises `KeysError`."""
        return office_categories(self._folder)

    @property
    def root(self) -> Root:
        """The root record in force. Raises `KeysError`."""
        return read_root(self._folder / ROOT_FILE).root

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
                hint="Write the last list's sequence into it: `alpr-office release show` tells it.",
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

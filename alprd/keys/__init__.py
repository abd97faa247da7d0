"""The unit's own keys and the office's root record, as files. See `alprd/docs/formats/keys.md`.

A unit has an X25519 key to open hotlists sealed to it and an Ed25519 key to sign evidence. Of the office
it knows the root record: who approves hotlists, and the key that evidence is sealed to. It never holds a
key that opens evidence.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nacl.public import PrivateKey, PublicKey
from nacl.signing import SigningKey, VerifyKey

from alprd.disk import write_durably
from alprd.errors import KeysError, PairingError, printable
from alprd.keys.names import is_unit_name
from alprd.keys.root import MAX_BYTES as MAX_ROOT_BYTES
from alprd.keys.root import Root, RootRecord, check_first, check_successor, parse_root

if TYPE_CHECKING:
    from pathlib import Path

UNIT_KEYS_FILE: Final = "unit.keys"
"""Name of the unit's secret keys in its state folder."""
ROOT_FILE: Final = "office.root"
"""Name of the office's root record, in the unit's keys folder and in the office's own folders."""

DASH_KEY_FILE: Final = "dash.key"
"""Name of the key that the unit and its dash share, in the unit's keys folder and on the dash."""

PRIVACY_FILE: Final = "privacy.pub"
"""Name of the privacy officer's public key, in the unit's keys folder and where it was made."""

PUBLIC_MODE: Final = 0o644
_MAX_FILE_BYTES: Final = 4096
_KEY_BYTES: Final = 32
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO

_UNIT_KEYS_FORMAT: Final = "alprd unit keys 1"
_PRIVACY_FORMAT: Final = "alprd privacy officer 1"
_UNIT_FORMAT: Final = "alprd unit 1"
_DASH_KEY_FORMAT: Final = "alprd dash key 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitKeys:
    """What a unit holds: its own two secrets, and its office's root record.

    ``unsealing`` opens hotlists, ``signing`` signs evidence; ``root`` says who approves hotlists.
    """

    unit: str
    unsealing: PrivateKey
    signing: SigningKey
    root: Root

    @property
    def office_evidence(self) -> PublicKey:
        """The key that evidence is sealed to."""
        return self.root.evidence

    @property
    def public(self) -> UnitPublic:
        """The half that the office enrols."""
        return UnitPublic(unit=self.unit, unseal=self.unsealing.public_key, verify=self.signing.verify_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitPublic:
    """What the office knows of a unit: where to seal lists to, and how to check its evidence."""

    unit: str
    unseal: PublicKey
    verify: VerifyKey

    @property
    def fingerprint(self) -> str:
        """Five groups of four characters, to be compared by voice on enrolment."""
        return _fingerprint(self.unit.encode(), bytes(self.unseal), bytes(self.verify))


def provision(folder: Path, unit: str, root_file: Path) -> UnitKeys:
    """Make the keys of ``unit`` in ``folder`` and enrol the office whose root record is given.

    The record's fingerprint is to be compared with the office's. Raises `KeysError` when the name or the
    record is not acceptable or the unit has keys already, and `StorageError` when the folder cannot be
    written.
    """
    if not is_unit_name(unit):
        raise KeysError(
            f"{printable(unit)!r} cannot name a unit: 1 to 32 of A-Z a-z 0-9 . _ -",
            hint="Choose another name, for example car-12.",
        )
    record = read_root(root_file)
    check_first(record)
    target = folder / UNIT_KEYS_FILE
    if target.exists():
        raise KeysError(
            f"{target} exists: the unit is provisioned",
            hint="To begin anew, remove it: lists and evidence of the old keys need a new enrolment.",
        )
    keys = UnitKeys(
        unit=unit,
        unsealing=PrivateKey.generate(),
        signing=SigningKey.generate(),
        root=record.root,
    )
    secrets = {"unseal_secret": _text(bytes(keys.unsealing)), "sign_secret": _text(bytes(keys.signing))}
    write_root(folder / ROOT_FILE, record)
    write_durably(target, _encode(_UNIT_KEYS_FORMAT, {"unit": unit, **secrets}), replace=False)
    return keys


def load_unit_keys(folder: Path) -> UnitKeys:
    """Read what `provision` put into ``folder``.

    Raises `KeysError`, also when others than the owner may read the secrets.
    """
    path = folder / UNIT_KEYS_FILE
    fields = _read(path, _UNIT_KEYS_FORMAT, {"unit", "unseal_secret", "sign_secret"}, is_secret=True)
    return UnitKeys(
        unit=_unit(path, fields),
        unsealing=PrivateKey(_key(path, fields, "unseal_secret")),
        signing=SigningKey(_key(path, fields, "sign_secret")),
        root=read_root(folder / ROOT_FILE).root,
    )


def install_root(folder: Path, source: Path) -> Root:
    """Take over the office's next root record from ``source`` in one step, and return it.

    Raises `KeysError` when it is not the next one or not signed by the present approvers: then the
    present one stays.
    """
    record = read_root(source)
    check_successor(record, read_root(folder / ROOT_FILE).root)
    write_root(folder / ROOT_FILE, record)
    return record.root


def write_unit_public(path: Path, unit: UnitPublic) -> None:
    """Write the file that the office enrols. Raises `StorageError`."""
    fields = {"unit": unit.unit, "unseal": _text(bytes(unit.unseal)), "verify": _text(bytes(unit.verify))}
    write_durably(path, _encode(_UNIT_FORMAT, fields), mode=PUBLIC_MODE)


def read_unit_public(path: Path) -> UnitPublic:
    """Read a unit's public keys. Raises `KeysError`."""
    fields = _read(path, _UNIT_FORMAT, {"unit", "unseal", "verify"})
    return UnitPublic(
        unit=_unit(path, fields),
        unseal=PublicKey(_key(path, fields, "unseal")),
        verify=VerifyKey(_key(path, fields, "verify")),
    )


def write_dash_key(path: Path, key: bytes, *, replace: bool) -> None:
    """Write the key of a pairing. Raises `StorageError`."""
    write_durably(path, _encode(_DASH_KEY_FORMAT, {"secret": _text(key)}), replace=replace)


def read_dash_key(path: Path) -> bytes:
    """Read what `write_dash_key` wrote. Raises `PairingError`, also when others may read it."""
    try:
        return _key(path, _read(path, _DASH_KEY_FORMAT, {"secret"}, is_secret=True), "secret")
    except KeysError as error:
        raise PairingError(str(error)) from None


def write_root(path: Path, record: RootRecord) -> None:
    """Write a root record. Raises `StorageError`."""
    write_durably(path, record.pack(), mode=PUBLIC_MODE)


def read_root(path: Path) -> RootRecord:
    """Read a well-formed root record; who signed it is not checked. Raises `KeysError`."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_ROOT_BYTES + 1)
    except OSError as error:
        raise KeysError(f"{path} cannot be read: {error.strerror}") from None
    try:
        return parse_root(data)
    except KeysError as error:
        raise KeysError(f"{path}: {error}") from None


def write_secret(path: Path, purpose: str, secret: bytes) -> None:
    """Write one 32-byte secret of the office, for ``purpose``; never over another. Raises `StorageError`."""
    write_durably(path, _encode(f"alprd {purpose} key 1", {"secret": _text(secret)}), replace=False)


def read_secret(path: Path, purpose: str) -> bytes:
    """Read what `write_secret` wrote. Raises `KeysError`, also when others than the owner may read it."""
    return _key(path, _read(path, f"alprd {purpose} key 1", {"secret"}, is_secret=True), "secret")


def write_privacy_public(path: Path, public: PublicKey) -> None:
    """Write the privacy officer's public key for the units. Raises `StorageError`."""
    fields = {"public": _text(bytes(public))}
    write_durably(path, _encode(_PRIVACY_FORMAT, fields), mode=PUBLIC_MODE)


def read_privacy_public(path: Path) -> PublicKey:
    """Read the privacy officer's public key. Raises `KeysError`."""
    return PublicKey(_key(path, _read(path, _PRIVACY_FORMAT, {"public"}), "public"))


def load_privacy_key(folder: Path) -> PublicKey | None:
    """Return the privacy officer's key of a unit's keys ``folder``, None while it has none.

    Raises `KeysError` for a file that is not one.
    """
    path = folder / PRIVACY_FILE
    return read_privacy_public(path) if path.exists() else None


def privacy_fingerprint(public: PublicKey) -> str:
    """Return five groups of four characters, to be compared by voice."""
    return _fingerprint(b"privacy officer", bytes(public))


def _read(path: Path, file_format: str, names: set[str], *, is_secret: bool = False) -> dict[str, str]:
    try:
        with path.open("rb") as file:
            mode = path.stat().st_mode
            content = file.read(_MAX_FILE_BYTES + 1)
    except OSError as error:
        raise KeysError(f"{path} cannot be read: {error.strerror}") from None
    if is_secret and mode & _OTHERS:
        raise KeysError(f"{path} holds secret keys and others may read it", hint=f"Run `chmod 600 {path}`.")
    if len(content) > _MAX_FILE_BYTES:
        raise KeysError(f"{path} has more than {_MAX_FILE_BYTES} bytes: it is no key file")
    try:
        fields = json.loads(content, object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError):
        raise KeysError(f"{path} is no key file: not JSON with each name once") from None
    if not isinstance(fields, dict) or not all(isinstance(value, str) for value in fields.values()):
        raise KeysError(f"{path} is no key file: not an object of texts")
    if fields.get("format") != file_format or fields.keys() != {"format", *names}:
        raise KeysError(f"{path} is not a file of format {file_format!r}")
    return fields


def _without_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a name stands twice")
    return fields


def _unit(path: Path, fields: dict[str, str]) -> str:
    if not is_unit_name(fields["unit"]):
        raise KeysError(f"{path}: the unit's name is not 1 to 32 of A-Z a-z 0-9 . _ -")
    return fields["unit"]


def _key(path: Path, fields: dict[str, str], name: str) -> bytes:
    try:
        key = base64.b64decode(fields[name], validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        raise KeysError(f"{path}: {name} is not {_KEY_BYTES} bytes in base64")
    return key


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode("ascii")


def _encode(file_format: str, fields: dict[str, str]) -> bytes:
    return (json.dumps({"format": file_format, **fields}, indent=1) + "\n").encode()


def _fingerprint(*parts: bytes) -> str:
    digest = hashlib.blake2b(b"\0".join(parts), digest_size=10, person=b"alprd finger").hexdigest()
    return " ".join(digest[place : place + 4] for place in range(0, len(digest), 4))

"""How long evidence stays: retention, holds, consent, what is due, and its destruction with a certificate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from alprd.errors import EvidenceError, OfficeInputError, printable
from alprd.evidence.receipt import digest_of
from alprd.office.certificate import Certificate, Destroyed, check
from alprd.office.evidence_access import check_why
from alprd.office.evidence_files import FOLDER, changed_files, read_sealed
from alprd.office.evidence_register import SLOT, pack_register
from alprd.office.evidence_room import named, register_of, write
from alprd.office.ledger import Act, Record
from alprd.office.retention import Hold, due_because, holds_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alprd.office.evidence_register import EvidenceRegister, Held
    from alprd.office.people import Person
    from alprd.office.retention import Retention
    from alprd.office.vault import Vault
    from alprd.office.workspace import Workspace

MAX_HOLD_S: Final = 5 * 366 * 86_400
_TAMPERED: Final = "Restore the vault from its backup and find out who could write to its folder."


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A record whose time has come, why, and the holds that keep it all the same."""

    held: Held
    because: str
    holds: tuple[Hold, ...]


def set_retention(vault: Vault, retention: Retention, *, now_s: int) -> None:
    """Keep evidence for ``retention`` from now on, what is held already too. Raises as `Vault.change`."""
    after = replace(register_of(vault), retention=retention)
    write(vault, after, Act.RETENTION_SET, subject=retention.told, note="", now_s=now_s)


def set_hold(vault: Vault, name: str, *, why: str, until_s: int, now_s: int) -> Hold:
    """Keep the record ``name`` until ``until_s``, whatever its retention. Raises `OfficeInputError`."""
    register = register_of(vault)
    held = register.find(name)
    if not 0 < until_s - now_s <= MAX_HOLD_S:
        raise OfficeInputError(
            "a hold ends after today and within five years", hint="Set another one before it ends."
        )
    number = f"H{register.last_hold + 1}"
    hold = Hold(number=number, by=vault.me.badge, why=check_why(why), set_s=now_s, until_s=until_s)
    after = replace(register, last_hold=register.last_hold + 1)
    after = after.with_records([replace(held, holds=(*holds_at(held, now_s), hold))])
    write(vault, after, Act.HOLD_SET, subject=f"{name}, {number}", note=why, now_s=now_s)
    return hold


def end_hold(vault: Vault, number: str, *, why: str, now_s: int) -> Held:
    """End the hold ``number`` (like ``H3``); return the record that it was on. Raises `OfficeInputError`."""
    register = register_of(vault)
    held = next((h for h in register.kept if any(hold.number == number for hold in h.holds)), None)
    if held is None:
        raise OfficeInputError(
            f"there is no hold {printable(number)!r}", hint="See `alpr-office evidence list`."
        )
    left = tuple(hold for hold in held.holds if hold.number != number)
    after = register.with_records([replace(held, holds=left)])
    write(vault, after, Act.HOLD_ENDED, subject=f"{held.name}, {number}", note=check_why(why), now_s=now_s)
    return held


def record_consent(vault: Vault, name: str, *, reference: str, now_s: int) -> None:
    """Put on record that the individual consents to earlier destruction. Raises `OfficeInputError`."""
    register = register_of(vault)
    held = register.find(name)
    after = register.with_records([replace(held, consent=check_why(reference))])
    write(vault, after, Act.CONSENT_RECORDED, subject=name, note=reference, now_s=now_s)


def due(register: EvidenceRegister, *, now_s: int) -> list[Due]:
    """Return the records whose time has come, held ones among them."""
    found = []
    for held in register.kept:
        because = due_because(held, register.retention, now_s)
        if because is not None:
            found.append(Due(held=held, because=because, holds=tuple(holds_at(held, now_s))))
    return found


def destroy(
    vault: Vault, workspace: Workspace, names: Sequence[str] | None, *, why: str, now_s: int
) -> tuple[str, bytes, int] | None:
    """Destroy the keys of the records ``names``, or of all that are due and not held.

    Returns the certificate's number, its file and how many records it is for; None when nothing is due.
    What an earlier destruction that was cut short has left is removed in any case. Raises `OfficeInputError`
    for a record that is not due or is held, and then destroys none.
    """
    before = register_of(vault)
    vault.clear(changed_files(vault, before.files, before.files))
    now_due = {one.held.name: one for one in due(before, now_s=now_s)}
    if names is None:
        chosen = [one for one in now_due.values() if not one.holds]
    else:
        chosen = [_destroyable(before, now_due, name) for name in dict.fromkeys(names)]
    if not chosen:
        return None
    number = f"D-{len(before.certificates) + 1}"
    made = Certificate(
        number=number,
        service=workspace.root.service,
        at_s=now_s,
        name=vault.me.name,
        badge=vault.me.badge,
        why=check_why(why),
        head=vault.head,
        records=tuple(_told(one) for one in chosen),
    )
    file = made.file(vault.sign(made.signed))
    gone = [replace(one.held, key=b"", holds=(), certificate=number) for one in chosen]
    after = replace(before.with_records(gone), certificates={**before.certificates, number: file.decode()})
    record = Record(
        at_s=now_s,
        act=Act.EVIDENCE_DESTROYED,
        by=vault.me.badge,
        subject=number,
        source=digest_of(file),
        note=named(gone),
    )
    vault.change(
        record,
        [pack_register(after)],
        slot=SLOT,
        added=0,
        removed=len(gone),
        beside=changed_files(vault, before.files, after.files),
    )
    return number, file, len(gone)


def certificate_of(vault: Vault, number: str) -> bytes:
    """Return the file of the certificate ``number`` again. Raises `OfficeInputError`."""
    text = register_of(vault).certificates.get(number)
    if text is None:
        raise OfficeInputError(f"there is no certificate {printable(number)!r}")
    return text.encode()


def verify(vault: Vault) -> tuple[int, int, list[EvidenceError]]:
    """Check all that is held and every certificate; return how many records, certificates, and the faults.

    A record's file opens with its key and is the one that was taken in; of a destroyed one no key and no file
    is left; each certificate is that of the ledger's record and signed by the person it names; and what was
    taken in is what is held and what was destroyed. Raises `OfficeInputError` and `VaultError`.
    """
    register = register_of(vault)
    faults: list[EvidenceError] = []
    for held in register.kept:
        try:
            read_sealed(vault, held)
        except EvidenceError as error:
            faults.append(error)
    destroyed = 0
    for number, text in register.certificates.items():
        try:
            destroyed += _check_certificate(vault, register, number, text.encode())
        except EvidenceError as error:
            faults.append(error)
    taken = sum(record.added for record in vault.records if record.act is Act.EVIDENCE_TAKEN)
    if not taken == len(register.records) == len(register.kept) + destroyed:
        faults.append(
            EvidenceError(
                f"{taken} records were taken in, {len(register.kept)} are held, {destroyed} were destroyed",
                hint=_TAMPERED,
            )
        )
    folder = vault.folder / FOLDER
    strange = sorted({p.name for p in folder.iterdir()} - register.files) if folder.is_dir() else []
    if strange:
        faults.append(
            EvidenceError(
                f"{len(strange)} files are left of a change that was cut short",
                hint="Run `alpr-office evidence destroy DIR --due`: it removes them.",
            )
        )
    return len(register.kept), len(register.certificates), faults


def _destroyable(register: EvidenceRegister, now_due: dict[str, Due], name: str) -> Due:
    register.find(name)
    one = now_due.get(name)
    if one is None:
        raise OfficeInputError(
            f"the time of {name} has not come: it is kept for {register.retention.told} after its last use",
            hint="See `alpr-office evidence due`. Nothing was destroyed.",
        )
    if one.holds:
        hold = one.holds[0]
        raise OfficeInputError(
            f"{name} is on hold, {hold.number} by badge {hold.by}: {hold.why}",
            hint=f"End it with `alpr-office evidence unhold DIR {hold.number}`. Nothing was destroyed.",
        )
    return one


def _told(one: Due) -> Destroyed:
    held = one.held
    return Destroyed(
        number=held.name,
        unit=held.unit,
        sequence=held.sequence,
        digest=held.digest.hex(),
        because=one.because,
    )


def _check_certificate(vault: Vault, register: EvidenceRegister, number: str, file: bytes) -> int:
    """Return how many records the certificate is for. Raises `EvidenceError`."""
    people: dict[str, Person] = {}
    for record in vault.records:
        if record.person is not None:
            people[record.person.badge] = record.person
        if record.act is Act.EVIDENCE_DESTROYED and record.subject == number:
            break
    else:
        raise EvidenceError(f"the ledger knows no destruction {number}", hint=_TAMPERED)
    if record.source != digest_of(file):
        raise EvidenceError(f"the certificate {number} is not the ledger's", hint=_TAMPERED)
    certificate = check(file, people[record.by])
    by_name = {held.name: held for held in register.records.values() if not held.key}
    for one in certificate.records:
        held = by_name.get(one.number)
        if held is None or held.digest.hex() != one.digest:
            raise EvidenceError(
                f"{number} certifies that {one.number} was destroyed, and its key is left", hint=_TAMPERED
            )
    return len(certificate.records)

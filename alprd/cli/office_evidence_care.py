"""``alpr-office evidence``, the part on how long it stays: holds, what is due, destruction, certificates."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alprd.cli.office_desk import add_person, complain, moment, now_s, open_desk, parse_day
from alprd.disk import write_durably
from alprd.errors import EvidenceError, OfficeInputError
from alprd.keys import PUBLIC_MODE
from alprd.office import evidence_care
from alprd.office.certificate import MAX_BYTES, check
from alprd.office.entries import DAY_S
from alprd.office.evidence_room import register_of
from alprd.office.person_files import read_card
from alprd.office.retention import ONE_YEAR, Retention
from alprd.office.workspace import Workspace

if TYPE_CHECKING:
    import argparse

    from alprd.cli.office_desk import Commands


def add_parsers(verbs: Commands[argparse.ArgumentParser]) -> None:
    """Add ``retention``, ``hold``, ``unhold``, ``consent``, ``due``, ``destroy`` and what checks them."""
    retention = verbs.add_parser(
        "retention",
        help="say how long evidence is kept after its last use",
        description="Without options: one year. Fewer days need the municipality's resolution or by-law.",
    )
    add_person(retention)
    retention.add_argument("--days", type=int, default=ONE_YEAR, metavar="N")
    retention.add_argument("--by-law", default="", metavar="TEXT", help="the resolution or by-law")
    retention.set_defaults(run=_retention)
    hold = verbs.add_parser("hold", help="keep a record longer, whatever its retention")
    add_person(hold)
    hold.add_argument("record", metavar="RECORD", help="like E-7")
    hold.add_argument("--why", required=True, metavar="TEXT")
    hold.add_argument("--until", required=True, metavar="DATE", help="last day, like 2026-05-01")
    hold.set_defaults(run=_hold)
    unhold = verbs.add_parser("unhold", help="end a hold")
    add_person(unhold)
    unhold.add_argument("hold", metavar="HOLD", help="like H3")
    unhold.add_argument("--why", required=True, metavar="TEXT")
    unhold.set_defaults(run=_unhold)
    consent = verbs.add_parser("consent", help="record the individual's consent to earlier destruction")
    add_person(consent)
    consent.add_argument("record", metavar="RECORD", help="like E-7")
    consent.add_argument("--reference", required=True, metavar="TEXT", help="where the consent is filed")
    consent.set_defaults(run=_consent)
    due = verbs.add_parser("due", help="show which records' time has come")
    add_person(due)
    due.set_defaults(run=_due)
    _add_destruction(verbs)


def _add_destruction(verbs: Commands[argparse.ArgumentParser]) -> None:
    destroy = verbs.add_parser("destroy", help="destroy the keys of records whose time has come")
    add_person(destroy)
    destroy.add_argument("records", nargs="*", metavar="RECORD", help="like E-7")
    destroy.add_argument("--due", action="store_true", help="all that are due and not on hold")
    destroy.add_argument("--why", required=True, metavar="TEXT")
    destroy.add_argument("--certificate", type=Path, required=True, metavar="FILE")
    destroy.set_defaults(run=_destroy)
    certificate = verbs.add_parser("certificate", help="write a certificate again")
    add_person(certificate)
    certificate.add_argument("number", metavar="NUMBER", help="like D-3")
    certificate.add_argument("--out", type=Path, required=True, metavar="FILE")
    certificate.set_defaults(run=_certificate)
    checking = verbs.add_parser(
        "check-certificate", help="check a certificate with its person's card; for auditors"
    )
    checking.add_argument("certificate", type=Path, metavar="FILE")
    checking.add_argument("card", type=Path, metavar="CARD", help="from `alpr-office person create`")
    checking.set_defaults(run=_check_certificate)
    verify = verbs.add_parser("verify", help="check every record's file and every certificate")
    add_person(verify)
    verify.set_defaults(run=_verify)


def _retention(args: argparse.Namespace) -> int:
    retention = Retention(days=args.days, by_law=args.by_law.strip())
    evidence_care.set_retention(open_desk(args), retention, now_s=now_s())
    print(f"evidence is kept for {retention.told} after its last use")
    return 0


def _hold(args: argparse.Namespace) -> int:
    until_s = parse_day(args.until) + DAY_S
    hold = evidence_care.set_hold(
        open_desk(args), args.record, why=args.why.strip(), until_s=until_s, now_s=now_s()
    )
    print(f"{hold.number}: {args.record} is on hold until {moment(hold.until_s)}")
    return 0


def _unhold(args: argparse.Namespace) -> int:
    held = evidence_care.end_hold(open_desk(args), args.hold, why=args.why.strip(), now_s=now_s())
    print(f"{args.hold} has ended; it was on {held.name}")
    return 0


def _consent(args: argparse.Namespace) -> int:
    evidence_care.record_consent(
        open_desk(args), args.record, reference=args.reference.strip(), now_s=now_s()
    )
    print(f"{args.record} may be destroyed before its time, by consent")
    return 0


def _due(args: argparse.Namespace) -> int:
    found = evidence_care.due(register_of(open_desk(args)), now_s=now_s())
    for one in found:
        print(f"{one.held.name}  unit {one.held.unit}  sequence {one.held.sequence}  {one.because}")
        for hold in one.holds:
            print(f"    HELD by {hold.number} until {moment(hold.until_s)}, badge {hold.by}: {hold.why}")
    held = sum(bool(one.holds) for one in found)
    print(f"{len(found)} records are due, {held} of them on hold")
    return 0


def _destroy(args: argparse.Namespace) -> int:
    if args.due == bool(args.records):
        raise OfficeInputError("name the records to destroy, or say --due")
    if args.certificate.exists():
        raise OfficeInputError(f"{args.certificate} exists", hint="Name a new file for the certificate.")
    done = evidence_care.destroy(
        open_desk(args),
        Workspace(args.office),
        args.records or None,
        why=args.why.strip(),
        now_s=now_s(),
    )
    if done is None:
        print("nothing is due; nothing was destroyed")
        return 0
    number, file, count = done
    write_durably(args.certificate, file, mode=PUBLIC_MODE)
    print(f"{number}: {count} records destroyed; certificate in {args.certificate}")
    return 0


def _certificate(args: argparse.Namespace) -> int:
    file = evidence_care.certificate_of(open_desk(args), args.number)
    write_durably(args.out, file, mode=PUBLIC_MODE)
    print(f"{args.out}: certificate {args.number}")
    return 0


def _check_certificate(args: argparse.Namespace) -> int:
    try:
        with args.certificate.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise EvidenceError(
            f"{args.certificate} cannot be read: {error.strerror}", hint="Check the path."
        ) from None
    person = read_card(args.card)
    certificate = check(data, person)
    print(f"{certificate.number} of {certificate.service}, {moment(certificate.at_s)}")
    print(f"{len(certificate.records)} records destroyed by {certificate.name}, badge {certificate.badge}")
    print(f"why: {certificate.why}")
    for one in certificate.records:
        print(f"    {one.number}  unit {one.unit}  sequence {one.sequence}  {one.because}")
    print(f"the signature is right; compare the fingerprint by voice: {person.fingerprint}")
    return 0


def _verify(args: argparse.Namespace) -> int:
    records, certificates, faults = evidence_care.verify(open_desk(args))
    for error in faults:
        complain(f"NOT OK: {error}; next: {error.next_step}")
    print(f"{records} records and {certificates} certificates checked, {len(faults)} not ok")
    return EvidenceError.exit_code if faults else 0

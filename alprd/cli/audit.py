"""``alprctl audit``: is the log whole, who did what, and the privacy officer's key. Each look is logged."""

from __future__ import annotations

import hashlib
import os
import pwd
import re
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nacl.public import PrivateKey

from alprd.audit.events import KIND, OF_PEOPLE, Act, Reason, open_plate, read_event
from alprd.audit.log import FILE, FOLDER, AuditLog
from alprd.chain.disk import read_file
from alprd.chain.records import ChainKind, Head, check_chain
from alprd.conservation import ledger, minutes
from alprd.errors import OfficeInputError, StorageError
from alprd.gps import system_clock
from alprd.keys import (
    PRIVACY_FILE,
    load_privacy_key,
    load_unit_keys,
    privacy_fingerprint,
    read_privacy_public,
    read_secret,
    read_unit_public,
    write_privacy_public,
)
from alprd.records import ClockSource, Instant, UnixMs

if TYPE_CHECKING:
    import argparse
    from argparse import _SubParsersAction
    from collections.abc import Iterator

    from nacl.signing import VerifyKey

    from alprd.audit.events import Event

STATE: Final = Path("/var/lib/alprd")
_HEAD: Final = re.compile(r"audit head ([1-9][0-9]*):([0-9a-f]{64})")
_GIVEN_HEAD: Final = re.compile(r"([1-9][0-9]*):([0-9a-f]{64})")
_CHAINS: Final = {"audit": Path(FOLDER) / FILE, "conservation": Path(ledger.FOLDER) / ledger.FILE}


def add_parser(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``audit`` and its actions."""
    parser = commands.add_parser("audit", help="check and read the log of who did what")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    verify = actions.add_parser("verify", help="find what was deleted, edited, moved or cut off, and where")
    verify.add_argument("--file", type=Path, help="a copy of the log, off the unit; needs --unit")
    verify.add_argument("--unit", type=Path, metavar="unit.pub", help="the unit's public keys, for --file")
    verify.add_argument("--head", action="append", default=[], metavar="NUMBER:HEX", help="a head once noted")
    verify.add_argument("--journal", metavar="UNIT", help="check against the heads in this unit's journal")
    verify.add_argument("--log", type=Path, help="the same with a log file")
    show = actions.add_parser("show", help="print the log; the look itself is logged first")
    show.add_argument("--privacy-key", type=Path, metavar="privacy.key", help="open the plates with it")
    key = actions.add_parser("key", help="take over the privacy officer's public key")
    key.add_argument("key_file", type=Path, metavar="privacy.pub")
    aside = actions.add_parser("set-aside", help="keep a chain that was tampered with, and begin another")
    aside.add_argument("chain", choices=sorted(_CHAINS))
    for action in (verify, show, key, aside):
        action.add_argument("--state", type=Path, default=STATE, help=f"default: {STATE}")
        action.add_argument("--badge", default="", help="your badge")
        action.add_argument("--reason", choices=[reason.value for reason in OF_PEOPLE], help="why you look")
        action.add_argument("--file-number", default="", help="number of the file or occurrence")
        action.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Carry out one action. Raises `ChainError` where the log is not whole."""
    match args.action:
        case "verify":
            return _verify(args)
        case "show":
            return _show(args)
        case "key":
            return _install_key(args)
        case _:
            return _set_aside(args)


def heads_in(text: str) -> tuple[Head, ...]:
    """Return the audit log's heads that a daemon's log mirrors."""
    return tuple(Head(number=int(n), digest=bytes.fromhex(digest)) for n, digest in _HEAD.findall(text))


def _verify(args: argparse.Namespace) -> int:
    if (args.file is None) != (args.unit is None):
        raise OfficeInputError("a copy of the log is checked with --file and --unit together")
    if args.file is None:
        keys = load_unit_keys(args.state / "keys")
        unit, key, path = keys.unit, keys.signing.verify_key, args.state / FOLDER / FILE
    else:
        public = read_unit_public(args.unit)
        unit, key, path = public.unit, public.verify, args.file
    known = [*_given(args.head), *_mirrored(args)]
    if args.file is None:
        known += _in_ledger(args.state / ledger.FOLDER / ledger.FILE, unit, key)
    chain = read_file(path, ChainKind(kind=KIND, unit=unit), key, tuple(known))
    check_chain(chain)
    for record in chain.records:
        read_event(record.fields)
    if args.file is None:
        _note(args, Act.LOG_VERIFIED, f"{len(chain.records)} records")
    print(f"whole: {len(chain.records)} records of {unit}, {len(known)} known heads fit")
    print(f"head: {chain.head}")
    return 0


def _show(args: argparse.Namespace) -> int:
    if args.reason is None:
        raise OfficeInputError("the log is shown for a reason: give --reason, --file-number and --badge")
    privacy = None
    if args.privacy_key is not None:
        privacy = PrivateKey(read_secret(args.privacy_key, "privacy officer"))
    keys = load_unit_keys(args.state / "keys")
    path, kind = args.state / FOLDER / FILE, ChainKind(kind=KIND, unit=keys.unit)
    seen = len(read_file(path, kind, keys.signing.verify_key).records)
    _note(args, Act.LOG_READ, f"{seen} records{'' if privacy is None else ', plates opened'}")
    chain = read_file(path, kind, keys.signing.verify_key)
    check_chain(chain)
    for record in chain.records:
        print(_line(record.number, read_event(record.fields), privacy))
    return 0


def _line(number: int, event: Event, privacy: PrivateKey | None) -> str:
    at = time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime(event.instant.at / 1000))
    who = " ".join(part for part in (event.name, event.badge and f"badge {event.badge}") if part) or "-"
    why = " ".join(part for part in (event.reason.value, event.file_number) if part)
    words = [f"{number:6} {at} {event.instant.source.name:9} {event.act.value}: {event.subject or '-'}"]
    words += [f"by {who}", f"saw {event.information.value}", f"because {why}"]
    if event.plate:
        words.append("plate " + (" ".join(open_plate(event.plate, privacy)) if privacy else "sealed"))
    return "; ".join(words)


def _install_key(args: argparse.Namespace) -> int:
    public = read_privacy_public(args.key_file)
    write_privacy_public(args.state / "keys" / PRIVACY_FILE, public)
    fingerprint = privacy_fingerprint(public)
    args.reason = args.reason or Reason.UPDATE.value
    _note(args, Act.PRIVACY_KEY_INSTALLED, fingerprint)
    print(f"privacy officer's key: {fingerprint}\nCompare it with theirs; then: systemctl restart alprd")
    return 0


def _set_aside(args: argparse.Namespace) -> int:
    if args.reason is None:
        raise OfficeInputError("a chain is set aside for a reason: give --reason and --badge")
    path = args.state / _CHAINS[args.chain]
    kept = path.with_name(f"{path.name}.set-aside-{int(time.time())}")
    try:
        digest = hashlib.blake2b(path.read_bytes(), digest_size=32).hexdigest()
        path.rename(kept)
    except OSError as error:
        raise StorageError(f"{path} cannot be set aside: {error.strerror}") from None
    _note(args, Act.CHAIN_SET_ASIDE, f"{args.chain} {digest}")
    print(f"kept as {kept}\nA new chain has begun; the log says so.")
    return 0


def note_act(
    state: Path, act: Act, subject: str, *, badge: str = "", reason: str | None = None, file_number: str = ""
) -> None:
    """Append what is done at the unit to the log in ``state``. Raises `StorageError` when it cannot be."""
    keys = load_unit_keys(state / "keys")
    log = AuditLog(
        state / FOLDER,
        unit=keys.unit,
        key=keys.signing,
        privacy=load_privacy_key(state / "keys"),
        clock=_now,
    )
    try:
        log.note(
            act,
            name=os.environ.get("SUDO_USER") or pwd.getpwuid(os.getuid()).pw_name,
            badge=badge,
            reason=Reason(reason or Reason.MAINTENANCE.value),
            file_number=file_number,
            subject=subject,
        )
    except ValueError as error:
        raise OfficeInputError(str(error)) from None
    finally:
        log.close()
    if log.waiting:
        raise StorageError("the log cannot be written: what is not logged is not done")


def _note(args: argparse.Namespace, act: Act, subject: str) -> None:
    note_act(args.state, act, subject, badge=args.badge, reason=args.reason, file_number=args.file_number)


def _now() -> Instant:
    clock = system_clock.read()
    return Instant(
        at=UnixMs(clock.at), source=ClockSource.NTP if clock.is_synchronised else ClockSource.UNTRUSTED
    )


def _given(texts: list[str]) -> Iterator[Head]:
    for text in texts:
        found = _GIVEN_HEAD.fullmatch(text)
        if found is None:
            raise OfficeInputError("a head is a record's number, a colon and 64 hex digits")
        yield Head(number=int(found[1]), digest=bytes.fromhex(found[2]))


def _mirrored(args: argparse.Namespace) -> tuple[Head, ...]:
    if args.log is not None:
        try:
            return heads_in(args.log.read_text("utf-8", "replace"))
        except OSError as error:
            raise StorageError(f"{args.log} cannot be read: {error.strerror}") from None
    if args.journal is None:
        return ()
    command = ["journalctl", "--unit", args.journal, "--output=cat", "--no-pager", "--quiet"]
    try:
        return heads_in(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    except (OSError, subprocess.SubprocessError):
        raise StorageError(f"the journal of {args.journal} cannot be read") from None


def _in_ledger(path: Path, unit: str, key: VerifyKey) -> list[Head]:
    """Return the audit log's heads that the conservation ledger names, where it is there."""
    if not path.exists():
        return []
    chain = read_file(path, ChainKind(kind=minutes.KIND, unit=unit), key)
    named = [str(record.fields.get("audit")) for record in chain.records]
    return list(_given([text for text in named if not text.startswith("0:")]))

"""``alpr-office root`` and ``alpr-office approver``: who may approve lists, and how that changes."""

from __future__ import annotations

import base64
import binascii
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nacl.signing import VerifyKey

from alprd.errors import OfficeInputError
from alprd.keys.root import Approver
from alprd.office.roots import approve_next, draft_next, new_approver, take_next
from alprd.office.workspace import Workspace, read_office_root

if TYPE_CHECKING:
    import argparse

    from alprd.keys.root import RootRecord

_KEY_BYTES: Final = 32


def add_parsers(nouns: argparse._SubParsersAction[Any]) -> None:
    """Add both commands to those of ``alpr-office``."""
    approver = nouns.add_parser("approver", help="make a further approver's folder")
    verbs = approver.add_subparsers(dest="verb", required=True, metavar="ACTION")
    new = verbs.add_parser("new", help="make the folder with a fresh key; print its public half")
    new.add_argument("office", type=Path, metavar="DIR", help="the office's or another approver's folder")
    new.add_argument("folder", type=Path, metavar="NEW")
    new.set_defaults(run=_approver_new)
    root = nouns.add_parser("root", help="change who may approve lists")
    verbs = root.add_subparsers(dest="verb", required=True, metavar="ACTION")
    draft = verbs.add_parser("draft", help="write the next root record, approved by the custodian")
    draft.add_argument("office", type=Path, metavar="DIR")
    draft.add_argument("--add", nargs=2, action="append", default=[], metavar=("NAME", "KEY"))
    draft.add_argument("--drop", action="append", default=[], metavar="NAME")
    draft.add_argument("--out", type=Path, required=True, metavar="FILE")
    draft.set_defaults(run=_draft)
    for verb, text, run in (
        ("approve", "add a present approver's signature to a drafted record", _approve),
        ("take", "put an approved record in force in a folder", _take),
    ):
        action = verbs.add_parser(verb, help=text)
        action.add_argument("folder", type=Path, metavar="DIR", help="an approver's folder, or the office's")
        action.add_argument("file", type=Path, metavar="FILE")
        action.set_defaults(run=run)
    show = verbs.add_parser("show", help="show the record in force in a folder")
    show.add_argument("folder", type=Path, metavar="DIR")
    show.set_defaults(run=_show)


def _approver_new(args: argparse.Namespace) -> int:
    public = new_approver(args.folder, args.office)
    print(f"key: {base64.b64encode(bytes(public)).decode('ascii')}")
    print("next: the custodian names it: alpr-office root draft DIR --add NAME KEY --out FILE")
    return 0


def _draft(args: argparse.Namespace) -> int:
    people = [Approver(name=name, public=_public(key)) for name, key in args.add]
    record = draft_next(Workspace(args.office), args.out, add=people, drop=args.drop, now_s=int(time.time()))
    _print(record)
    print(f"next: a second present approver runs `alpr-office root approve DIR {args.out}`")
    return 0


def _approve(args: argparse.Namespace) -> int:
    _print(approve_next(args.folder, args.file))
    print(
        f"next: `alpr-office root take DIR {args.file}` for each folder, `alprctl root install` on each unit"
    )
    return 0


def _take(args: argparse.Namespace) -> int:
    take_next(args.folder, args.file)
    print(f"root version {read_office_root(args.folder).version} in force in {args.folder}")
    return 0


def _show(args: argparse.Namespace) -> int:
    root = read_office_root(args.folder)
    print(f"root version {root.version} of {root.service}\nfingerprint: {root.fingerprint}")
    print(f"expires: {time.strftime('%Y-%m-%d', time.gmtime(root.expires))}")
    print(f"approvers: {', '.join(one.name for one in root.approvers)} ({root.threshold} are needed)")
    return 0


def _print(record: RootRecord) -> None:
    names = ", ".join(one.name for one in record.root.approvers)
    print(f"root version {record.root.version}: {names}; {len(record.approvals)} approvals")


def _public(text: str) -> VerifyKey:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        raise OfficeInputError(
            "an approver's key is 32 bytes in base64, as `alpr-office approver new` prints it"
        )
    return VerifyKey(key)

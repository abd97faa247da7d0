"""``alpr-office privacy``: the key that the audit logs' plates are sealed to. For the privacy officer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nacl.public import PrivateKey

from alprd.disk import make_folder
from alprd.keys import PRIVACY_FILE, privacy_fingerprint, write_privacy_public, write_secret

if TYPE_CHECKING:
    import argparse

SECRET_FILE: Final = "privacy.key"  # noqa: S105 - a file's name


def add_parser(nouns: argparse._SubParsersAction[Any]) -> None:
    """Add ``privacy``."""
    parser = nouns.add_parser("privacy", help="make the privacy officer's key")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    init = actions.add_parser("init", help="make the key; units get its public half alone")
    init.add_argument("folder", type=Path, metavar="FOLDER")
    init.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Make the key pair. Raises `StorageError`, also where there is one already."""
    secret = PrivateKey.generate()
    make_folder(args.folder)
    write_secret(args.folder / SECRET_FILE, "privacy officer", bytes(secret))
    write_privacy_public(args.folder / PRIVACY_FILE, secret.public_key)
    print(f"{args.folder / SECRET_FILE} stays with the privacy officer")
    print(f"{args.folder / PRIVACY_FILE} goes to each unit: alprctl audit key {PRIVACY_FILE}")
    print(f"fingerprint: {privacy_fingerprint(secret.public_key)}")
    return 0

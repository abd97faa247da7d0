"""What every command on the office's vault begins with: who asks, their key, the opened vault."""

from __future__ import annotations

import argparse
import datetime as dt
import getpass
import stat
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from alprd.errors import OfficeInputError
from alprd.office.person_files import read_keys
from alprd.office.vault import open_vault

if TYPE_CHECKING:
    from collections.abc import Callable

    from alprd.office.people import PersonKeys
    from alprd.office.vault import Vault

Commands = argparse._SubParsersAction  # noqa: SLF001 - argparse gives its own return type no public name
_MAX_PASSPHRASE: Final = 1024
_PROGRESS: Final = 500_000


def now_s() -> int:
    """Return this computer's time in Unix seconds."""
    return int(time.time())


def add_person(parser: argparse.ArgumentParser, *, office: bool = True) -> None:
    """Add the office's folder, and the options that say who asks."""
    if office:
        parser.add_argument("office", type=Path, metavar="DIR", help="the office's folder")
    parser.add_argument("--me", type=Path, required=True, metavar="FILE", help="your own key file")
    parser.add_argument(
        "--passphrase-file", type=Path, metavar="FILE", help="your passphrase; asked for when left out"
    )


def open_desk(args: argparse.Namespace) -> Vault:
    """Open the vault for the person of ``args``. Raises `OfficeInputError`."""
    return open_vault(args.office, open_keys(args.me, args.passphrase_file, args.office))


def open_keys(path: Path, passphrase_file: Path | None, office: Path) -> PersonKeys:
    """Open a person's key file, which must not lie in the office's folder. Raises `OfficeInputError`."""
    if path.resolve().is_relative_to(office.resolve()):
        raise OfficeInputError(
            f"{path} lies in the office's folder",
            hint="Keep your key file on a stick of your own: who copies the folder must not get it too.",
        )
    return read_keys(path, ask_passphrase(path, passphrase_file))


def ask_passphrase(path: Path, passphrase_file: Path | None) -> str:
    """Return the passphrase: the first line of a file, or what is typed. Raises `OfficeInputError`."""
    if passphrase_file is None:
        if not sys.stdin.isatty():
            raise OfficeInputError(
                "no terminal to ask for the passphrase", hint="Give it with --passphrase-file FILE."
            )
        return getpass.getpass(f"Passphrase of {path}: ")
    try:
        with passphrase_file.open(encoding="utf-8") as file:
            mode = passphrase_file.stat().st_mode
            passphrase = file.readline(_MAX_PASSPHRASE).rstrip("\n")
    except (OSError, UnicodeDecodeError):
        raise OfficeInputError(f"{passphrase_file} cannot be read as text") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise OfficeInputError(
            f"{passphrase_file} holds a passphrase and others may read it",
            hint=f"Run `chmod 600 {passphrase_file}`.",
        )
    return passphrase


def moment(unix_s: int) -> str:
    """Return Unix seconds as text in UTC."""
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(unix_s))


def parse_day(text: str) -> int:
    """Return the Unix seconds at which the day ``text`` (like 2026-05-01, UTC) begins.

    Raises `OfficeInputError`.
    """
    try:
        day = dt.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=dt.UTC)
    except ValueError:
        raise OfficeInputError("a date is expected, like 2026-05-01") from None
    return int(day.timestamp())


def complain(line: str) -> None:
    """Print ``line`` on stderr."""
    print(line, file=sys.stderr)


def show_progress(what: str) -> Callable[[int], None]:
    """Return what tells of each further half a million of ``what``, on stderr."""
    shown = 0

    def show(done: int) -> None:
        nonlocal shown
        if done // _PROGRESS > shown:
            shown = done // _PROGRESS
            print(f"{done} {what}", file=sys.stderr)

    return show

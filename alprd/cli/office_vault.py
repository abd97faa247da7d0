"""``alpr-office vault`` and ``person``: who may open the office's lists, and whether all is whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alprd.cli.office_desk import add_person, ask_passphrase, now_s, open_desk, open_keys
from alprd.errors import OfficeInputError
from alprd.office.people import make_person
from alprd.office.person_files import read_card, write_card, write_keys
from alprd.office.vault import create

if TYPE_CHECKING:
    import argparse

    from alprd.cli.office_desk import Commands


def add_commands(nouns: Commands[argparse.ArgumentParser]) -> None:
    """Add ``vault`` and ``person``."""
    _add_vault(nouns.add_parser("vault", help="make and check the encrypted folder of the lists"))
    _add_people(nouns.add_parser("person", help="make a person's keys, admit and remove people"))


def _add_vault(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="ACTION")
    init = verbs.add_parser("init", help="make the vault; you are its first person")
    add_person(init)
    init.set_defaults(run=_init)
    verify = verbs.add_parser("verify", help="check the ledger's chain and every file it names")
    add_person(verify)
    verify.add_argument("--head", metavar="HEX", help="a head that was written down: it must be in the chain")
    verify.set_defaults(run=_verify)
    rekey = verbs.add_parser("rekey", help="draw a new key and seal every file anew, after a removal")
    add_person(rekey)
    rekey.set_defaults(run=_rekey)


def _add_people(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="ACTION")
    make = verbs.add_parser("create", help="make your own key file and the card to be admitted with")
    make.add_argument("--me", type=Path, required=True, metavar="FILE", help="the key file to be made")
    make.add_argument("--passphrase-file", type=Path, metavar="FILE")
    make.add_argument("--name", required=True)
    make.add_argument("--badge", required=True)
    make.add_argument("--card", type=Path, required=True, metavar="FILE", help="the public half")
    make.set_defaults(run=_create)
    admit = verbs.add_parser("admit", help="let another person open the vault")
    add_person(admit)
    admit.add_argument("card", type=Path, metavar="CARD")
    admit.set_defaults(run=_admit)
    listing = verbs.add_parser("list", help="show the people")
    add_person(listing)
    listing.set_defaults(run=_list)
    remove = verbs.add_parser("remove", help="take a person off the people")
    add_person(remove)
    remove.add_argument("badge", metavar="BADGE")
    remove.set_defaults(run=_remove)


def _init(args: argparse.Namespace) -> int:
    vault = create(args.office, open_keys(args.me, args.passphrase_file, args.office), now_s=now_s())
    print(f"vault made; {vault.me.name}, badge {vault.me.badge}, can open it")
    print("Admit a second person soon: if yours is the only key and is lost, so are the lists.")
    return 0


def _verify(args: argparse.Namespace) -> int:
    vault = open_desk(args)
    files = vault.verify(args.head)
    print(f"{len(vault.records)} records: the chain, the signatures and the counts are right")
    print(f"{files} files are those that the ledger names")
    print(f"head: {vault.head}")
    return 0


def _rekey(args: argparse.Namespace) -> int:
    vault = open_desk(args)
    files = vault.rekey(now_s=now_s())
    print(f"{files} files sealed anew, under a key that the vault's {len(vault.people)} people alone have")
    print("Who was removed can open what they copied before, and nothing that is written from now on.")
    return 0


def _create(args: argparse.Namespace) -> int:
    if args.me.exists():
        raise OfficeInputError(f"{args.me} exists", hint="Choose another name: a key is never written over.")
    keys = make_person(args.name, args.badge)
    write_keys(args.me, keys, ask_passphrase(args.me, args.passphrase_file))
    write_card(args.card, keys.public)
    print(f"{args.me} holds the keys of {keys.name}, badge {keys.badge}: keep it to yourself")
    print(f"fingerprint: {keys.public.fingerprint}")
    print(f"Have {args.card} admitted by one of the vault's people; read them the fingerprint.")
    return 0


def _admit(args: argparse.Namespace) -> int:
    vault, person = open_desk(args), read_card(args.card)
    vault.admit(person, now_s=now_s())
    print(f"{person.name}, badge {person.badge}, can open the vault from now on")
    print(f"fingerprint: {person.fingerprint}")
    print("Compare it with theirs; if it differs, remove the person at once.")
    return 0


def _list(args: argparse.Namespace) -> int:
    people = open_desk(args).people
    for badge in sorted(people):
        print(f"{badge}  {people[badge].name}  {people[badge].fingerprint}")
    print(f"{len(people)} people")
    return 0


def _remove(args: argparse.Namespace) -> int:
    open_desk(args).remove_person(args.badge, now_s=now_s())
    print(f"badge {args.badge} is off the vault's people")
    print("next: `alpr-office vault rekey`, unless their copy of the key is known to be gone")
    return 0

"""An office whose list is a CSV file, imported into its vault; every step is the real command."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from alprd.cli.alpr_office import main
from alprd.demo.office import ACCESS, FEED, plain_form
from alprd.hotlist.categories import CLOSED_SET
from alprd.office.agreements import shared
from alprd.office.people import make_person
from alprd.office.person_files import write_keys
from alprd.office.workspace import approver_folder
from tests.unit.office.test_people import CHEAP, PASSPHRASE

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

DAY_S = 86_400


def run(*words: object) -> None:
    assert main([str(word) for word in words]) == 0


class VaultOffice:
    """The office in ``folder / "office"``; the custodian's key, its list and mapping lie in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.office, self.csv = folder / "office", folder / "list.csv"
        (folder / "passphrase").write_text(PASSPHRASE)
        (folder / "passphrase").chmod(0o600)
        write_keys(folder / "ada.key", make_person("Ada Roy", "C-17"), PASSPHRASE, cost=CHEAP)
        self.me = ("--me", folder / "ada.key", "--passphrase-file", folder / "passphrase")
        run("init", self.office)
        run("vault", "init", self.office, *self.me)
        starts, ends = (
            time.strftime("%Y-%m-%d", time.gmtime(time.time() + days * DAY_S)) for days in (-1, 40)
        )
        run(
            *("agreement", "set", self.office, FEED, "--agency", "Test agency", "--authority", "Test law"),
            *("--categories", ",".join(shared(CLOSED_SET)), "--starts", starts, "--ends", ends),
            *("--contact-name", "Kim Park", "--contact", "416-555-0100", *self.me),
        )

    def import_list(self, csv: str | None = None) -> None:
        """Import the text ``csv``, or what stands in the list's file."""
        if csv is not None:
            self.csv.write_text(csv, "utf-8")
        mapping = self.folder / "mapping.yaml"
        mapping.write_text(plain_form(self.csv), "utf-8")
        run("feed", "import", self.office, FEED, self.csv, "--mapping", mapping, *self.me)

    def open_evidence(
        self, folder: Path, capsys: pytest.CaptureFixture[str], *options: object
    ) -> dict[str, Any]:
        """Take in the records in ``folder``; return the fields of the first that was ever taken in."""
        run("evidence", "take", self.office, folder, *self.me)
        return self.opened("E-1", capsys, *options)

    def opened(self, name: str, capsys: pytest.CaptureFixture[str], *options: object) -> dict[str, Any]:
        """Return the fields of the record ``name``, which was taken in."""
        capsys.readouterr()
        run("evidence", "open", self.office, name, *ACCESS, "--json", *options, *self.me)
        return dict(json.loads(capsys.readouterr().out))

    def build(self, out: Path, *, days: int) -> None:
        """Build the list into ``out`` and have it approved."""
        run("release", "build", self.office, "--days", days, "--out", out, *self.me)
        self.approve(out)

    def approve(self, out: Path) -> None:
        """Have the list ``out`` approved by the second person."""
        run("release", "approve", approver_folder(self.office), out)

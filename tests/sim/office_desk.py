"""A custodian's desk: an office with a vault, people with keys of their own, a clock that is set."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from alprd.cli import alprctl
from alprd.cli.alpr_office import main
from alprd.gps.clock import SystemTime
from alprd.office.people import make_person
from alprd.office.person_files import write_card, write_keys
from alprd.office.workspace import approver_folder
from alprd.records import UnixMs
from tests.unit.office.test_people import CHEAP, PASSPHRASE

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

MONDAY: Final = 1_790_553_600
"""2026-09-28 00:00 UTC."""


class Desk:
    """An office with a vault, its people's keys on sticks of their own, and a clock that is set."""

    def __init__(
        self, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.folder = folder
        self.now = MONDAY
        self._capsys = capsys
        monkeypatch.setattr("time.time", lambda: float(self.now))
        monkeypatch.setattr("alprd.gps.system_clock.read", self._synchronised)
        (folder / "passphrase").write_text(PASSPHRASE + "\n")
        (folder / "passphrase").chmod(0o600)
        for name, badge in (("Ada Roy", "C-17"), ("Bob Lee", "C-18")):
            keys = make_person(name, badge)
            write_keys(self.key(badge), keys, PASSPHRASE, cost=CHEAP)
            write_card(folder / f"{badge}.card", keys.public)
        main(["init", str(folder / "office")])
        self.run("vault", "init")
        self.capture()

    def key(self, badge: str) -> Path:
        return self.folder / f"{badge}.key"

    def run(self, noun: str, verb: str, *arguments: object, me: str = "C-17") -> tuple[int, str, str]:
        """Run a command on the vault as ``me``; return code, stdout and stderr, without the folder."""
        self._capsys.readouterr()
        office, secret = self.folder / "office", self.folder / "passphrase"
        words = (noun, verb, office, *arguments, "--me", self.key(me), "--passphrase-file", secret)
        code = main([str(word) for word in words])
        return code, *self.capture()

    def add_unit(self, name: str) -> None:
        """Provision a unit in a folder of its name, and enrol it."""
        (self.folder / name).mkdir()
        root, public = self.folder / "office/office.root", self.folder / f"{name}.pub"
        assert self.unit(name, "provision", "--unit", name, "--office", root, "--out", public)[0] == 0
        assert main(["unit", "enrol", str(self.folder / "office"), str(public)]) == 0
        self.capture()

    def unit(self, name: str, *words: object) -> tuple[int, str, str]:
        """Run ``alprctl`` on the unit ``name``; return code, stdout and stderr, without the folder."""
        self._capsys.readouterr()
        code = alprctl.main([*(str(word) for word in words), "--state", str(self.folder / name)])
        return code, *self.capture()

    def office(self, noun: str, verb: str, *arguments: object) -> tuple[int, str, str]:
        """Run a command that needs no person; return code, stdout and stderr, without the folder."""
        self._capsys.readouterr()
        code = main([str(word) for word in (noun, verb, self.folder / "office", *arguments)])
        return code, *self.capture()

    def approve(self, file: Path) -> None:
        """Add the second approver's signature."""
        assert main(["release", "approve", str(approver_folder(self.folder / "office")), str(file)]) == 0
        self.capture()

    def _synchronised(self) -> SystemTime:
        return SystemTime(at=UnixMs(self.now * 1000), is_synchronised=True)

    def capture(self) -> tuple[str, str]:
        shown = self._capsys.readouterr()
        out = re.sub(r"[0-9a-f]{64}", "HEX", shown.out.replace(f"{self.folder}/", ""))
        return re.sub(r"(?:[0-9a-f]{4} ){4}[0-9a-f]{4}", "FINGERPRINT", out), shown.err.replace(
            f"{self.folder}/", ""
        )

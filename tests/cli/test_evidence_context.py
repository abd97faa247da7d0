"""A record's context at the office, and what the unit's own log says of a record that it destroys."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from alprd.audit.log import AuditLog
from alprd.evidence.disk import list_records, record_name
from alprd.evidence.envelope import seal
from alprd.keys import load_unit_keys
from alprd.office.evidence_words import context_png
from tests.vectors.evidence.generate import WITH_CONTEXT

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.sim.office_desk import Desk

DAY_S = 86_400
ACCESS = ("--reason", "investigation", "--file-number", "2026-1138", "--why", "the theft on King Street")
EXPORT = (
    *("--authority", "MFIPPA s. 32(g)", "--authorized-by", "Insp. Kim Park, C-2", "--linked", "none"),
    *("--recipient", "Dana Fox", "--title", "Assistant Crown Attorney", "--recipient-file", "CA-77"),
    *("--means", "on an encrypted stick", "--conditions", "for this prosecution alone"),
)


def test_what_a_unit_destroys_is_on_its_audit_log_first(
    desk: Desk, records: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.run("evidence", "take", records)
    receipt = desk.folder / "car-12.receipt"
    desk.run("evidence", "receipt", "car-12", "--out", receipt)
    look = ("--reason", "audit", "--file-number", "1", "--badge", "A-1")
    with monkeypatch.context() as full:
        full.setattr(AuditLog, "_write", lambda _log: None)
        code, _, error = desk.unit("car-12", "evidence", "destroy", receipt)
        assert (code, len(list_records(records))) == (23, 2)
        assert "what is not logged is not done" in error
    assert desk.unit("car-12", "evidence", "destroy", receipt, "--badge", "T-9")[0] == 0
    assert desk.unit("car-12", "evidence", "destroy", receipt, "--badge", "T-9")[0] == 0
    shown = desk.unit("car-12", "audit", "show", *look)[1].splitlines()
    noted = [line for line in shown if "destroyed" in line]
    assert len(noted) == 1, "once, though the receipt was used again"
    assert "records destroyed: 2 records: 1, 3, receipt of 2026-09-28 00:00:00Z; by " in noted[0]
    assert noted[0].endswith("badge T-9; saw evidence record; because maintenance")
    assert desk.unit("car-12", "audit", "verify", *look)[0] == 0


def test_a_context_is_opened_and_exported_where_there_is_one(desk: Desk, records: Path) -> None:
    keys = load_unit_keys(desk.folder / "car-12/keys")
    shown = seal(replace(WITH_CONTEXT, sequence=4), keys.office_evidence, keys.signing)
    (records / record_name(4)).write_bytes(shown)
    desk.run("evidence", "take", records)
    png = desk.folder / "context.png"
    assert desk.run("evidence", "open", "E-3", *ACCESS, "--context", png)[1].endswith("1 cells masked\n")
    assert png.read_bytes() == context_png(WITH_CONTEXT)
    for name, files in (("E-3", {"context.png"}), ("E-1", set())):
        out = desk.folder / name
        terms = (*EXPORT, "--afterwards", "kept", "--out", out)
        assert desk.run("evidence", "export", name, *ACCESS, *terms)[0] == 0
        assert {path.name for path in out.iterdir()} == {
            "evidence.json",
            "disclosure.json",
            "plate.png",
        } | files
    assert (desk.folder / "E-3/context.png").read_bytes() == context_png(WITH_CONTEXT)
    listed = desk.run("evidence", "disclosures")[1]
    assert listed.count("officer, body of the vehicle\n") == 1
    png.unlink()
    assert desk.run("evidence", "open", "E-1", *ACCESS, "--context", png) == (
        35,
        "",
        (
            "alprd error: the record has no context: the unit keeps the plate alone\n"
            "next: The plate picture is written with --picture.\n"
        ),
    )
    assert not png.exists()

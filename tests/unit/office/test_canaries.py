"""Canaries at the office: drawn for one audience, in no serial format, in each of its lists."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest

from alprd.errors import OfficeInputError
from alprd.hotlist.body import FLAG_CANARY
from alprd.office.canaries import MAX_CANARIES, draw_canary, read_canaries, remove_canary
from alprd.office.content import CANARIES, assemble
from alprd.office.documents import encode
from alprd.office.entries import DAY_S, Scope
from alprd.office.ledger import Act, Record
from alprd.office.people import make_person
from alprd.office.rows import CANARY
from alprd.office.vault import Vault, create, open_vault
from alprd.office.vault_release import columns_of
from alprd.plates.grammar import places_of
from alprd.plates.jurisdictions import JURISDICTIONS
from alprd.plates.normal import encode as codes_of
from alprd.plates.normal import unpack
from tests.sim.office_desk import Desk
from tests.unit.office.test_agreements import NOW

if TYPE_CHECKING:
    from pathlib import Path

ADA = make_person("Ada Roy", "C-17")


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return create(tmp_path, ADA, now_s=NOW)


def test_a_canary_is_no_serial_and_holds_no_character_that_is_taken_for_another(vault: Vault) -> None:
    drawn = [draw_canary(vault, Scope.INTERNAL, now_s=NOW) for _ in range(8)]
    is_of = np.zeros(len(JURISDICTIONS), np.bool_)
    for canary in drawn:
        assert re.fullmatch("[ACEFHJLNPRT3479]{7}", canary.plate)
        places_of(codes_of(canary.plate), 7, is_of)
        assert not is_of.any()
    assert len({canary.plate for canary in drawn}) == 8
    assert [canary.number for canary in drawn] == [f"K{n}" for n in range(1, 9)]


def test_canaries_stay_and_a_number_is_given_once(vault: Vault, tmp_path: Path) -> None:
    draw_canary(vault, Scope.INTERNAL, now_s=NOW)
    second = draw_canary(vault, Scope.ONTARIO, now_s=NOW)
    remove_canary(vault, "K1", now_s=NOW)
    opened = open_vault(tmp_path, ADA)
    assert read_canaries(opened) == {"K2": second}
    assert draw_canary(opened, Scope.INTERNAL, now_s=NOW).number == "K3"
    with pytest.raises(OfficeInputError, match="there is no canary 'K1'"):
        remove_canary(opened, "K1", now_s=NOW)
    acts = [record.act for record in opened.records]
    assert acts.count(Act.CANARY_DRAWN) == 3
    assert acts.count(Act.CANARY_REMOVED) == 1
    assert not any(second.plate in f"{record.subject} {record.note}" for record in opened.records)


def test_each_audience_has_its_own_in_its_lists(vault: Vault) -> None:
    mine = draw_canary(vault, Scope.INTERNAL, now_s=NOW)
    theirs = draw_canary(vault, Scope.ONTARIO, now_s=NOW)
    for audience, canary in ((Scope.INTERNAL, mine), (Scope.ONTARIO, theirs)):
        content = assemble(vault, now_s=NOW, audience=audience)
        columns = columns_of(content)
        assert [unpack(int(key)) for key in columns.plate] == [canary.plate]
        assert (columns.category.tolist(), columns.priority.tolist()) == ([0], [1])
        assert columns.flags.tolist() == [FLAG_CANARY] == [CANARY]
        assert columns.expires.tolist() == [NOW + 31 * DAY_S]
        assert content.report.sources[-1].source == CANARIES
        assert content.report.listed == 1


def test_there_is_an_end_to_them(vault: Vault) -> None:
    for _ in range(MAX_CANARIES):
        draw_canary(vault, Scope.INTERNAL, now_s=NOW)
    with pytest.raises(OfficeInputError, match="at most 64 canaries"):
        draw_canary(vault, Scope.INTERNAL, now_s=NOW)


@pytest.mark.parametrize(
    "fields",
    [
        {"canaries": {}, "last": 1},
        {"canaries": [], "last": "1"},
        {"canaries": [{"number": "K1"}], "last": 1},
        {"canaries": [{"number": "K1", "plate": 7, "audience": "internal", "drawn_s": 1}], "last": 1},
    ],
)
def test_a_damaged_file_is_told(vault: Vault, fields: dict[str, object]) -> None:
    record = Record(at_s=NOW, act=Act.CANARY_DRAWN, by="C-17", subject="K1")
    vault.change(record, [encode("alprd canaries 1", fields)], slot="canaries", added=1, removed=0)
    with pytest.raises(OfficeInputError, match="file of canaries is damaged"):
        read_canaries(vault)


def test_the_custodian_draws_lists_and_removes_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(tmp_path, capsys, monkeypatch)
    desk.add_unit("car-1")
    code, out, _ = desk.run("canary", "draw")
    assert code == 0
    assert out.startswith("K1 drawn for internal lists; it is in the next one\n")
    _, out, _ = desk.run("canary", "list")
    assert out == "K1  internal  drawn 2026-09-28 00:00:00 UTC\n1 canaries\n"
    _, out, _ = desk.run("canary", "list", "--show")
    assert re.fullmatch(r"K1  internal  drawn .* UTC  [A-Z0-9]{7}\n1 canaries\n", out)
    assert desk.run("release", "build", "--days", 1, "--out", tmp_path / "list")[0] == 0
    desk.approve(tmp_path / "list")
    code, out, err = desk.unit("car-1", "hotlist", "install", tmp_path / "list")
    assert code == 0, err
    assert "list 1, 1 entries" in out
    assert desk.run("canary", "remove", "K1")[0] == 0
    assert desk.run("canary", "remove", "K1")[0] == 35

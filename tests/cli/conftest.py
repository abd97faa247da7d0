"""An office desk with a unit that has sealed records."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from alprd.evidence.disk import EvidenceStore
from alprd.evidence.envelope import seal
from alprd.keys import load_unit_keys
from tests.sim.office_desk import Desk
from tests.vectors.evidence.generate import LOCATED, NO_LOCATION

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(tmp_path, capsys, monkeypatch)
    desk.add_unit("car-12")
    return desk


@pytest.fixture
def records(desk: Desk) -> Path:
    """Return a folder with records 1 (located) and 3 (no location) of car-12."""
    keys = load_unit_keys(desk.folder / "car-12/keys")
    store = EvidenceStore(desk.folder / "car-12/evidence")
    for sequence, item in ((1, LOCATED), (3, NO_LOCATION)):
        store.append(seal(replace(item, sequence=sequence), keys.office_evidence, keys.signing), sequence)
    store.close()
    return desk.folder / "car-12/evidence"

"""What the unit sealed can be opened with the office's key, and with no key of the unit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from alprd.errors import EvidenceError
from alprd.evidence.disk import read_record
from alprd.evidence.envelope import open_record
from alprd.keys import load_unit_keys
from alprd.records import Verdict
from tests.sim.bench import Bench

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sim.recording import Passing


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, passing: Passing) -> Bench:
    bench = Bench(
        tmp_path_factory.mktemp("bench") / "unit",
        passing.folder,
        listed=[passing.listed],
        answer=lambda _: Verdict.CONFIRMED,
        settings={"gps": {"source": "simulated"}},
    )
    with bench:
        bench.finish()
    return bench


def test_the_office_sees_plate_place_time_verdict_and_officer(
    bench: Bench, passing: Passing, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (record,) = bench.records()
    picture = tmp_path / "plate.png"
    shown = bench.desk.open_evidence(record.parent, capsys, "--picture", picture)
    assert shown["plate"] == passing.listed
    text = json.dumps(shown)
    for expected in ("CA-ON", "CONFIRMED", "4711", "bench-1", "45.42", "-75.69"):
        assert expected in text
    with Image.open(picture) as opened:
        assert opened.size == (288, 96)
        assert np.ptp(np.asarray(opened).astype(np.int16)) > 60, "the plate picture shows nothing"


def test_no_key_of_the_unit_opens_its_own_record(bench: Bench) -> None:
    (path,) = bench.records()
    keys = load_unit_keys(bench.state / "keys")
    record = read_record(path)
    for key in (keys.unsealing, keys.signing.to_curve25519_private_key()):
        with pytest.raises(EvidenceError):
            open_record(record, key, keys.signing.verify_key)


def test_the_record_shows_no_plate_in_clear(bench: Bench, passing: Passing) -> None:
    (path,) = bench.records()
    content = path.read_bytes()
    for encoding in ("ascii", "utf-16-le", "utf-32-le"):
        assert passing.listed.encode(encoding) not in content
    assert passing.listed not in path.name

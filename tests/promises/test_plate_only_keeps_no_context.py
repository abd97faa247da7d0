"""Unless the unit is set so, there is no context: not in a slot, not in memory, not in a record."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from alprd.alerts.pending import PICTURE_HEIGHT, PICTURE_WIDTH
from alprd.evidence.body import BODY_BYTES
from alprd.evidence.disk import read_record
from alprd.evidence.envelope import HEADER_BYTES, SEAL_BYTES, SIGNATURE_BYTES
from alprd.memory import locked_regions
from alprd.pictures import HitPictures
from alprd.records import Verdict
from alprd.settings import Settings
from tests.sim.bench import Bench
from tests.sim.faults import PROGRAM

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.sim.recording import Passing

WITHOUT_A_REDACTOR = """
from alprd.vision.context import Redactor
def refuse(self, max_width):
    raise RuntimeError("a context was prepared for")
Redactor.__init__ = refuse
"""
"""A daemon in which nothing that makes a context can be made."""
BADGE = "4711"
PLATE_ALONE = (
    *(HEADER_BYTES, SEAL_BYTES, BODY_BYTES, len(BADGE)),
    *(PICTURE_WIDTH * PICTURE_HEIGHT, SIGNATURE_BYTES),
)


def confirmed(folder: Path, passing: Passing, *, context: bool, program: str = PROGRAM) -> Bench:
    bench = Bench(
        folder / "unit",
        passing.folder,
        listed=[passing.listed],
        answer=lambda _: Verdict.CONFIRMED,
        badge=BADGE,
        settings={"evidence": {"context": context}},
        program=program,
    )
    with bench:
        bench.finish()
    return bench


def test_a_unit_keeps_the_plate_alone_unless_it_is_set_otherwise() -> None:
    assert Settings().evidence.context is False


def test_a_record_of_a_plate_only_unit_has_no_context(
    tmp_path: Path, passing: Passing, capsys: pytest.CaptureFixture[str]
) -> None:
    bench = confirmed(tmp_path, passing, context=False, program=WITHOUT_A_REDACTOR + PROGRAM)
    (record,) = bench.records()
    assert len(read_record(record)) == sum(PLATE_ALONE), "not a byte besides the plate's picture and facts"
    assert bench.desk.open_evidence(record.parent, capsys)["has_context"] is False


def test_a_record_of_a_unit_that_is_set_so_has_one(
    tmp_path: Path, passing: Passing, capsys: pytest.CaptureFixture[str]
) -> None:
    bench = confirmed(tmp_path, passing, context=True)
    (record,) = bench.records()
    assert len(read_record(record)) == sum(PLATE_ALONE) + 48
    shown = bench.desk.open_evidence(record.parent, capsys, "--context", tmp_path / "context.png")
    assert shown["has_context"] is True
    assert (tmp_path / "context.png").read_bytes().startswith(b"\x89PNG")
    assert json.dumps(shown).count("context") == 1


def test_in_plate_only_mode_no_memory_is_there_for_a_context() -> None:
    def taken(max_width: int | None) -> int:
        before = sum(locked_regions().values())
        pictures = HitPictures(max_width)
        assert pictures.has_context is (max_width is not None)
        return sum(locked_regions().values()) - before

    assert taken(1280) > taken(None)
    assert HitPictures()._redactor is None

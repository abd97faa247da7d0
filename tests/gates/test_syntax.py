"""The rules of `syntax.py` hold on the tree, and each is shown to go red."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.gates import syntax

if TYPE_CHECKING:
    from pathlib import Path

CODE = ("alprd", "models", "tests")
TELLING = (
    *("alprd/cycle.py", "alprd/desk.py", "alprd/vision", "alprd/hotlist", "alprd/alerts"),
    *("alprd/evidence", "alprd/camera", "alprd/plates"),
)


def test_no_file_is_over_the_limit() -> None:
    assert syntax.check(syntax.long_files, syntax.python_files(syntax.ROOT, *CODE)) == []


def test_no_function_is_over_the_limit() -> None:
    assert syntax.check(syntax.long_functions, syntax.python_files(syntax.ROOT, *CODE)) == []


def test_no_pixels_are_copied_in_camera_and_vision() -> None:
    files = syntax.python_files(syntax.ROOT, *syntax.PIXEL_FOLDERS)
    assert syntax.check(syntax.pixel_copies, files) == []


def test_every_excused_copy_is_there() -> None:
    text = {path.name: path.read_text("utf-8") for path in (syntax.ROOT / "alprd" / "vision").glob("*.py")}
    assert [call for name, call in syntax.EXCUSED if call not in text[name]] == []


def test_no_plate_read_is_put_into_words() -> None:
    assert syntax.check(syntax.told_plates, syntax.python_files(syntax.ROOT, *TELLING)) == []


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        pytest.param(syntax.long_files, "x = 1\n" * 401, id="a file of 401 lines"),
        pytest.param(syntax.long_functions, "def f():\n" + "    g()\n" * 60, id="a function of 61 lines"),
        pytest.param(syntax.pixel_copies, "def f(): kept = frame.main.copy()", id="a copy"),
        pytest.param(syntax.pixel_copies, "def f(): kept = frame.main[2:4].tobytes()", id="bytes of a view"),
        pytest.param(syntax.pixel_copies, "def f(): kept = np.array(frame.main)", id="np.array"),
        pytest.param(syntax.pixel_copies, "def f(): kept = numpy.copy(frame.main)", id="numpy.copy"),
        pytest.param(
            syntax.pixel_copies, "kept = lambda codes: codes.tolist()", id="a read as Python integers"
        ),
        pytest.param(syntax.told_plates, "log.info('read %s', codes)", id="codes in a log"),
        pytest.param(syntax.told_plates, "log.debug(f'{hit.plate}')", id="a plate in a debug log"),
        pytest.param(syntax.told_plates, "raise ValueError(f'bad {text}')", id="text in an error"),
        pytest.param(syntax.told_plates, "print(reader.codes[:4])", id="a slice in a print"),
        pytest.param(syntax.told_plates, "watchdog.status(f'saw {plate}')", id="a plate in the state"),
    ],
)
def test_a_planted_violation_turns_the_gate_red(tmp_path: Path, rule: syntax.Rule, source: str) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text(source)
    assert len(list(rule(planted))) == 1


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        pytest.param(syntax.long_files, "x = 1\n" * 400, id="a file of 400 lines"),
        pytest.param(syntax.long_functions, "def f():\n" + "    g()\n" * 59, id="a function of 60 lines"),
        pytest.param(syntax.pixel_copies, "np.copyto(out, frame.main)", id="copying into given memory"),
        pytest.param(syntax.pixel_copies, "SIGNS = np.array([-1, 1])", id="a constant"),
        pytest.param(syntax.told_plates, "log.info('%d characters', len(codes))", id="a length"),
        pytest.param(syntax.told_plates, "log.info('frame wiped after %d ns', frame.life_ns)", id="a count"),
    ],
)
def test_what_is_allowed_stays_green(tmp_path: Path, rule: syntax.Rule, source: str) -> None:
    allowed = tmp_path / "allowed.py"
    allowed.write_text(source)
    assert list(rule(allowed)) == []


def test_a_gate_that_looks_at_nothing_is_red() -> None:
    with pytest.raises(AssertionError, match="holds no Python file"):
        syntax.python_files(syntax.ROOT, "alprd/docs")

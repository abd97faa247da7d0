from __future__ import annotations

import pytest

from alprd.cli.entry import run_cli
from alprd.errors import AlprdError, OfficeInputError


def failing(error: BaseException) -> int:
    def command() -> int:
        raise error

    return run_cli(command)


def test_a_command_s_own_code_is_returned() -> None:
    assert run_cli(lambda: 0) == 0
    assert run_cli(lambda: 3) == 3


def test_an_error_gives_its_message_its_next_step_and_its_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert failing(OfficeInputError("three bad lines", hint="Mend them.")) == 35
    assert capsys.readouterr() == ("", "alprd error: three bad lines\nnext: Mend them.\n")


def test_an_error_without_a_hint_of_its_own_gives_its_class_s(capsys: pytest.CaptureFixture[str]) -> None:
    failing(OfficeInputError("bad"))
    assert capsys.readouterr().err.endswith(f"next: {OfficeInputError.hint}\n")


def test_an_unknown_exception_shows_its_place_and_none_of_its_data(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def command() -> int:
        plate = "SECRET1"
        return int(plate)

    assert run_cli(command) == 70
    shown = capsys.readouterr().err
    line = command.__code__.co_firstlineno + 2
    assert shown == f"alprd error: unexpected ValueError at test_entry.py:{line}\nnext: {AlprdError.hint}\n"


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt(), 130), (BrokenPipeError(), 141)])
def test_an_end_from_outside_is_silent(
    error: BaseException, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert failing(error) == code
    assert capsys.readouterr() == ("", "")


def test_argparse_s_own_exit_passes_through() -> None:
    with pytest.raises(SystemExit):
        failing(SystemExit(2))

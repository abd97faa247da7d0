"""What wiping freed memory rests on outside the process."""

from __future__ import annotations

from pathlib import Path

from alprd.memory import ENVIRONMENT

UNIT_FILE = Path(__file__).parents[2] / "systemd" / "alprd.service"


def test_the_unit_file_starts_the_daemon_with_what_wiping_needs() -> None:
    lines = [line for line in UNIT_FILE.read_text("utf-8").splitlines() if line.startswith("Environment=")]
    given = {word for line in lines for word in line.removeprefix("Environment=").split()}
    assert {f"{name}={value}" for name, value in ENVIRONMENT.items()} <= given
    assert len(ENVIRONMENT) == 2

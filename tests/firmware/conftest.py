"""The firmware is compiled once for all of its tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sim.firmware import compiled

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the firmware as it is flashed."""
    return compiled(tmp_path_factory.mktemp("firmware") / "modules")

"""One installed unit for all tests of this folder that need one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.system.installed import InstalledUnit

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def unit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InstalledUnit]:
    """The unit, whose life the tests follow in their order."""
    with InstalledUnit(tmp_path_factory.mktemp("unit")) as installed:
        yield installed

"""What all tests share: how slow and system tests are chosen, and hypothesis without a clock."""

from __future__ import annotations

import os
import shutil

import pytest
from hypothesis import settings

pytest_plugins = ["tests.sim.recording"]

IS_CI = os.environ.get("CI") == "true"
IS_SOAK = os.environ.get("ALPRD_SOAK") == "1"
"""Whether the promises are tested with their big numbers, as `make soak` does."""

# A shared machine may stop a test for a second: time is not what these tests are about.
settings.register_profile("alprd", deadline=None, derandomize=IS_CI, print_blob=True)
settings.load_profile("alprd")

_CONTAINER_TOOLS = ("mmdebstrap", "systemd-nspawn", "nsenter")


def _why_no_container() -> str | None:
    """Say why a container cannot be booted here, None when it can."""
    if os.geteuid() != 0:
        return "a container needs root"
    missing = [tool for tool in _CONTAINER_TOOLS if shutil.which(tool) is None]
    return f"not installed: {', '.join(missing)}" if missing else None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip tests that this machine cannot run; in CI everything runs, so there they fail."""
    if item.get_closest_marker("device") is not None:
        pytest.skip("needs a real device, named on purpose by the one who runs it")
    if item.get_closest_marker("system") is not None and (why := _why_no_container()) is not None:
        if IS_CI:
            pytest.fail(f"CI must run the system tests: {why}", pytrace=False)
        pytest.skip(why)

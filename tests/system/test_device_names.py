"""A device keeps its name in whatever order and plug it appears, and a stranger gets none (udev/)."""

from __future__ import annotations

import itertools
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.gates.tools import ROOT
from tests.system.container import make_root
from tests.system.udev_rules import names, rules

if TYPE_CHECKING:
    from pathlib import Path

RULES = ROOT / "udev" / "70-alprd.rules"


def tty(vendor: str, model: str, kernel: str = "ttyACM0", interface: str = "00") -> dict[str, str]:
    return {
        "ACTION": "add",
        "SUBSYSTEM": "tty",
        "KERNEL": kernel,
        "ENV{ID_BUS}": "usb",
        "ENV{ID_VENDOR_ID}": vendor,
        "ENV{ID_MODEL_ID}": model,
        "ENV{ID_USB_INTERFACE_NUM}": interface,
    }


def camera(index: str, kernel: str = "video0", bus: str = "usb", can: str = ":capture:") -> dict[str, str]:
    return {
        "ACTION": "add",
        "SUBSYSTEM": "video4linux",
        "KERNEL": kernel,
        "ENV{ID_BUS}": bus,
        "ENV{ID_V4L_CAPABILITIES}": can,
        "ATTR{index}": index,
    }


@pytest.mark.parametrize(
    ("device", "name"),
    [
        pytest.param(tty("2e8a", "0005"), "alprd-dash", id="RP2040, MicroPython"),
        pytest.param(tty("2e8a", "000a"), "alprd-dash", id="RP2040, C SDK"),
        pytest.param(tty("1546", "01a7"), "alprd-gps", id="u-blox 7"),
        pytest.param(tty("1546", "01a8"), "alprd-gps", id="u-blox 8"),
        pytest.param(tty("1546", "01a9"), "alprd-gps", id="u-blox 9"),
        pytest.param(camera("0"), "alprd-camera", id="the picture node of a USB camera"),
    ],
)
def test_each_device_of_a_unit_gets_its_name(device: dict[str, str], name: str) -> None:
    assert names(RULES.read_text("utf-8"), device) == {name}


@pytest.mark.parametrize(
    "device",
    [
        pytest.param(tty("10c4", "ea60", "ttyUSB0"), id="a bridge that could be anything"),
        pytest.param(tty("0403", "6001", "ttyUSB0"), id="another bridge"),
        pytest.param(tty("2e8a", "0005", interface="02"), id="the second serial line of a dash unit"),
        pytest.param(tty("1546", "0502"), id="a u-blox device that is no receiver of these"),
        pytest.param(tty("", ""), id="a device that says nothing of itself"),
        pytest.param(camera("1"), id="the metadata node of a camera"),
        pytest.param(camera("0", bus="pci"), id="a codec of the board"),
        pytest.param(camera("0", can=":video_output:"), id="a node that only takes pictures"),
        pytest.param({**tty("2e8a", "0005"), "ACTION": "remove"}, id="a dash unit that goes"),
    ],
)
def test_a_stranger_gets_no_name(device: dict[str, str]) -> None:
    assert names(RULES.read_text("utf-8"), device) == set()


def test_names_do_not_depend_on_the_order_of_appearance() -> None:
    kinds = {"alprd-dash": ("2e8a", "0005"), "alprd-gps": ("1546", "01a8")}
    text = RULES.read_text("utf-8")
    for order in itertools.permutations(kinds):
        for number, kind in enumerate(order):
            assert names(text, tty(*kinds[kind], kernel=f"ttyACM{number}")) == {kind}


def test_the_reading_here_refuses_what_it_does_not_know() -> None:
    with pytest.raises(ValueError, match="not understood"):
        rules('KERNEL=~"x"')
    with pytest.raises(ValueError, match="not understood"):
        names('KERNELS=="x", SYMLINK+="y"', {})
    with pytest.raises(ValueError, match="not understood"):
        names('KERNEL=="x", RUN+="y"', {"KERNEL": "x"})


@pytest.fixture(scope="module")
def udev_root() -> Path:
    """A root file system with udev 254 or later, the first that can check rules."""
    root = make_root("trixie", ("udev",), "extract")  # unpacked only, so it lacks the links of a full system
    for name in ("lib", "lib64"):
        if not (root / name).exists():
            (root / name).symlink_to(f"usr/{name}")
    return root


def verify(udev_root: Path, text: str) -> subprocess.CompletedProcess[str]:
    (udev_root / "70-alprd.rules").write_text(text)
    return subprocess.run(
        [
            shutil.which("chroot") or "/usr/sbin/chroot",
            udev_root,
            "/usr/bin/udevadm",
            "verify",
            "/70-alprd.rules",
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


@pytest.mark.system
def test_udev_is_content_with_the_rules(udev_root: Path) -> None:
    done = verify(udev_root, RULES.read_text("utf-8"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Fail:    0" in done.stdout


@pytest.mark.system
def test_udev_refuses_planted_faults(udev_root: Path) -> None:
    text = RULES.read_text("utf-8")
    assert verify(udev_root, text.replace("SYMLINK+=", "SYMLNK+=")).returncode != 0
    assert verify(udev_root, text.replace('LABEL="alprd_end"', "")).returncode != 0

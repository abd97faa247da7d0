"""The import contracts of pyproject.toml hold, each is shown to break, and shells are named with reasons."""

from __future__ import annotations

import ast
import tomllib
from typing import TYPE_CHECKING

import pytest

from tests.gates.tools import ROOT, copy_of_the_package, output, run

if TYPE_CHECKING:
    from pathlib import Path

IO_MODULES = {
    *("asyncio", "ctypes", "fcntl", "io", "mmap", "multiprocessing", "os", "random", "resource", "secrets"),
    *("select", "selectors", "shutil", "signal", "socket", "subprocess", "tempfile", "termios", "threading"),
    *("time", "tty"),
}

SHELLS = {
    "alprd.address_space": "this process's own memory",
    "alprd.alerts.line": "the thread that serves a line, its clock and its waiting",
    "alprd.alerts.serial_port": "serial devices and ptys",
    "alprd.camera.frame": "leases are taken by one thread and given back by another; the age of a frame",
    "alprd.camera.picamera": "picamera2, and the clock its sensor time is held against",
    "alprd.camera.recorded": "the pace of a recording",
    "alprd.camera.still": "a picture's file, read into one buffer that is overwritten",
    "alprd.camera.v4l2": "V4L2 devices",
    "alprd.camera.video": "video files, FIFOs and stdin",
    "alprd.chain.disk": "a chain's file, flushed, and its lock",
    "alprd.conservation.ledger": "the random name of a run",
    "alprd.control.status": "the control socket and its thread",
    "alprd.daemon": "signals, the clock, the loop",
    "alprd.disk": "durable writes",
    "alprd.duty": "the key of a shift is drawn by chance",
    "alprd.evidence.disk": "the evidence folder and its lock",
    "alprd.forgetting.meter": "how long it may search between two frames",
    "alprd.gps.gpsd_client": "the connection to gpsd",
    "alprd.gps.receiver": "the thread that asks gpsd",
    "alprd.gps.simulated": "the demonstration's receiver and its clock",
    "alprd.gps.system_clock": "the system clock, and whether the kernel vouches for it",
    "alprd.hotlist.disk": "the installed list and its lock",
    "alprd.hotlist.fetch": "copies out of a published folder, flushed",
    "alprd.memory": "locks memory, forbids core dumps",
    "alprd.shutter": "rests while there is no camera",
    "alprd.surroundings": "a lock: the cycle and the control thread ask at once",
    "alprd.vision.litert": "which runtime is installed, threads of the runtime",
    "alprd.vision.runtime_memory": "the noise that a model is run on",
    "alprd.watchdog": "the environment systemd gives, the notify socket",
    "alprd.witness.places": "folders, the journal, and a file made to be found",
    "alprd.witness.process": "another process in /proc",
}
"""Every module below the commands, the demo and the office that touches the machine, and why."""

OFF_THE_UNIT = ("alprd.cli", "alprd.demo", "alprd.office")

# contract -> where to plant what
PLANTED = {
    "layers": ("plates/alphabet.py", "import alprd.vision.litert"),
    "pure": ("hotlist/match.py", "import time"),
    "door-runtimes": ("vision/rectify.py", "import tflite_runtime"),
    "door-serial": ("control/status.py", "import serial"),
    "door-gpsd": ("control/status.py", "import gpsd"),
    "door-picamera": ("control/status.py", "import picamera2"),
    "door-av": ("control/status.py", "import av"),
    "door-systemd": ("control/status.py", "from systemd import journal"),
}


def lint(folder: Path, *arguments: str) -> tuple[int, str]:
    done = run("lint-imports", "--no-cache", "--no-logo", *arguments, folder=folder)
    return done.returncode, output(done)


def test_every_contract_is_kept() -> None:
    code, said = lint(ROOT)
    assert code == 0, said
    assert f"{len(PLANTED)} kept, 0 broken" in said
    assert "Warnings" not in said, "an exception that nothing needs any more"


def test_every_contract_has_a_planted_violation() -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
    assert {contract["id"] for contract in tools["importlinter"]["contracts"]} == set(PLANTED)


@pytest.mark.parametrize("contract", sorted(PLANTED))
def test_a_planted_import_breaks_its_contract(tmp_path: Path, contract: str) -> None:
    place, statement = PLANTED[contract]
    planted = copy_of_the_package(tmp_path) / place
    planted.write_text(f"{planted.read_text('utf-8')}\n{statement}\n", "utf-8")
    code, said = lint(tmp_path, "--contract", contract)
    assert code == 1
    assert "0 kept, 1 broken" in said, said


def test_a_module_outside_the_layers_breaks_them(tmp_path: Path) -> None:
    (copy_of_the_package(tmp_path) / "helpers.py").write_text('"""Without a noun."""\n')
    code, said = lint(tmp_path, "--contract", "layers")
    assert code == 1, said
    assert "helpers" in said


def modules_that_touch_the_machine(package: Path) -> set[str]:
    found = set()
    for path in sorted(package.rglob("*.py")):
        module = ".".join(path.relative_to(package.parent).with_suffix("").parts).removesuffix(".__init__")
        imports: set[str] = set()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imports |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                imports.add(node.module.partition(".")[0])
        if imports & IO_MODULES and not module.startswith(OFF_THE_UNIT):
            found.add(module)
    return found


def test_every_shell_is_named_with_its_reason() -> None:
    assert modules_that_touch_the_machine(ROOT / "alprd") == set(SHELLS)


def test_an_unnamed_shell_is_found(tmp_path: Path) -> None:
    package = copy_of_the_package(tmp_path)
    (package / "hotlist" / "carry.py").write_text("from socket import socket\n")
    assert "alprd.hotlist.carry" in modules_that_touch_the_machine(package)

"""A container that boots a real systemd, for tests of the unit as it is installed. Needs root.

The root file system is made once (mmdebstrap) and cached; each boot lays a volatile overlay over it, so
nothing of one test reaches the next. Programs run in it through nsenter, as root of the container.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tests.gates.tools import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

SUITES = {(3, 11): "bookworm", (3, 13): "trixie"}
"""The Debian release whose own Python can load the libraries of the environment that runs the tests."""
PACKAGES = ("systemd", "systemd-sysv", "dbus", "gpsd", "iproute2", "procps", "python3", "python3-venv")
SLIM = ("/usr/share/doc/*", "/usr/share/locale/*", "/usr/share/man/*")
BOOT_S = 60.0

LIBRARIES = "/opt/libraries"
"""Where the container sees the libraries of the environment that runs the tests."""


def wait_for(what: str, is_so: Callable[[], object], timeout_s: float = 30.0, every_s: float = 0.05) -> None:
    """Wait until ``is_so()``, asked ``every_s``, is true; fail with ``what`` after ``timeout_s``."""
    deadline = time.monotonic() + timeout_s
    while not is_so():
        if time.monotonic() > deadline:
            raise AssertionError(f"after {timeout_s} s still not: {what}")
        time.sleep(every_s)


def matching_suite() -> str:
    """Return the Debian release to boot."""
    suite = SUITES.get(sys.version_info[:2])
    assert suite is not None, "run the system tests with Python 3.11 or 3.13, as Debian 12 and 13 have them"
    return suite


def make_root(suite: str, packages: Sequence[str], variant: str) -> Path:
    """Return a root file system of ``suite`` with ``packages``, made on first use and cached."""
    key = hashlib.sha256(" ".join((*packages, *SLIM, variant)).encode()).hexdigest()[:12]
    root = ROOT / ".cache" / f"rootfs-{suite}-{key}"
    if root.is_dir():
        return root
    half = root.with_suffix(f".{os.getpid()}")
    try:
        options = (f"--variant={variant}", f"--include={','.join(packages)}")
        slim = (f"--dpkgopt=path-exclude={path}" for path in SLIM)
        made = subprocess.run(
            ["mmdebstrap", *options, *slim, suite, str(half)],  # noqa: S607 - as .ci/setup installed it
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
        )
        assert made.returncode == 0, made.stderr[-2000:]
        half.rename(root)
    finally:
        shutil.rmtree(half, ignore_errors=True)
    return root


class Container:
    """A booted container. ``shared`` maps paths inside to paths on this machine, read-only."""

    def __init__(self, folder: Path, shared: dict[str, Path]) -> None:
        self._log = folder / "container.log"
        self._shared = {LIBRARIES: _libraries(), **shared}
        self._nspawn: subprocess.Popen[bytes] | None = None
        self._group = Path()
        self.init = 0
        """Process id of the container's systemd, as this machine sees it."""
        self.boot_s = 0.0

    def __enter__(self) -> Self:
        root = make_root(matching_suite(), PACKAGES, "minbase")
        started = time.monotonic()
        command = [
            *("systemd-nspawn", "--quiet", "--boot", f"--directory={root}", "--volatile=overlay"),
            *("--register=no", "--keep-unit", "--private-network", "--link-journal=no", "--console=pipe"),
            *(f"--machine=alprd-{os.getpid()}", "--capability=CAP_IPC_LOCK"),
            *(f"--bind-ro={here}:{there}" for there, here in self._shared.items()),
        ]
        self._group = _own_group()
        # Two containers in one control group would take each other's processes for their own.
        join = ("sh", "-c", 'echo $$ >"$0/cgroup.procs" && exec "$@"', str(self._group))
        with self._log.open("wb") as log:
            self._nspawn = subprocess.Popen(
                [*join, *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
            )
        try:
            wait_for("the container's systemd runs", self._find_init, BOOT_S)
            wait_for("the container is up", self._is_up, BOOT_S)
        except BaseException:
            self._end()
            raise
        self.boot_s = time.monotonic() - started
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def run(self, *command: str, check: bool = True, timeout_s: float = 120.0) -> str:
        """Run ``command`` inside and return what it said on stdout; fail when it fails."""
        done = subprocess.run(
            self._inside(*command),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout_s,
        )
        if check:
            assert done.returncode == 0, f"{command} gave {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def write(self, path: str, text: str) -> None:
        """Write a file inside."""
        program = ("sh", "-c", 'mkdir -p "$(dirname "$0")" && cat >"$0"', path)
        subprocess.run(self._inside(*program), input=text, text=True, check=True, timeout=10)

    def show(self, unit: str, name: str) -> str:
        """Return one property of a unit."""
        return self.run("systemctl", "show", unit, "--property", name, "--value").strip()

    def journal(self, unit: str) -> str:
        """Return what a unit has said."""
        return self.run("journalctl", "--unit", unit, "--no-pager", "--output=cat")

    def pid_here(self, unit: str) -> int:
        """Return the main process of a unit, as this machine numbers it."""
        inner = self.show(unit, "MainPID")
        for status in Path("/proc").glob("[0-9]*/status"):
            with contextlib.suppress(OSError):
                numbers = [
                    line.split()[1:]
                    for line in status.read_text("utf-8").splitlines()
                    if line.startswith("NSpid:")
                ]
                same_space = status.parent.joinpath("ns/pid").samefile(f"/proc/{self.init}/ns/pid")
                if numbers and numbers[0][-1] == inner and same_space:
                    return int(status.parent.name)
        raise AssertionError(f"{unit} has no main process")

    def _inside(self, *command: str) -> list[str]:
        enter = ["nsenter", "--target", str(self.init)]
        spaces = ["--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root", "--wd"]
        path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        return [*enter, *spaces, "--", "env", "-i", path, "LANG=C.UTF-8", *command]

    def _find_init(self) -> bool:
        assert self._nspawn is not None
        assert self._nspawn.poll() is None, self._log.read_text("utf-8", "replace")[-2000:]
        children = Path(f"/proc/{self._nspawn.pid}/task/{self._nspawn.pid}/children").read_text("utf-8")
        for child in children.split():
            if Path(f"/proc/{child}/comm").read_text("utf-8").strip() == "systemd":
                self.init = int(child)
        return self.init != 0

    def _is_up(self) -> bool:
        state = subprocess.run(
            self._inside("systemctl", "is-system-running"), capture_output=True, text=True, check=False
        )
        return state.stdout.strip() in {"running", "degraded"}

    def _end(self) -> None:
        nspawn = self._nspawn
        if nspawn is None:
            return
        if self.init:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.init, signal.SIGRTMIN + 4)  # systemd's "power off"
        try:
            nspawn.wait(timeout=20 if self.init else 1)
        except subprocess.TimeoutExpired:
            nspawn.kill()
            nspawn.wait(timeout=20)
        folders = sorted(self._group.rglob("*/"), key=lambda folder: len(folder.parts), reverse=True)
        for folder in (*folders, self._group):
            with contextlib.suppress(OSError):  # one that is not empty yet
                folder.rmdir()


def _own_group() -> Path:
    """Make a control group for one container and return its folder."""
    for line in Path("/proc/self/mounts").read_text("utf-8").splitlines():
        _, place, kind, *_ = line.split()
        if kind == "cgroup2":
            group = Path(place) / f"alprd-test-{os.getpid()}"
            group.mkdir(exist_ok=True)
            return group
    raise AssertionError("this machine has no control groups (cgroup2)")


def _libraries() -> Path:
    import numpy as np  # noqa: PLC0415 - for where it lies

    return Path(np.__file__).resolve().parents[1]

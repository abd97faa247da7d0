"""A unit installed in a container by the steps of `alprd/docs/install.md`, with its devices simulated.

The package is the wheel that an installer gets, the systemd is real, gpsd is real and listens to a
receiver on a pty, the dash unit is on a pty, and the camera sends the demonstration drive into a FIFO.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alprd.demo.drive import DEFAULT_SEED, FULL_DRIVE, DriveScript
from alprd.demo.office import ACCESS, list_rows, plain_form, write_rows
from alprd.demo.render import cache_folder, render_drive
from alprd.hotlist.categories import CLOSED_SET
from alprd.office.agreements import shared
from tests.gates.tools import ROOT, build_wheel
from tests.system.container import LIBRARIES, Container, wait_for

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

UNIT = "alprd.service"
BIN = "/opt/alprd/bin"
STATE = "/var/lib/alprd"
OFFICE = "/root/office"
ME = ("--me", "/root/ada.key", "--passphrase-file", "/root/passphrase")
DASH_STATE = "/run/dash.json"
CAMERA = "/run/camera.fifo"
FRAMES_PER_SECOND = 12
_SYS_RESOURCE = 1 << 24

SETTINGS = f"""\
camera:
  source: recorded
  path: {CAMERA}
  fps: 0
"""

# A pty in the place of a USB serial line.
PTY_FOR_A_SERIAL_LINE = "[Service]\nDeviceAllow=char-pts rw\n"
# A machine that may not raise the limit on locked memory; real ones may.
LOCKING = "[Service]\nCapabilityBoundingSet=CAP_IPC_LOCK\nAmbientCapabilities=CAP_IPC_LOCK\n"


class InstalledUnit:
    """A container with the unit installed, provisioned and ready to start; ``folder`` is for scratch."""

    def __init__(self, folder: Path) -> None:
        self.script = DriveScript(DEFAULT_SEED)
        self.drive = render_drive(cache_folder(DEFAULT_SEED, FULL_DRIVE), self.script)
        self.listed = frozenset(self.script.listed_texts())
        self.payload = payload = folder / "payload"
        payload.mkdir()
        self._wheel = build_wheel(payload).name
        write_rows(payload / "list.csv", list_rows(self.script.listed_texts().items(), (), DEFAULT_SEED))
        (payload / "mapping.yaml").write_text(plain_form(payload / "list.csv"), "utf-8")
        self.container = Container(
            folder,
            {
                "/opt/payload": payload,
                "/opt/project": ROOT / "systemd",
                "/opt/sim": ROOT / "tests" / "sim",
                "/opt/drive": self.drive,
            },
        )

    def __enter__(self) -> Self:
        self.container.__enter__()
        try:
            self._install()
            self._provision()
            self._plug_in()
        except BaseException:
            self.container.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.container.__exit__(kind, error, trace)

    def start(self) -> None:
        """Start the unit; returns when it has said READY, fails when it has not in its time."""
        self.container.run("systemctl", "start", UNIT)

    def show(self, name: str) -> str:
        """Return one property of the unit."""
        return self.container.show(UNIT, name)

    def restarts(self) -> int:
        """Return how often systemd has restarted the unit."""
        return int(self.show("NRestarts"))

    def journal(self) -> str:
        """Return all that the unit has said."""
        return self.container.journal(UNIT)

    def dash(self) -> dict[str, Any]:
        """Return what the dash unit has seen."""
        return dict(json.loads(self.container.run("cat", DASH_STATE)))

    def evidence(self) -> list[dict[str, Any]]:
        """Take in every sealed record and open it at the office."""
        names = self.container.run("find", f"{STATE}/evidence", "-name", "*.evidence").split()
        office = (f"{BIN}/alpr-office", "evidence")
        if names:
            self.container.run(*office, "take", OFFICE, f"{STATE}/evidence", *ME)
        opened = (
            self.container.run(*office, "open", OFFICE, f"E-{number}", *ACCESS, "--json", *ME)
            for number in range(1, len(names) + 1)
        )
        return [dict(json.loads(text)) for text in opened]

    def _install(self) -> None:
        run = self.container.run
        run("python3", "-m", "venv", "/opt/alprd")
        run(f"{BIN}/pip", "install", "--quiet", "--no-deps", "--no-index", f"/opt/payload/{self._wheel}")
        # The libraries that pip would fetch are those of the environment that runs the tests.
        packages = run("sh", "-c", "echo /opt/alprd/lib/python3.*/site-packages").strip()
        self.container.write(f"{packages}/libraries.pth", f"{LIBRARIES}\n")
        for kind, place in (("sysusers", "/usr/lib/sysusers.d"), ("tmpfiles", "/usr/lib/tmpfiles.d")):
            run("install", "-D", "-m", "644", f"/opt/project/alprd.{kind}", f"{place}/alprd.conf")
        for name in ("alprd.service", "alprd-hotlist.path", "alprd-hotlist.service"):
            run("install", "-m", "644", f"/opt/project/{name}", f"/etc/systemd/system/{name}")
        run("systemd-sysusers", "alprd.conf")
        run("systemd-tmpfiles", "--create", "alprd.conf")
        self.container.write(f"/etc/systemd/system/{UNIT}.d/pty.conf", PTY_FOR_A_SERIAL_LINE)
        if not _may_raise_limits():
            for unit in (UNIT, "alprd-hotlist.service"):
                self.container.write(f"/etc/systemd/system/{unit}.d/locking.conf", LOCKING)
        run("systemctl", "daemon-reload")

    def _provision(self) -> None:
        run = self.container.run
        as_unit = ("runuser", "-u", "alprd", "--")
        office, ctl = f"{BIN}/alpr-office", f"{BIN}/alprctl"
        run(office, "init", OFFICE)
        run("install", "-o", "alprd", "-m", "600", f"{OFFICE}/office.root", f"{STATE}/office.root")
        keys = ("--unit", "car-12", "--office", f"{STATE}/office.root", "--out", f"{STATE}/unit.pub")
        run(*as_unit, ctl, "provision", *keys)
        run(office, "unit", "enrol", OFFICE, f"{STATE}/unit.pub")
        run(*as_unit, ctl, "pair", "--out", f"{STATE}/copy.key")
        run("mv", f"{STATE}/copy.key", "/root/dash.key")
        self.container.write(f"{STATE}/undertaking.txt", "I have read the policy.\n")
        trained = f"--trained-until {_days_from_now(40)} --undertaking {STATE}/undertaking.txt"
        run("sh", "-c", f"echo 2468 | {office} officer add {OFFICE} 4711 {trained} --out {STATE}/officers")
        run(office, "officer", "approve", f"{OFFICE}.approver", f"{STATE}/officers")
        run("chown", "alprd:", f"{STATE}/officers")
        run(*as_unit, ctl, "officer", "install", f"{STATE}/officers")
        self._make_vault()
        run("mkdir", "/root/stick")
        self.publish()
        run("cp", "-r", "/root/stick", f"{STATE}/stick")
        run("chown", "-R", "alprd:", f"{STATE}/stick")
        run(*as_unit, ctl, "hotlist", "install", f"{STATE}/stick")
        self.container.write("/etc/alprd/alprd.yaml", SETTINGS)

    def publish(self) -> None:
        """Build the list of what the vault holds, have it approved, and put it on the stick."""
        run, office, blob = self.container.run, f"{BIN}/alpr-office", "/root/new.hotlist"
        run(office, "release", "build", OFFICE, "--days", "2", "--out", blob, *ME)
        run(office, "release", "approve", f"{OFFICE}.approver", blob)
        run(office, "release", "publish", OFFICE, blob, "--to", "/root/stick")

    def _make_vault(self) -> None:
        run, office = self.container.run, f"{BIN}/alpr-office"
        self.container.write("/root/passphrase", "four words of mine\n")
        run("chmod", "600", "/root/passphrase")
        card = ("--name", "Ada Roy", "--badge", "C-17", "--card", "/root/ada.card")
        run(office, "person", "create", *ME, *card)
        run(office, "vault", "init", OFFICE, *ME)
        agreement = (
            *(
                "--agency",
                "Test agency",
                "--authority",
                "Test law",
                "--categories",
                ",".join(shared(CLOSED_SET)),
            ),
            *("--starts", _days_from_now(-1), "--ends", _days_from_now(40)),
            *("--contact-name", "Kim Park", "--contact", "416-555-0100"),
        )
        run(office, "agreement", "set", OFFICE, "test", *agreement, *ME)
        feed = ("test", "/opt/payload/list.csv", "--mapping", "/opt/payload/mapping.yaml")
        run(office, "feed", "import", OFFICE, *feed, *ME)

    def _plug_in(self) -> None:
        run = self.container.run
        python = f"{BIN}/python"
        service = ("systemd-run", "--quiet", "--collect", "--property=User=root")
        feed = (python, "/opt/sim/camera_feed.py", "/opt/drive", CAMERA, str(FRAMES_PER_SECOND))
        run(*service, "--unit=camera", *feed)
        run(
            *service,
            "--unit=dash",
            python,
            "/opt/sim/answering_dash.py",
            "/dev/alprd-dash",
            DASH_STATE,
            "/root/dash.key",
        )
        run(*service, "--unit=receiver", python, "-u", "/opt/sim/gps_receiver.py", "43.6532", "-79.3832")
        wait_for("the dash is plugged in", lambda: run("sh", "-c", f"test -s {DASH_STATE} && echo yes || :"))
        wait_for("the receiver is plugged in", lambda: "/dev/pts/" in self.container.journal("receiver"))
        line = next(w for w in self.container.journal("receiver").split() if w.startswith("/dev/pts/"))
        run("chmod", "666", line)
        run("ln", "-s", line, "/dev/alprd-gps")
        gpsd = 'DEVICES="/dev/alprd-gps"\nGPSD_OPTIONS="-n"\nUSBAUTO="false"\n'
        self.container.write("/etc/default/gpsd", gpsd)
        run("systemctl", "restart", "gpsd.socket", "gpsd.service")


def _days_from_now(days: int) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() + days * 86_400))


def _may_raise_limits() -> bool:
    for line in Path("/proc/self/status").read_text("utf-8").splitlines():
        if line.startswith("CapEff:"):
            return bool(int(line.split()[1], 16) & _SYS_RESOURCE)
    return False

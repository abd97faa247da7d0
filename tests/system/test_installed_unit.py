"""The real daemon under a real systemd, from READY to a sealed record, and what happens when it fails."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from typing import TYPE_CHECKING

import pytest

from alprd.vision.litert import installed_runtimes
from tests.system.container import wait_for
from tests.system.installed import ME, OFFICE, STATE, UNIT

if TYPE_CHECKING:
    from tests.system.installed import InstalledUnit

pytestmark = [pytest.mark.system, pytest.mark.slow]


def proc(unit: InstalledUnit, name: str) -> str:
    """Return a file of the daemon's folder in /proc, as this machine sees it."""
    pid = unit.container.pid_here(UNIT)
    with open(f"/proc/{pid}/{name}", encoding="utf-8") as file:  # noqa: PTH123 - no path to keep
        return file.read()


def test_the_unit_says_ready_and_what_it_does(unit: InstalledUnit) -> None:
    unit.start()
    assert unit.show("ActiveState") == "active"
    wait_for("frames move", lambda: re.search(r"[1-9]\d* frames, .* dash up", unit.show("StatusText")))
    assert unit.show("WatchdogUSec") == "5s"


def test_every_listed_plate_is_confirmed_and_sealed_once(unit: InstalledUnit) -> None:
    wanted = len(unit.listed)

    def is_through() -> bool:
        return int(unit.dash()["outcomes"].get("SEALED", 0)) >= wanted

    wait_for("each listed plate was confirmed and sealed", is_through, timeout_s=120)
    assert unit.dash()["shown"] == wanted
    records = unit.evidence()
    assert sorted(record["plate"] for record in records) == sorted(unit.listed)


def test_a_sealed_record_says_who_where_and_when(unit: InstalledUnit) -> None:
    records = unit.evidence()
    assert {(r["unit"], r["badge"], r["verdict"]) for r in records} == {("car-12", "4711", "CONFIRMED")}
    placed = [record["place"] for record in records if record["place"] is not None]
    assert placed, "gpsd had a fix for minutes"
    for place in placed:
        assert place["latitude_deg"] == pytest.approx(43.6532, abs=0.01)
        assert place["longitude_deg"] == pytest.approx(-79.3832, abs=0.1)
    # The clock is believed after some fixes that agree; the first alert may come before.
    assert records[-1]["confirmed_clock"] == "GPS"


def test_no_plate_is_in_the_log_or_on_disk(unit: InstalledUnit) -> None:
    texts = {vehicle.spec.text for vehicle in unit.script.vehicles}
    log = unit.journal()
    assert log
    assert [text for text in texts if text in log] == []
    patterns = "|".join(sorted(texts))
    places = (STATE, "/run/alprd", "/tmp", "/var/tmp", "/var/log")  # noqa: S108 - where it must not be
    found = unit.container.run("grep", "-rlaE", patterns, *places, check=False)
    assert found == ""
    searched = unit.container.run("grep", "-rlaE", patterns, "/opt/payload/list.csv")
    assert searched, "the search finds nothing even where the plates are"


def test_the_audit_log_and_the_ledger_of_the_installed_unit_are_whole(unit: InstalledUnit) -> None:
    verified = unit.container.run("/opt/alprd/bin/alprctl", "audit", "verify", "--journal", UNIT)
    assert re.search(r"whole: [1-9]\d+ records of car-12, [1-9]\d+ known heads fit", verified), verified
    ledger = f"{STATE}/conservation/conservation.chain"
    said = unit.container.run(
        "/opt/alprd/bin/alprctl", "ledger", "totals", ledger, "--unit", f"{STATE}/unit.pub"
    )
    totals = json.loads(said)
    assert len(unit.listed) <= totals["sealed"] + totals["sealed_uncounted"] <= len(unit.evidence())
    assert totals["frames"] == totals["wiped"] > 0


def test_the_daemon_has_no_network_port_and_one_local_socket(unit: InstalledUnit) -> None:
    listening = unit.container.run("ss", "--listening", "--tcp", "--udp", "--numeric", "--processes")
    assert "gpsd" in listening or ":2947" in listening, "the look at the ports sees nothing"
    assert "alprd" not in listening
    inside = unit.show("MainPID")
    assert f"pid={inside}," not in listening
    local = unit.container.run("ss", "--listening", "--unix", "--processes")
    assert [line.split()[4] for line in local.splitlines() if f"pid={inside}," in line] == [
        "/run/alprd/control.sock"
    ]


def test_the_daemon_runs_as_nobody_else_and_leaves_no_core(unit: InstalledUnit) -> None:
    limits = proc(unit, "limits")
    assert re.search(r"Max core file size\s+0\s+0\s", limits), limits
    status = dict(line.split(":", 1) for line in proc(unit, "status").splitlines())
    assert status["NoNewPrivs"].strip() == "1"
    assert status["Seccomp"].strip() == "2", "no system call filter"
    only_locking = 1 << 14
    assert int(status["CapEff"], 16) & ~only_locking == 0
    assert int(status["VmLck"].split()[0]) > 1000, "frames are not locked"
    user = unit.container.run("id", "--user", "alprd").strip()
    assert status["Uid"].split()[0] == user != "0"


def test_the_technician_can_ask_for_the_state(unit: InstalledUnit) -> None:
    said = unit.container.run("/opt/alprd/bin/alprctl", "status")
    assert re.search(r"^frames +[1-9]", said, re.MULTILINE), said


def test_a_reload_takes_up_the_list_without_a_restart(unit: InstalledUnit) -> None:
    process = unit.show("MainPID")
    unit.container.run("systemctl", "reload", UNIT)
    wait_for("frames move on", lambda: re.search(r"[1-9]\d* frames, .* dash up", unit.show("StatusText")))
    assert unit.show("MainPID") == process
    assert "refused" not in unit.journal()


def test_a_list_in_the_drop_folder_is_taken_up_by_itself(unit: InstalledUnit) -> None:
    run = unit.container.run

    def sequence() -> int:
        return int(json.loads(run("/opt/alprd/bin/alprctl", "status", "--json"))["list_sequence"])

    assert sequence() == 1
    process = unit.show("MainPID")
    run("systemctl", "enable", "--now", "alprd-hotlist.path")
    unit.publish()
    incoming = f"{STATE}/incoming"
    # The index first: a transfer under way is no installation, and nothing is lost by it.
    for name in ("index.txt", "list-0000000002.hotlist"):
        run("install", "-o", "alprd", "-g", "alprd", "-m", "600", f"/root/stick/{name}", incoming)
    wait_for("the daemon has the list", lambda: sequence() == 2, timeout_s=90)
    assert unit.show("MainPID") == process, "it went on without a restart"
    said = unit.container.journal("alprd-hotlist.service")
    assert "installed: list 2, " in said
    assert "the daemon takes it up" in said
    told = run("find", f"{STATE}/outgoing", "-name", "*.ack", "-printf", "%f\n").split()
    assert sorted(told) == ["car-12-0000000001.ack", "car-12-0000000002.ack"]
    taken = run("/opt/alprd/bin/alpr-office", "acks", "take", OFFICE, f"{STATE}/outgoing", *ME)
    assert taken == "2 acknowledgements taken, 0 known already, 0 refused\n"


@pytest.mark.parametrize("runtime", installed_runtimes())
def test_each_runtime_works_without_memory_that_is_written_and_run(unit: InstalledUnit, runtime: str) -> None:
    program = (
        "from alprd.vision.litert import Model, default_folder\n"
        f"model = Model.open(default_folder('detector'), {runtime!r}, 1)\n"
        "model.invoke()\n"
        "print(model.runtime)"
    )
    guarded = ("systemd-run", "--quiet", "--wait", "--pipe", "--property=MemoryDenyWriteExecute=yes")
    assert unit.container.run(*guarded, "/opt/alprd/bin/python", "-c", program).strip() == runtime


def test_memory_that_is_written_and_run_is_refused(unit: InstalledUnit) -> None:
    program = "import mmap; mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)"
    python = ("/opt/alprd/bin/python", "-c", f"{program}; print('given')")
    guarded = ("systemd-run", "--quiet", "--wait", "--pipe", "--property=MemoryDenyWriteExecute=yes")
    assert unit.container.run(*python).strip() == "given"
    assert unit.container.run(*guarded, *python, check=False) == ""


def test_a_stopped_daemon_is_restarted_by_the_watchdog(unit: InstalledUnit) -> None:
    before = unit.restarts()
    os.kill(unit.container.pid_here(UNIT), signal.SIGSTOP)
    wait_for("the watchdog restarts the unit", lambda: unit.restarts() > before, timeout_s=30)
    wait_for("it is READY again", lambda: unit.show("ActiveState") == "active")
    assert "watchdog" in unit.journal().lower()


def test_a_camera_that_hangs_is_noticed_and_found_again(unit: InstalledUnit) -> None:
    wait_for("frames move", lambda: re.search(r"[1-9]\d* frames", unit.show("StatusText")))
    before = unit.restarts()
    unit.container.run("systemctl", "kill", "--signal=STOP", "camera")
    wait_for("the watchdog notices", lambda: unit.restarts() > before, timeout_s=30)
    unit.container.run("systemctl", "kill", "--signal=CONT", "camera")
    wait_for("it is READY again", lambda: unit.show("ActiveState") == "active")
    wait_for("frames move", lambda: re.search(r"[1-9]\d* frames", unit.show("StatusText")))


def test_a_crash_leaves_no_core_and_is_restarted(unit: InstalledUnit) -> None:
    before = unit.restarts()
    unit.container.run("systemctl", "kill", "--kill-whom=main", "--signal=SEGV", UNIT)
    wait_for("systemd restarts the unit", lambda: unit.restarts() > before, timeout_s=30)
    wait_for("it is READY again", lambda: unit.show("ActiveState") == "active")
    cores = unit.container.run("find", "/", "-xdev", "-name", "core*", "-type", "f", "-size", "+1M")
    assert cores == ""


def test_sigterm_wipes_and_stops_within_two_seconds(unit: InstalledUnit) -> None:
    wait_for("frames move", lambda: re.search(r"[1-9]\d* frames", unit.show("StatusText")))
    began = time.monotonic()
    unit.container.run("systemctl", "stop", UNIT)
    took_s = time.monotonic() - began
    # After TimeoutStopSec=2s systemd would have killed it, and the result would be "timeout".
    assert unit.show("Result") == "success", f"{took_s:.2f} s"
    assert unit.show("ExecMainStatus") == "0"
    frames, wiped = re.findall(r"stopped after (\d+) frames, (\d+) wiped", unit.journal())[-1]
    assert int(frames) == int(wiped) > 0
    assert unit.container.run("ls", "/run/alprd", check=False) == ""


def test_sigterm_is_heard_while_the_camera_hangs(unit: InstalledUnit) -> None:
    unit.start()
    wait_for("frames move", lambda: re.search(r"[1-9]\d* frames", unit.show("StatusText")))
    unit.container.run("systemctl", "kill", "--signal=STOP", "camera")
    unit.container.run("systemctl", "stop", UNIT)
    unit.container.run("systemctl", "kill", "--signal=CONT", "camera")
    assert unit.show("Result") == "success"


def test_a_unit_without_its_keys_says_the_next_step(unit: InstalledUnit) -> None:
    unit.container.run("mv", f"{STATE}/keys", f"{STATE}/keys.away")
    unit.container.run("systemctl", "start", UNIT, check=False)
    wait_for("the unit fails", lambda: unit.show("ExecMainStatus") == "15")
    unit.container.run("systemctl", "stop", UNIT)
    assert "alprctl provision" in unit.journal()
    unit.container.run("mv", f"{STATE}/keys.away", f"{STATE}/keys")

"""From ``alpr-office release publish`` to ``alprctl hotlist install FOLDER``: exact output, and cuts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alprd.control.status import ControlServer
from alprd.hotlist.disk import DELTA_FILE, LIST_FILE
from tests.cli.test_office_vault import CASE
from tests.sim.office_desk import Desk

if TYPE_CHECKING:
    from pathlib import Path

DRAFT_FIRST = "next: The second approver runs `alpr-office release approve DIR list`.\n"


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(tmp_path, capsys, monkeypatch)
    desk.add_unit("car-1")
    (tmp_path / "stick").mkdir()
    desk.run("entry", "add", *CASE)
    return desk


def publish(desk: Desk, *files: object) -> tuple[int, str, str]:
    return desk.office("release", "publish", *files, "--to", desk.folder / "stick")


def make(desk: Desk, verb: str) -> Path:
    out = desk.folder / "list"
    assert desk.run("release", verb, "--days", "2", "--out", out)[0] == 0
    return out


def published(desk: Desk, verb: str) -> Path:
    file = make(desk, verb)
    desk.approve(file)
    assert publish(desk, file)[0] == 0
    return file


def install(desk: Desk) -> tuple[int, str, str]:
    return desk.unit("car-1", "hotlist", "install", desk.folder / "stick")


def test_a_list_is_published_once_two_have_approved_it(desk: Desk) -> None:
    file = make(desk, "build")
    assert publish(desk, file) == (
        35,
        "",
        "alprd error: list is a draft: 1 of 2 approvals\n" + DRAFT_FIRST,
    )
    desk.approve(file)
    assert publish(desk, file) == (
        0,
        (
            "stick holds:\n"
            f"    list-0000000001.hotlist  whole list, {file.stat().st_size} bytes\n"
            "next: on each unit `alprctl hotlist install stick`, or copy all into its drop folder\n"
        ),
        "",
    )
    file = published(desk, "delta")
    assert publish(desk, file)[1].splitlines()[2] == (
        f"    delta-0000000002.hotlist  delta on list 1, {file.stat().st_size} bytes"
    )


def test_a_unit_takes_the_whole_list_then_the_delta_then_nothing(desk: Desk) -> None:
    published(desk, "build")
    desk.run("entry", "remove", "M1", "--why", "found to be wrong")
    published(desk, "delta")
    said = (
        "installed: list {}, {} entries, made 0 h ago, expires in 48 h\n"
        "acknowledged in car-1/outgoing/car-1-000000000{}.ack\n"
        "the daemon does not run; it takes the list up when it starts\n"
    )
    assert install(desk) == (0, said.format(1, 1, 1) + said.format(2, 0, 2), "")
    assert install(desk) == (0, "nothing newer than list 2 is in stick\n", "")
    names = {path.name for path in (desk.folder / "car-1/hotlist").iterdir()}
    assert {LIST_FILE, DELTA_FILE} <= names
    assert not [name for name in names if name.startswith("fetch-")]
    assert desk.run("acks", "take", desk.folder / "car-1/outgoing")[1].startswith("2 acknowledgements taken")


def test_a_copy_that_is_cut_installs_nothing_and_goes_on(desk: Desk) -> None:
    published(desk, "build")
    assert install(desk)[0] == 0
    published(desk, "build")
    there = desk.folder / "stick/list-0000000002.hotlist"
    whole = there.read_bytes()
    there.write_bytes(whole[:100])
    assert install(desk) == (
        23,
        "",
        (
            f"alprd error: stick/list-0000000002.hotlist: 100 of {len(whole)} bytes have come: "
            "the file ends there\nnext: Run the same command again: it goes on where it ended.\n"
        ),
    )
    assert desk.unit("car-1", "hotlist", "show")[1].startswith("list 1, ")
    there.write_bytes(bytes(100) + whole[100:])
    assert install(desk)[1].startswith("installed: list 2, ")


def test_a_list_that_was_altered_in_the_folder_is_refused(desk: Desk) -> None:
    published(desk, "build")
    there = desk.folder / "stick/list-0000000001.hotlist"
    there.write_bytes(there.read_bytes()[:-1] + b"\x01")
    code, out, err = install(desk)
    assert (code, out) == (32, "")
    assert err.startswith(
        "alprd error: stick/list-0000000001.hotlist is not the file that the folder's index"
    )
    assert [path.name for path in (desk.folder / "car-1/hotlist").iterdir()] == []


def test_an_index_that_promises_more_than_its_list_ends_all_the_same(desk: Desk) -> None:
    file = published(desk, "build")
    index = desk.folder / "stick/index.txt"
    index.write_text(index.read_text().replace("0000000001.hotlist 1 0", "0000000099.hotlist 99 0"))
    (desk.folder / "stick/list-0000000099.hotlist").write_bytes(file.read_bytes())
    code, out, _ = install(desk)
    assert (code, out.count("installed: list 1, ")) == (0, 1)


def test_a_running_daemon_is_asked_to_take_the_list_up(desk: Desk) -> None:
    asked: list[int] = []
    socket = desk.folder / "control.sock"
    server = ControlServer(socket, dict, lambda: asked.append(1))
    server.start()
    file = published(desk, "build")
    code, out, _ = desk.unit("car-1", "hotlist", "install", file, "--socket", socket)
    server.stop()
    assert (code, out.splitlines()[-1], asked) == (0, "the daemon takes it up", [1])

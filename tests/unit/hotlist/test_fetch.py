"""A list comes over a bad link whole or not at all, and a copy that was cut goes on where it ended."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from alprd.errors import HotlistFormatError, HotlistTrustError, StorageError
from alprd.hotlist.fetch import CHUNK_BYTES, fetch, forget_parts, read_folder
from alprd.hotlist.published import INDEX_FILE, Published, pack_index
from tests.gates.tools import ROOT

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = bytes(range(256)) * (CHUNK_BYTES // 100)
ONE = Published(
    sequence=5, base=0, size=len(CONTENT), digest=hashlib.blake2b(CONTENT, digest_size=32).digest()
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    (folder / INDEX_FILE).write_bytes(pack_index([ONE]))
    (folder / ONE.file).write_bytes(CONTENT)
    (tmp_path / "unit").mkdir()
    return folder


def test_a_whole_copy_is_the_file(folder: Path, tmp_path: Path) -> None:
    assert read_folder(folder) == (ONE,)
    assert len(CONTENT) > 2 * CHUNK_BYTES
    copy = fetch(folder, ONE, tmp_path / "unit")
    assert copy.read_bytes() == CONTENT
    assert copy.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("cut", [0, 1, CHUNK_BYTES, len(CONTENT) - 1])
def test_a_copy_that_was_cut_goes_on_where_it_ended(folder: Path, tmp_path: Path, cut: int) -> None:
    source, unit = folder / ONE.file, tmp_path / "unit"
    source.write_bytes(CONTENT[:cut])
    with pytest.raises(StorageError, match=f"{cut} of {len(CONTENT)} bytes have come"):
        fetch(folder, ONE, unit)
    # What has come is not read again: the source's first part is gone now.
    source.write_bytes(bytes(cut) + CONTENT[cut:])
    assert fetch(folder, ONE, unit).read_bytes() == CONTENT


def test_a_link_that_is_gone_says_how_far_it_came(folder: Path, tmp_path: Path) -> None:
    (folder / ONE.file).unlink()
    with pytest.raises(StorageError, match=f"0 of {len(CONTENT)} bytes have come: No such file"):
        fetch(folder, ONE, tmp_path / "unit")
    (folder / ONE.file).mkdir()
    with pytest.raises(StorageError, match="Is a directory"):
        fetch(folder, ONE, tmp_path / "unit")


@pytest.mark.parametrize("place", [0, CHUNK_BYTES, len(CONTENT) - 1])
def test_a_copy_that_differs_is_thrown_away(folder: Path, tmp_path: Path, place: int) -> None:
    altered = bytearray(CONTENT)
    altered[place] ^= 1
    (folder / ONE.file).write_bytes(altered)
    with pytest.raises(HotlistTrustError, match="is not the file that the folder's index says"):
        fetch(folder, ONE, tmp_path / "unit")
    assert list((tmp_path / "unit").iterdir()) == []


def test_another_files_part_is_never_continued(folder: Path, tmp_path: Path) -> None:
    unit = tmp_path / "unit"
    other = unit / "fetch-00112233445566778899aabbccddeeff.part"
    other.write_bytes(b"of another list")
    (unit / "current.hotlist").write_bytes(b"in force")
    assert fetch(folder, ONE, unit).read_bytes() == CONTENT
    assert not other.exists()
    forget_parts(unit)
    assert [path.name for path in unit.iterdir()] == ["current.hotlist"]


def test_a_part_that_is_too_long_is_thrown_away(folder: Path, tmp_path: Path) -> None:
    part = fetch(folder, ONE, tmp_path / "unit")
    with part.open("ab") as file:
        file.write(b"x")
    with pytest.raises(HotlistTrustError):
        fetch(folder, ONE, tmp_path / "unit")
    assert fetch(folder, ONE, tmp_path / "unit").read_bytes() == CONTENT


def test_a_part_that_is_a_link_is_not_followed(folder: Path, tmp_path: Path) -> None:
    unit, victim = tmp_path / "unit", tmp_path / "victim"
    victim.write_bytes(b"mine")
    (unit / f"fetch-{ONE.digest.hex()[:32]}.part").symlink_to(victim)
    with pytest.raises(StorageError, match="symbolic links"):
        fetch(folder, ONE, unit)
    assert victim.read_bytes() == b"mine"


def test_a_folder_without_an_index_says_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"index\.txt cannot be read") as refusal:
        read_folder(tmp_path)
    assert "alpr-office release publish" in refusal.value.next_step
    (tmp_path / INDEX_FILE).write_bytes(b"?")
    with pytest.raises(HotlistFormatError):
        read_folder(tmp_path)


def test_a_copy_killed_at_any_moment_goes_on(folder: Path, tmp_path: Path) -> None:
    program = (
        "import sys, os\n"
        "from pathlib import Path\n"
        "from alprd.hotlist import fetch\n"
        "from alprd.hotlist.fetch import read_folder\n"
        "left = int(sys.argv[3])\n"
        "def watch(frame, event, called):\n"
        "    global left\n"
        "    if event == 'c_call' and called.__name__ in {'read', 'write', 'fsync', 'flush'}:\n"
        "        left -= 1\n"
        "        if left == 0: os._exit(77)\n"
        "(one,) = read_folder(Path(sys.argv[1]))\n"
        "sys.setprofile(watch)\n"
        "fetch.fetch(Path(sys.argv[1]), one, Path(sys.argv[2]))\n"
        "sys.setprofile(None)\n"
    )
    unit, killed, sizes = tmp_path / "unit", 0, []
    for calls in range(1, 40):
        done = subprocess.run(
            [sys.executable, "-c", program, str(folder), str(unit), str(calls)], cwd=ROOT, check=False
        )
        sizes.append(sum(path.stat().st_size for path in unit.iterdir()))
        if done.returncode == 0:
            break
        assert done.returncode == 77
        killed += 1
    assert killed >= 3, "the program was cut nowhere"
    assert sizes == sorted(sizes), "a cut copy lost ground"
    assert fetch(folder, ONE, unit).read_bytes() == CONTENT

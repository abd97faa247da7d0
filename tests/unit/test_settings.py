from __future__ import annotations

import re
from pathlib import Path

import pytest

import alprd
from alprd.errors import SettingsError
from alprd.settings import MAX_BYTES, Settings, load, parse, reference

DOCS = Path(alprd.__file__).parent / "docs"


def test_an_empty_file_gives_the_defaults() -> None:
    assert parse(b"") == Settings()
    assert parse(b"camera:\n") == Settings()


def test_a_key_is_taken_and_the_rest_keep_their_defaults() -> None:
    settings = parse(b"camera: {source: recorded, path: /drive, fps: 10}\n")
    assert settings.camera.path == "/drive"
    assert settings.camera.fps == 10.0
    assert settings.gps == Settings().gps


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"kamera: {}", "unknown section kamera"),
        (b"camera: {sauce: recorded}", "unknown key camera.sauce"),
        (b"camera: {source: usb}", "camera.source: expected one of"),
        (b"camera: {fps: fast}", "camera.fps: expected float, found str"),
        (b"camera: {fps: .nan}", "camera.fps: expected 0 to 120"),
        (b"camera: {width: 63}", "camera.width: expected 64 to 4096 px"),
        (b"camera: {width: 4097}", "camera.width: expected 64 to 4096 px"),
        (b"vision: {budget_ms: 0}", "vision.budget_ms: expected 1 to 1000 ms, found 0.0 ms"),
        (b"vision: {budget_ms: 1001}", "vision.budget_ms: expected 1 to 1000 ms, found 1001.0 ms"),
        (b"vision: {budget_ms: none}", "vision.budget_ms: expected float, found str"),
        (b"gps: {port: true}", "gps.port: expected int, found bool"),
        (b"camera: {loop: 1}", "camera.loop: expected bool, found int"),
        (b"dash: {baud: 1200}", "dash.baud: expected one of"),
        (b"camera: {ignore: 3}", "camera.ignore: expected a list of at most 16 regions"),
        (b"camera: {ignore: [[[0, 0], [9, 0]]]}", "region 1: expected a list of 3 to 16 corners"),
        (b"camera: {ignore: [[[0, 0], [9, 0], [9, 1.5]]]}", "region 1: expected corners like [640, 120]"),
        (b"camera: {ignore: [[[0, 0], [9, 0], [true, 9]]]}", "region 1: expected corners like [640, 120]"),
        (b"camera: {ignore: [[[0, 0], [9, 0], [9]]]}", "region 1: expected corners like [640, 120]"),
        (b"camera: {ignore: [[[0, 0], [1281, 0], [0, 9]]]}", "within 1280x720 px, found [1281, 0]"),
        (b"camera: {ignore: [[[0, 0], [9, 0], [0, -1]]]}", "within 1280x720 px, found [0, -1]"),
        (b"camera: {ignore: [[[0, 0], [9, 9], [4, 4]]]}", "region 1: its corners span no area"),
        (b"camera: {ignore: [[[0, 0], [9, 0], [0, 9], [9, 9], [3, 20]]]}", "its sides cross or touch"),
        (b"camera: {ignore: [[[0, 0], [9, 0], [9, 9], [4, 0], [0, 9]]]}", "its sides cross or touch"),
        (b"camera: {width: 640, ignore: [[[0, 0], [641, 0], [0, 9]]]}", "within 640x720 px"),
        (b'dash: {port: "a\\0b"}', "dash.port: holds a zero byte"),
        (b"camera: 3", "expected a mapping of names in section camera"),
        (b"- camera", "expected a mapping of names in the file"),
        (b"a: [", "not YAML at line"),
        (b"\xff\xfe\xff", "not"),
        (b"#" * (MAX_BYTES + 1), "larger than"),
        (b"camera: !!python/object:os.system {}", "not YAML"),
    ],
)
def test_bad_settings_name_what_is_wrong(content: bytes, named: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(named)):
        parse(content)


@pytest.mark.parametrize(
    "corners",
    [
        "[0, 0], [1280, 0], [1280, 720]",
        "[0, 0], [9, 0], [9, 9], [5, 4], [0, 9]",
        ", ".join(f"[{x}, {x * x}]" for x in range(16)),
    ],
    ids=["a triangle at the edges", "bent inwards", "sixteen corners"],
)
def test_a_plain_polygon_within_the_frame_is_a_region(corners: str) -> None:
    (region,) = parse(f"camera: {{ignore: [[{corners}]]}}".encode()).camera.ignore
    assert str([list(corner) for corner in region]) == f"[{corners}]"


@pytest.mark.parametrize("count", [16, 17])
def test_a_unit_has_at_most_sixteen_regions(count: int) -> None:
    content = f"camera: {{ignore: {[[[0, 0], [9, 0], [9, 9]]] * count}}}".encode()
    if count == 16:
        assert len(parse(content).camera.ignore) == 16
        return
    with pytest.raises(SettingsError, match="at most 16 regions"):
        parse(content)


@pytest.mark.parametrize("width", [64, 4096])
def test_a_limit_itself_is_accepted(width: int) -> None:
    assert parse(f"camera: {{width: {width}}}".encode()).camera.width == width


def test_a_missing_file_names_the_path_and_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read") as caught:
        load(tmp_path / "none.yaml")
    assert "alprctl docs settings" in caught.value.next_step


def test_the_settings_page_is_made_from_the_table() -> None:
    assert (DOCS / "settings.md").read_text("utf-8") == reference()

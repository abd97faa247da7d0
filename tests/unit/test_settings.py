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
        (b"gps: {port: true}", "gps.port: expected int, found bool"),
        (b"camera: {loop: 1}", "camera.loop: expected bool, found int"),
        (b"dash: {baud: 1200}", "dash.baud: expected one of"),
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


@pytest.mark.parametrize("width", [64, 4096])
def test_a_limit_itself_is_accepted(width: int) -> None:
    assert parse(f"camera: {{width: {width}}}".encode()).camera.width == width


def test_a_missing_file_names_the_path_and_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read") as caught:
        load(tmp_path / "none.yaml")
    assert "alprctl docs settings" in caught.value.next_step


def test_the_settings_page_is_made_from_the_table() -> None:
    assert (DOCS / "settings.md").read_text("utf-8") == reference()

"""What a demonstration shows to the unit: the rendered drive, or the person's own pictures, and a list."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PIL import Image, UnidentifiedImageError

from alprd.camera.still import SUFFIXES
from alprd.demo.drive import DEFAULT_SEED, FULL_DRIVE, DriveScript
from alprd.demo.office import list_rows, write_rows
from alprd.demo.render import cache_folder, render_drive
from alprd.demo.scene import HEIGHT, WIDTH
from alprd.errors import OfficeInputError, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_VIDEO_SIZE: Final = (1920, 1080)
_MOST_PX: Final = 4096
_PROGRESS_FRAMES: Final = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    """What a demonstration is asked for. ``keep`` is an empty or new folder that is left behind.

    ``drive_folder`` is where the rendered drive is kept, None for the usual cache.
    """

    headless: bool = False
    pictures: Path | None = None
    list_file: Path | None = None
    seed: int = DEFAULT_SEED
    frames: int = FULL_DRIVE
    runtime: str = "auto"
    keep: Path | None = None
    drive_folder: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What is shown: ``source`` (a folder or video), its largest ``size`` (width, height) px, and the list.

    ``listed`` are the plates of the drive that must be alerted, and ``frames`` how many it has; both are
    None for a person's own pictures, of which nobody knows the truth.
    """

    source: Path
    size: tuple[int, int]
    list_file: Path
    listed: frozenset[str] | None = None
    frames: int | None = None


def prepare(options: DemoOptions, folder: Path, say: Callable[[str], None]) -> Material:
    """Render the drive or measure the pictures, and write the list into ``folder`` where none is given.

    Raises `OfficeInputError` for pictures that are not there, `StorageError` when the drive cannot be kept.
    """
    if options.pictures is not None:
        return _of_pictures(options.pictures, options, folder, say)
    script = DriveScript(options.seed, options.frames)
    drive = options.drive_folder or cache_folder(options.seed, options.frames)
    say(f"the drive: {script.frames} frames; every street, vehicle and plate in it is invented")
    began = time.monotonic()

    def progress(done: int, count: int) -> None:
        if done % _PROGRESS_FRAMES == 0 or done == count:
            say(f"drawing the drive, once: {done} of {count} frames, {time.monotonic() - began:.0f} s")

    try:
        render_drive(drive, script, progress)
    except OSError as error:
        raise StorageError(
            f"the drive cannot be kept in {drive}: {error.strerror}",
            hint="Free some space, or set XDG_CACHE_HOME to a folder that can be written.",
        ) from None
    texts = script.listed_texts()
    csv_file = folder / "list.csv"
    everyone = (vehicle.spec.text for vehicle in script.vehicles)
    write_rows(csv_file, list_rows(texts.items(), everyone, options.seed, script.listed_vehicles()))
    return Material(
        source=drive,
        size=(WIDTH, HEIGHT),
        list_file=csv_file,
        listed=frozenset(texts),
        frames=script.frames,
    )


def _of_pictures(pictures: Path, options: DemoOptions, folder: Path, say: Callable[[str], None]) -> Material:
    size = largest(pictures)
    if options.list_file is not None:
        return Material(source=pictures.resolve(), size=size, list_file=options.list_file)
    say("no --list FILE.csv given: the list holds random plates only, so an alert is most unlikely")
    csv_file = folder / "list.csv"
    write_rows(csv_file, list_rows((), (), options.seed))
    return Material(source=pictures.resolve(), size=size, list_file=csv_file)


def largest(pictures: Path) -> tuple[int, int]:
    """Return the width and height that hold every picture of a folder, and no less than 64 px.

    A file that is no picture counts as a video of 1920 x 1080 px at most. Unreadable pictures are left
    to the daemon, which skips and counts them. Raises `OfficeInputError` when nothing is there.
    """
    if not pictures.exists():
        raise OfficeInputError(f"{pictures} is not there", hint="Name a folder of pictures, or a video.")
    if pictures.is_file() and pictures.suffix.lower() not in SUFFIXES:
        return _VIDEO_SIZE
    files = sorted(pictures.iterdir()) if pictures.is_dir() else [pictures]
    files = [file for file in files if file.suffix.lower() in SUFFIXES]
    if not files:
        raise OfficeInputError(
            f"{pictures} holds no picture", hint=f"Pictures end in {', '.join(sorted(SUFFIXES))}."
        )
    width = height = 64
    for file in files:
        try:
            with Image.open(file) as image:
                wide, tall = image.size
        except (OSError, UnidentifiedImageError, Image.DecompressionBombError):
            continue
        if max(wide, tall) <= _MOST_PX:
            width, height = max(width, wide), max(height, tall)
    return width, height

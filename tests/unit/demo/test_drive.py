"""The rendered drive: its script, its truth and its pictures."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from alprd.demo.drive import LISTED, DriveScript, truth_of
from alprd.demo.render import DriveRenderer, render_drive
from alprd.demo.scene import HEIGHT, WIDTH

if TYPE_CHECKING:
    from pathlib import Path

SEED = 5


@pytest.fixture(scope="module")
def script() -> DriveScript:
    return DriveScript(SEED)


@pytest.fixture(scope="module")
def short() -> DriveScript:
    return DriveScript(SEED, frames=60)


def test_the_same_seed_gives_the_same_truth(short: DriveScript) -> None:
    assert truth_of(DriveScript(SEED, frames=60)) == truth_of(short)


def test_another_seed_gives_other_plates(short: DriveScript) -> None:
    other = DriveScript(SEED + 1, frames=60)
    assert {v.spec.text for v in other.vehicles}.isdisjoint({v.spec.text for v in short.vehicles})


def test_the_same_seed_gives_the_same_pixels_in_any_order(short: DriveScript) -> None:
    first = DriveRenderer(short)
    forward = [first.frame(number) for number in (10, 40)]
    second = DriveRenderer(DriveScript(SEED, frames=60))
    backward = [second.frame(number) for number in (40, 10)]
    assert np.array_equal(forward[0], backward[1])
    assert np.array_equal(forward[1], backward[0])
    assert forward[0].shape == (HEIGHT, WIDTH)


def test_the_full_drive_has_traffic_by_day_and_by_night(script: DriveScript) -> None:
    assert {stretch.night for stretch in script.stretches} == {False, True}
    assert 25 <= len(script.vehicles) <= 45
    assert max(len(script.truth(frame)) for frame in range(script.frames)) >= 6


def test_every_plate_text_is_given_once(script: DriveScript) -> None:
    texts = [vehicle.spec.text for vehicle in script.vehicles]
    assert len(set(texts)) == len(texts)


def test_the_listed_plates_are_readable_and_others_are_too(script: DriveScript) -> None:
    assert len(script.listed) == len(script.listed_texts()) == LISTED
    assert all(script.passes[number].frames >= 7 for number in script.listed)
    readable = {number for number, seen in script.passes.items() if seen.frames >= 7}
    assert readable > script.listed


def test_a_short_drive_has_listed_plates_too() -> None:
    assert len(DriveScript(7, frames=100).listed) >= 4


def test_whole_plates_have_their_corners_in_the_frame_clockwise(script: DriveScript) -> None:
    whole = [p for frame in range(0, script.frames, 5) for p in script.truth(frame) if p.is_whole]
    assert len(whole) > 50
    for plate in whole:
        assert (plate.corners >= 0).all()
        assert (plate.corners <= (WIDTH, HEIGHT)).all()
        (ax, ay), (bx, _), (_, cy), (dx, _) = plate.corners.tolist()
        assert ax < bx
        assert dx < bx
        assert ay < cy


def test_the_widest_passes_reach_a_hundred_pixels(script: DriveScript) -> None:
    assert max(p.width_px for frame in range(script.frames) for p in script.truth(frame) if p.is_whole) > 100


def test_the_plate_is_drawn_where_the_truth_says(script: DriveScript) -> None:
    """By night the sheeting is the brightest thing around: inside the corners is light, around is dark."""
    frame, plate = next(
        (frame, plate)
        for frame in range(script.frames - 1, 0, -1)
        for plate in script.truth(frame)
        if plate.is_whole and plate.width_px > 70 and script.vehicles[plate.vehicle].spec.style == "ontario"
    )
    assert script.stretches[script.stretch_at(frame)].night
    pixels = DriveRenderer(script).frame(frame)
    (left, top), (right, bottom) = plate.corners[0], plate.corners[2]
    inside = pixels[round(top) + 3 : round(bottom) - 3, round(left) + 3 : round(right) - 3]
    above = pixels[round(top) - 7 : round(top) - 3, round(left) + 3 : round(right) - 3]
    assert inside.mean() > 2 * above.mean()


def test_a_vehicle_in_front_hides_the_plate_behind() -> None:
    script = DriveScript(SEED)
    hidden = [p for frame in range(0, script.frames, 3) for p in script.truth(frame) if not p.is_whole]
    inside = [p for p in hidden if (p.corners > 1).all() and (p.corners < (WIDTH - 1, HEIGHT - 1)).all()]
    assert len(inside) > 20


def test_a_finished_drive_is_used_again(tmp_path: Path) -> None:
    script, folder = DriveScript(SEED, frames=40), tmp_path / "cache" / "drive"
    told: list[tuple[int, int]] = []
    render_drive(folder, script, lambda done, count: told.append((done, count)))
    assert told[-1] == (40, 40)
    assert len(list(folder.glob("*.jpg"))) == 40
    assert json.loads((folder / "truth.json").read_bytes()) == truth_of(script)
    render_drive(folder, script, lambda done, count: told.append((done, count)))
    assert len(told) == 40
    assert [path.name for path in folder.parent.iterdir()] == ["drive"]


def test_an_interrupted_drive_leaves_nothing_behind(tmp_path: Path) -> None:
    def interrupt(done: int, _count: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        render_drive(tmp_path / "drive", DriveScript(SEED, frames=40), interrupt)
    assert list(tmp_path.iterdir()) == []


def test_a_drive_of_too_few_frames_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 40"):
        DriveScript(1, frames=39)

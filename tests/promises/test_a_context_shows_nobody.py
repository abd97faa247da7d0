"""No face can be found in a context, wherever a person is and however near, that was there in the frame.

People are drawn, or from pictures that a package ships, and set into frames of the rendered drive: at the
windows, beside the vehicle, and between it and the camera. The face detectors are OpenCV's.
"""

from __future__ import annotations

import functools
import io
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from alprd.office.evidence_words import context_png
from alprd.vision.context import Redactor, _Grid
from tests.sim.people import Head, Scene, drawn_head, faces, faces_in, portrait
from tests.vectors.evidence.generate import WITH_CONTEXT

if TYPE_CHECKING:
    from numpy.typing import NDArray

KINDS = ("sedan", "van")
ELSEWHERE = {
    "at the left window": ((-0.3, -0.75), 1.0),
    "at the right window": ((0.1, -0.8), 1.0),
    "beside the vehicle": ((-1.15, -0.4), 1.0),
}
IN_FRONT = {
    "leaning on it": ((-0.45, 0.0), 1.0),
    "before it": ((-0.5, 0.05), 1.5),
    "half way": ((-0.55, 0.08), 2.0),
    "nearer still": ((-0.6, 0.08), 2.5),
    "as large as the context": ((-0.65, 0.08), 3.0),
}
"""Where a face is, in metres right of and under the plate, and how many times nearer than the vehicle."""
HEADS = {"drawn": drawn_head(), "portrait": portrait()}
SMALLER = 4
MANY = 24


@functools.cache
def scene(kind: str) -> Scene:
    return Scene(3, kind)


def context_of(view: Scene, main: NDArray[np.uint8]) -> NDArray[np.uint8]:
    cells = np.zeros((4, 12), np.uint8)
    Redactor(main.shape[1]).redact(main, view.corners[None], 0, cells)
    assert np.count_nonzero(cells) >= 30, "most of the body is kept: else there is nothing to find"
    return cells


def faces_in_context(cells: NDArray[np.uint8]) -> list[tuple[int, int, int]]:
    """Look for faces in the picture that the office opens, and in a smaller one of it."""
    with Image.open(io.BytesIO(context_png(replace(WITH_CONTEXT, context=cells.tobytes())))) as picture:
        smaller = picture.reduce(SMALLER)
        return [*faces_in(np.asarray(picture)), *faces_in(np.asarray(smaller))]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("where", [*ELSEWHERE, *IN_FRONT])
def test_a_face_that_a_detector_finds_in_the_frame_is_in_no_context(kind: str, head: str, where: str) -> None:
    view, (place_m, closer) = scene(kind), {**ELSEWHERE, **IN_FRONT}[where]
    main = view.with_head(HEADS[head], place_m, closer=closer)
    assert view.is_face_at(main, place_m, closer=closer)
    assert faces_in_context(context_of(view, main)) == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("where", IN_FRONT)
def test_without_the_coarse_cells_the_same_detector_finds_it_in_the_same_place(
    kind: str, head: str, where: str
) -> None:
    view, (place_m, closer) = scene(kind), IN_FRONT[where]
    main = view.with_head(HEADS[head], place_m, closer=closer)
    grid = _Grid.about(view.corners)
    assert grid is not None
    rows, columns = grid.within(*main.shape)
    body = main[
        grid.top + rows.start * grid.tall : grid.top + rows.stop * grid.tall,
        grid.left + columns.start * grid.wide : grid.left + columns.stop * grid.wide,
    ]
    assert faces_in(np.ascontiguousarray(body)), "the cells about the plate hold the face"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("where", ELSEWHERE)
def test_who_is_not_in_front_of_the_body_changes_no_cell(kind: str, head: str, where: str) -> None:
    """Of who stands at the windows or beside the vehicle nothing is in a context: not even a grey."""
    view, (place_m, _) = scene(kind), ELSEWHERE[where]
    alone = context_of(view, view.main)
    changed = context_of(view, view.with_head(_face_alone(HEADS[head]), place_m))
    assert np.array_equal(changed, alone)
    assert not np.array_equal(context_of(view, view.with_head(HEADS[head], (-0.45, 0.0))), alone)


def _face_alone(head: Head) -> Head:
    left, top, side = (round(place) for place in head.face)
    return Head(head.picture[top : top + side, left : left + side], (0, 0, side))


def test_of_many_other_faces_none_is_found() -> None:
    view, (place_m, closer) = scene("sedan"), IN_FRONT["half way"]
    before = after = 0
    for face in faces()[:MANY]:
        main = view.with_head(face, place_m, closer=closer)
        before += view.is_face_at(main, place_m, closer=closer)
        after += len(faces_in_context(context_of(view, main)))
    assert before > MANY // 3
    assert after == 0


def test_two_people_of_whom_each_cell_has_the_same_mean_cannot_be_told_apart() -> None:
    """What is not in a cell's mean is nowhere: the picture within a cell may be another one altogether."""
    view, (place_m, closer) = scene("sedan"), IN_FRONT["half way"]
    main = view.with_head(HEADS["portrait"], place_m, closer=closer)
    grid = _Grid.about(view.corners)
    assert grid is not None
    other = main.copy()
    for top in range(grid.top, grid.top + 4 * grid.tall, grid.tall):
        for left in range(grid.left, grid.left + 12 * grid.wide, grid.wide):
            cell = other[top : top + grid.tall, left : left + grid.wide]
            cell[...] = np.sort(cell.reshape(-1)).reshape(cell.shape)
    assert not view.is_face_at(other, place_m, closer=closer)
    assert np.array_equal(context_of(view, other), context_of(view, main))

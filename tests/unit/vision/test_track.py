"""Which plates of consecutive frames are one plate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from alprd.plates.alphabet import CHARACTERS
from alprd.plates.vote import AlertRule
from alprd.records import MonotonicNs
from alprd.vision.track import LONGEST_NS, MAX_TRACKS, MOST_MISSED, TIME_OUT_NS, Tracks
from tests.sim.reads import DrawnRead, drawn

if TYPE_CHECKING:
    from numpy.typing import NDArray

STEP_NS = 66_000_000
ONE, OTHER = "CKHA482", "BRVN957"
RULE = AlertRule()


def box(x: float, y: float = 300.0, width: float = 100.0) -> NDArray[np.float32]:
    """Corners of a plate with its middle at (x, y)."""
    half, tall = width / 2, width / 4
    return np.array(
        [(x - half, y - tall), (x + half, y - tall), (x + half, y + tall), (x - half, y + tall)], "f4"
    )


class Drive:
    """Tracks, and frame after frame for them."""

    def __init__(self) -> None:
        self.tracks = Tracks()
        self.at = 1

    def frame(
        self, *plates: tuple[str | DrawnRead | None, NDArray[np.float32]], step_ns: int = STEP_NS
    ) -> list[str]:
        """Take a frame with ``plates``, None for one that is not read; return what the vote says of each."""
        self.tracks.wipe_frame()
        self.at += step_ns
        self.tracks.place(np.array([corners for _, corners in plates], np.float32).reshape(-1, 4, 2))
        for i, (said, _) in enumerate(plates):
            if said is not None:
                read = drawn(said) if isinstance(said, str) else said
                self.tracks.add(i, read, read.length)
        count = self.tracks.fuse(MonotonicNs(self.at))
        assert count == len(plates)
        return ["".join(CHARACTERS[c - 1] for c in self.tracks.fused[i].codes if c) for i in range(count)]

    @property
    def votes(self) -> int:
        return int(self.tracks.fused[0].votes[0])


@pytest.fixture
def drive() -> Drive:
    return Drive()


def test_a_plate_that_stands_still_is_one_track(drive: Drive) -> None:
    for _ in range(4):
        assert drive.frame((ONE, box(500))) == [ONE]
    assert (len(drive.tracks), drive.tracks.begun, drive.votes) == (1, 1, 4)


@pytest.mark.parametrize("widths", [0.4, 1.0, 2.5, 3.5])
def test_a_plate_that_moves_by_more_than_its_width_is_one_track(drive: Drive, widths: float) -> None:
    for number in range(4):
        drive.frame((ONE, box(200 + 100 * widths * number)))
    assert (drive.tracks.begun, drive.votes) == (1, 4)


def test_a_plate_is_found_again_where_its_speed_takes_it(drive: Drive) -> None:
    for number in range(3):
        drive.frame((ONE, box(100 + 300 * number)))
    drive.frame()
    drive.frame((ONE, box(100 + 300 * 4)))  # six widths from where it was last
    assert (drive.tracks.begun, drive.votes) == (1, 4)


def test_a_plate_grows_as_it_comes_nearer(drive: Drive) -> None:
    for number in range(6):
        drive.frame((ONE, box(300 + 60 * number, width=40 * 1.3**number)))
    assert (drive.tracks.begun, drive.votes) == (1, 6)


def test_the_same_text_far_away_or_of_another_size_is_another_track(drive: Drive) -> None:
    drive.frame((ONE, box(100)))
    drive.frame((ONE, box(900)))
    drive.frame((ONE, box(900, width=200)))
    assert drive.tracks.begun == 3


def test_two_plates_whose_ways_cross_keep_their_texts(drive: Drive) -> None:
    for number in range(7):
        assert drive.frame((ONE, box(200 + 100 * number)), (OTHER, box(800 - 100 * number))) == [ONE, OTHER]
    assert drive.tracks.begun == 2
    assert [int(fused.votes[0]) for fused in drive.tracks.fused[:2]] == [7, 7]


def test_plates_that_differ_in_one_character_are_told_apart_by_their_places(drive: Drive) -> None:
    for number in range(4):
        plates = (("CKHA482", box(200 + 30 * number)), ("CKHA487", box(450 + 30 * number)))
        assert drive.frame(*plates[:: 1 if number % 2 else -1]) in (
            ["CKHA482", "CKHA487"],
            ["CKHA487", "CKHA482"],
        )
    assert drive.tracks.begun == 2
    assert drive.votes == 4


def test_another_plate_in_the_same_place_is_another_track(drive: Drive) -> None:
    drive.frame((ONE, box(500)))
    assert drive.frame((OTHER, box(500))) == [OTHER]
    assert drive.votes == 1


def test_a_misread_frame_votes_in_the_track_of_its_plate(drive: Drive) -> None:
    drive.frame((ONE, box(500)))
    drive.frame((ONE, box(500)))
    assert drive.frame(("CKHA487", box(500))) == [ONE]
    assert drive.frame(("CKHA42", box(500))) == [ONE]
    assert drive.tracks.begun == 1


def test_a_plate_that_is_found_and_not_read_stays_tracked_and_gets_no_text(drive: Drive) -> None:
    drive.frame((ONE, box(500)))
    for number in range(2 * MOST_MISSED):
        assert drive.frame(("", box(500 + 10 * number))) == [""]
    assert drive.frame((ONE, box(660))) == [ONE]
    assert (drive.tracks.begun, drive.votes) == (1, 2)


def test_a_plate_that_is_not_read_for_want_of_time_stays_tracked_and_is_not_matched(drive: Drive) -> None:
    for _ in range(3):
        drive.frame((ONE, box(500)), (OTHER, box(900)))
    for number in range(2 * MOST_MISSED):
        assert drive.frame((ONE, box(500)), (None, box(900 + 10 * number))) == [ONE, ""]
        assert [drive.tracks.is_matchable(i, RULE) for i in (0, 1)] == [True, False]
        assert not drive.tracks.fused[1].is_certain(RULE)
    assert drive.frame((None, box(500)), (OTHER, box(1060))) == ["", OTHER]
    assert (drive.tracks.begun, int(drive.tracks.fused[1].votes[0])) == (2, 4)


def test_a_plate_of_which_nothing_is_ever_read_has_no_track(drive: Drive) -> None:
    drive.frame(("", box(500)))
    drive.frame(("", box(500)))
    assert len(drive.tracks) == 0


@pytest.mark.parametrize(("missed", "votes"), [(MOST_MISSED - 1, 2), (MOST_MISSED, 1)])
def test_a_track_ends_after_the_frames_that_it_may_miss(drive: Drive, missed: int, votes: int) -> None:
    drive.frame((ONE, box(500)))
    for _ in range(missed):
        drive.frame()
    drive.frame((ONE, box(500)))
    assert drive.votes == votes


@pytest.mark.parametrize(("pause_ns", "votes"), [(TIME_OUT_NS, 2), (TIME_OUT_NS + 1, 1)])
def test_a_track_ends_at_its_time_out(drive: Drive, pause_ns: int, votes: int) -> None:
    drive.frame((ONE, box(500)))
    drive.frame((ONE, box(500)), step_ns=pause_ns)
    assert drive.votes == votes


@pytest.mark.parametrize(("late_ns", "left"), [(TIME_OUT_NS, 1), (TIME_OUT_NS + 1, 0)])
def test_a_track_ends_at_its_time_out_though_no_frame_comes(drive: Drive, late_ns: int, left: int) -> None:
    drive.frame((ONE, box(500)))
    drive.tracks.expire(MonotonicNs(drive.at + late_ns))
    assert len(drive.tracks) == left


def test_a_plate_that_stays_in_view_is_tracked_afresh(drive: Drive) -> None:
    began = drive.at
    while drive.at - began <= LONGEST_NS + 1_800_000_000:
        drive.frame((ONE, box(500)), step_ns=900_000_000)
    assert drive.tracks.begun == 2
    assert drive.votes <= 3


def test_tracks_are_bounded_and_the_longest_unseen_gives_way(drive: Drive) -> None:
    for number in range(MAX_TRACKS // 8):
        plates = tuple(
            (f"{CHARACTERS[10 + i]}{CHARACTERS[10 + number]}XX11", box(600 * i, 300 + 900 * number))
            for i in range(8)
        )
        drive.frame(*plates)
    assert len(drive.tracks) == MAX_TRACKS
    drive.frame((ONE, box(9000)))
    assert len(drive.tracks) == MAX_TRACKS
    assert drive.frame((ONE, box(9000))) == [ONE]
    assert drive.votes == 2
    assert drive.frame(("BBXX11", box(600, 1200))) == ["BBXX11"]
    assert drive.votes == 2, "a track of the newer frame was kept"


def test_a_frame_has_no_more_plates_than_there_are_tracks(drive: Drive) -> None:
    boxes = np.array([box(600 * i) for i in range(MAX_TRACKS + 1)])
    drive.tracks.place(boxes[:MAX_TRACKS])
    with pytest.raises(IndexError):
        drive.tracks.place(boxes)


def test_two_frames_that_agree_are_sure_and_one_is_not(drive: Drive) -> None:
    drive.frame((ONE, box(500)))
    assert not drive.tracks.is_matchable(0, RULE)
    drive.frame((ONE, box(500)))
    assert drive.tracks.is_matchable(0, RULE)


def test_a_frame_that_reads_another_text_is_not_the_one_to_alert_in(drive: Drive) -> None:
    for _ in range(3):
        drive.frame((ONE, box(500)))
    assert drive.frame(("CKHA487", box(500))) == [ONE]
    assert not drive.tracks.is_matchable(0, RULE)


def test_of_two_texts_in_one_place_the_one_with_fewer_votes_waits(drive: Drive) -> None:
    for _ in range(4):
        drive.frame((ONE, box(500)))
    for _ in range(4):
        assert drive.frame((OTHER, box(500))) == [OTHER]
        assert not drive.tracks.is_matchable(0, RULE)
    drive.frame((OTHER, box(500)))
    assert drive.tracks.is_matchable(0, RULE), "it has more votes than the other now"


def test_a_text_waits_no_longer_than_the_other_is_tracked(drive: Drive) -> None:
    for _ in range(50):
        drive.frame((ONE, box(500)))
    for _ in range(MOST_MISSED + 1):
        drive.frame((OTHER, box(500)))
    assert drive.tracks.is_matchable(0, RULE)


def test_stills_wait_for_nobody_where_one_vote_is_enough(drive: Drive) -> None:
    drive.frame((ONE, box(500)))
    drive.frame((OTHER, box(500)))
    assert drive.tracks.is_matchable(0, AlertRule(votes=1))


def test_an_alert_is_noted_for_its_track_and_forgotten_with_it(drive: Drive) -> None:
    drive.frame((ONE, box(500)), (OTHER, box(900)))
    drive.tracks.note_alert(0)
    drive.frame((OTHER, box(900)), (ONE, box(500)))
    assert [drive.tracks.is_alerted(i) for i in (0, 1)] == [False, True]
    drive.frame((ONE, box(500)), step_ns=TIME_OUT_NS + 1)
    assert not drive.tracks.is_alerted(0)


def arrays(tracks: Tracks) -> dict[str, NDArray[Any]]:
    return {
        f"{type(part).__name__}.{name}": value
        for part in (tracks, tracks._votes)
        for name, value in vars(part).items()
        if isinstance(value, np.ndarray)
    }


@pytest.mark.parametrize("end", ["time-out", "missed", "wipe"])
def test_all_memory_of_a_track_is_zero_at_its_end(drive: Drive, end: str) -> None:
    for _ in range(3):
        drive.frame((ONE, box(500)), (OTHER, box(900)))
        drive.tracks.note_alert(1)
    assert sum(array.any() for array in arrays(drive.tracks).values()) > 20
    match end:
        case "time-out":
            drive.tracks.wipe_frame()
            drive.tracks.expire(MonotonicNs(drive.at + TIME_OUT_NS + 1))
        case "missed":
            for _ in range(MOST_MISSED + 1):
                drive.frame()
            drive.tracks.wipe_frame()
        case _:
            drive.tracks.wipe()
    assert [name for name, array in arrays(drive.tracks).items() if array.any()] == []
    assert len(drive.tracks) == 0


def test_after_a_frame_nothing_of_its_reads_is_left_but_the_tracks(drive: Drive) -> None:
    drive.frame((ONE, box(500)))
    drive.tracks.wipe_frame()
    kept = [*drive.tracks._of_tracks, *drive.tracks._votes._of_plates]
    left = {name: array for name, array in arrays(drive.tracks).items() if array.any()}
    assert left
    assert all(any(array is one for one in kept) for array in left.values())


def test_the_memory_of_tracks_is_locked() -> None:
    tracks = Tracks()
    blocks = Path("/proc/self/smaps").read_text("utf-8").split("VmFlags:")
    starts = {}
    for flags_after, block in zip(blocks[1:], blocks, strict=False):
        header = next(
            line for line in block.splitlines() if "-" in line.split(" ")[0] and ":" not in line.split(" ")[0]
        )
        low, high = (int(part, 16) for part in header.split(" ")[0].split("-"))
        starts[low, high] = flags_after.split("\n")[0].split()
    for name, array in arrays(tracks).items():
        place = array.ctypes.data
        flags = next(flags for (low, high), flags in starts.items() if low <= place < high)
        assert {"lo", "dd"} <= set(flags), name

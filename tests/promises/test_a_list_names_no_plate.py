"""The list holds a keyed tag for each plate and no plate; details open with their plate alone."""

from __future__ import annotations

import numpy as np
import pytest

from alprd.errors import HotlistTrustError
from alprd.hotlist.details import Details, Person
from alprd.hotlist.tags import rows_key, tags_of
from alprd.plates.normal import pack, unpack
from tests.unit.hotlist.opening import open_list
from tests.vectors.hotlist.made import TAG_KEY, Made, Row

LISTED = 400
OTHERS = 200_000


def listed_rows() -> tuple[Row, ...]:
    rng = np.random.default_rng(31)
    letters = "ABCEFGHJKLMNPRSTVWXYZ"
    texts = {
        "".join(letters[int(i)] for i in rng.integers(0, len(letters), 4)) + f"{int(rng.integers(1000)):03d}"
        for _ in range(LISTED)
    }
    return tuple((key, 0, 9, 1, 8, 2, 0) for key in sorted(pack(text) for text in texts))


ROWS = listed_rows()
MADE = Made(
    rows=ROWS, details={row: Details(person=Person(name=f"Exemple {row}")) for row in range(len(ROWS))}
)


def test_neither_the_file_nor_the_opened_list_shows_a_plate_or_a_name() -> None:
    data = MADE.data()
    opened = open_list(data).body.data.tobytes()
    for row, (key, *_) in enumerate(ROWS):
        for shown in (data, opened):
            assert unpack(key).encode() not in shown
            assert np.array([key], np.uint64).tobytes() not in shown
            assert f"Exemple {row}".encode() not in shown


def test_without_the_tag_key_trying_every_plate_finds_none() -> None:
    index = open_list(MADE.data())
    bits = index.header.shape.bucket_bits
    sizes = np.diff(index.body.directory.astype(np.int64))
    buckets = np.repeat(np.arange(len(sizes), dtype=np.uint64), sizes)
    stored = (buckets << np.uint64(32)) | index.body.residuals
    rng = np.random.default_rng(32)
    tried = np.concatenate(
        [np.array([row[0] for row in ROWS], np.uint64), rng.integers(1, 37**10, OTHERS, dtype=np.uint64)]
    )
    for guessed in (bytes(16), TAG_KEY[::-1], bytes(index.body.details_key[:16])):
        assert not np.isin(rows_key(tags_of(tried, guessed), bits), stored).any()
    with_it = np.isin(rows_key(tags_of(tried, TAG_KEY), bits), stored)
    assert with_it[: len(ROWS)].all(), "and so the attempt can see"
    assert not with_it[len(ROWS) :].any()


def test_a_name_opens_with_its_plate_and_with_no_other() -> None:
    index = open_list(MADE.data())
    texts = [unpack(key) for key, *_ in ROWS[:20]]
    first = np.zeros(len(texts), np.int64)
    index.find(np.array([row[0] for row in ROWS[:20]], np.uint64), first)
    refused = 0
    for number, row in enumerate(first.tolist()):
        assert index.person(row, texts[number]) == Person(name=f"Exemple {number}")
        for other in texts[:number] + texts[number + 1 :]:
            with pytest.raises(HotlistTrustError, match="does not open with this plate"):
                index.person(row, other)
            refused += 1
    assert refused == 20 * 19

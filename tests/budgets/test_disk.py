"""What is written to the card without a hit: flash wears by it, and a trace could hide in it."""

from __future__ import annotations

from tests.soak import hour

MOST = 200_000


def test_an_hour_without_hits_writes_little() -> None:
    written = hour.write()
    assert written["writes"] >= 6, "the ledger is written every ten minutes"
    assert written["bytes_in_pages"] < MOST

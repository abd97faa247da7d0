"""The conservation ledger: what became of every frame and every hit, minute by minute, in signed counts."""

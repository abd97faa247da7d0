"""The audit log: who did what with the unit, and why, in a signed chain."""

"""Confirmed hits, sealed to the office; the unit cannot open them again."""

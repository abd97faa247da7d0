"""Frames: where they come from, who holds them, and how they are wiped."""

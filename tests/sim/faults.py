"""Programs that plant a fault in the daemon: each goes before the daemon's own."""

from __future__ import annotations

from typing import Final

PROGRAM: Final = "from alprd.cli.alprd import main; import sys; sys.exit(main())"
"""What runs as the daemon: its own command line."""

FAILS_AFTER: Final = """
import importlib
module, kind, name = {stage!r}.split()
kind = getattr(importlib.import_module(module), kind)
whole = getattr(kind, name)
def failing(self, *given, **named):
    whole(self, *given, **named)
    raise RuntimeError
setattr(kind, name, failing)
"""
"""Has a stage do its work and then fail, frame after frame."""

STOPS_WITHIN: Final = """
import os, signal
from alprd.vision.read import Reader
whole = Reader.read
def stopped(self, main, corners):
    length = whole(self, main, corners)
    if length >= 5:
        Reader.read = whole
        os.kill(os.getpid(), signal.SIGSTOP)
    return length
Reader.read = stopped
"""
"""Stops the daemon in the middle of a frame, once, with its pixels and its read in memory."""

STAGES: Final = (
    "alprd.camera.recorded RecordedSource capture",
    "alprd.vision.detect Detector detect",
    "alprd.vision.read Reader read",
    "alprd.vision.track Tracks add",
    "alprd.vision.track Tracks fuse",
    "alprd.hotlist.match Matcher match",
    "alprd.desk AlertDesk take",
)
"""Module, class and method of every stage of a frame's journey."""

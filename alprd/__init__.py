"""Licence plate recognition for police vehicles that forgets what it must not keep."""

__version__ = "0.1.0"

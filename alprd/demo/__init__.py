"""The demonstration: a rendered drive, a throw-away office and the real daemon."""

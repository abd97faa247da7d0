"""The sealed hotlist: format, trust, and the match of a read against it."""

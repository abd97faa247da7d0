"""Where and when the unit is, and how far that can be trusted."""

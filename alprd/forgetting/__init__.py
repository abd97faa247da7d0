"""The forgetting meter: planted frames, looked for in the unit's own memory."""

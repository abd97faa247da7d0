"""The outside witness: another process that looks for traces in everything the daemon has."""

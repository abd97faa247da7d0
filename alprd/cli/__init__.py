"""Command lines, one module per command and noun."""

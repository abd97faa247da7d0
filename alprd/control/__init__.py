"""The technician's socket: state and counters, never a plate."""

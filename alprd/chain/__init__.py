"""Signed chains: files that only grow, in which what is taken out, changed or moved shows."""

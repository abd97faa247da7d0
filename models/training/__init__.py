"""Rendering, training and conversion of the detector and the reader."""

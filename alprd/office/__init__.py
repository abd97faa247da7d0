"""The office's tools: keys, hotlists and evidence, off the vehicle."""

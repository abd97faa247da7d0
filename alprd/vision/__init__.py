"""From pixels to plate boxes and plate reads, on preallocated buffers."""

"""Rendering: from the points of a profile to the pixels of an image, and to a PNG file."""

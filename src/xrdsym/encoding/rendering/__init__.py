"""How a profile becomes the pixels of an image, and those pixels a file."""

"""What happens between a structure and the vector that a diffractometer would give."""

"""Which structures are in which part, and the labelled inputs of each part."""

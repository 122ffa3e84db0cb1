"""From a structure to its peaks, and the grid that patterns stand on."""

"""Crystal structures and what follows from them without diffraction: the table, symmetry, labels, targets."""

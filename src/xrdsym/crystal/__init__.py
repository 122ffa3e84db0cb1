"""Crystal structures without diffraction: the structure table, symmetry, labels, formulas and targets."""

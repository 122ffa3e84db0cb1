"""Sources of structures, one module for each."""

"""A measured scan: its file, its clean pattern, its peaks."""

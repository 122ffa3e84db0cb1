"""Measured scans: their files, their background, their peaks."""

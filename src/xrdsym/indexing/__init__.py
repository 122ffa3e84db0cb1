"""Unit cells from the peaks of a pattern: quadratic forms, searches and figures of merit."""

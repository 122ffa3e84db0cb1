"""From peak positions to unit cells: quadratic forms, searches, scores."""

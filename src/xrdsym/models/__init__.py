"""The models: networks and baselines, their files, and what predicts with them."""

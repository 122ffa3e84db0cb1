"""The cards of the released models: what stands beside the models in `models/released/`, for people."""

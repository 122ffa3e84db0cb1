"""Studies: what they vary, how one trial runs, and what finished trials say."""

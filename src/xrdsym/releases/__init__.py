"""Released models: which one answers, and how one is made."""

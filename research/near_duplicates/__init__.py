"""Near duplicates: materials of different crystal systems whose patterns are indistinguishable, counted."""

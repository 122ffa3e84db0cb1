"""How many materials of different crystal systems have patterns that cannot be told apart."""

"""What an instrument and a sample add to an ideal pattern: pure functions, and what puts them together."""

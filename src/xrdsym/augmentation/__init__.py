"""What an instrument and a sample add to a calculated pattern."""

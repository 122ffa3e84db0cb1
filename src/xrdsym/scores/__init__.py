"""What scores are made of: confusion matrices, their margins, intervals by bootstrap."""

"""What a model is worth on labelled structures and labelled measured patterns."""

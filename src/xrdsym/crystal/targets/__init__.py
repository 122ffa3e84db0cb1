"""What a model can be asked for: the targets, their classes, and what they are derived from."""

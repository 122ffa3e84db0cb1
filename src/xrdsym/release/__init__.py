"""Publish a trained model: its files, its scores and the cards."""

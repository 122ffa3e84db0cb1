"""The figures of README.md and docs/results.md."""

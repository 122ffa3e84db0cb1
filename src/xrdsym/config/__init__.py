"""`params.yaml`: its sections and their defaults, cross-checks, presets, the models that it may name, paths."""

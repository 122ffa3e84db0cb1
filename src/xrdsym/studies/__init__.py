"""A question as a file: its definition, its trials, what finished trials say; `storage.py` alone imports optuna."""

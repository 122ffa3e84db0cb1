"""What is recorded of trainings, evaluations and studies in MLflow, and where; `tracking.py` is what speaks to it."""

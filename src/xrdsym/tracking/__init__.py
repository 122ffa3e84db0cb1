"""Records trainings, evaluations and studies in MLflow; only `mlflow_store.py` imports mlflow."""

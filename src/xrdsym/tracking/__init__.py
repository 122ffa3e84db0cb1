"""What is recorded in MLflow of trainings, evaluations and studies; `mlflow_store.py` alone imports mlflow."""

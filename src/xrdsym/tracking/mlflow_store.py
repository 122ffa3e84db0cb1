"""The MLflow store in the project's root: its client, and how to create, find and write its runs.

The store is `sqlite:///<project root>/mlflow.db`, with artifacts in `<project root>/mlruns/xrdsym`. A plain `mlflow ui`
in the root shows them, and they outlive DVC's temporary clones. `MLFLOW_TRACKING_URI` names another store. What a run
stands for is in `models` (a training and its evaluation) and `studies` (a study and its trials).
"""

from __future__ import annotations

import dataclasses
import json
import logging
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from xrdsym.common.errors import XrdsymError
from xrdsym.config.paths import project_root
from xrdsym.encoding.encoder import encoder_of
from xrdsym.encoding.recipe import model_file, read_recipe
from xrdsym.evaluation.confusions import MANY_CLASSES
from xrdsym.reporting.samples import sample_figure, stored_samples
from xrdsym.tracking import champion, provenance
from xrdsym.tracking.store import lock, tracking_uri

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import keras
    import numpy.typing as npt

    from xrdsym.config.paths import Paths
    from xrdsym.config.schema import Params

EXPERIMENT = "xrdsym"
DIGEST_TAG = "model.sha256"


def failures() -> tuple[type[Exception], ...]:
    """What a store raises that is unreachable, read-only, broken or not installed.

    This imports MLflow: call it only once an exception is there.
    """
    ours = (OSError, ValueError, ImportError, XrdsymError)
    try:
        from alembic.util import CommandError
        from mlflow.exceptions import MlflowException
        from sqlalchemy.exc import SQLAlchemyError
    except ImportError:
        return ours
    return (*ours, MlflowException, SQLAlchemyError, CommandError)


def open_client(paths: Paths) -> Any:  # noqa: ANN401 - MlflowClient, which is imported late
    """A client of the store; creates the store and its experiment where they are missing."""
    from mlflow import MlflowClient

    for noisy in ("mlflow", "alembic", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    with lock(paths):
        client = MlflowClient(tracking_uri=tracking_uri(paths))
        if client.get_experiment_by_name(EXPERIMENT) is None:
            served = tracking_uri(paths).startswith(("http:", "https:"))
            location = None if served else (project_root(paths) / "mlruns" / EXPERIMENT).as_uri()
            client.create_experiment(EXPERIMENT, artifact_location=location)
    return client


def model_tags(origin: str) -> dict[str, str]:
    """Tags of a model's run: trained here (`ran`) or restored from its folder (`restored`)."""
    return {"training": origin, "mlflow.source.name": "xrdsym stage train"}


def create_run(  # noqa: PLR0913, PLR0917 - all that a run starts with
    client: Any,  # noqa: ANN401
    paths: Paths,
    params: Params,
    values: Mapping[str, str],
    name: str,
    own_tags: Mapping[str, str],
) -> Run:
    """Create a run with parameters, tags and data, and without metrics.

    Args:
        client: MLflow's client.
        paths: The working tree.
        params: All of `params.yaml`.
        values: The parameters by their flat names.
        name: Name of the run, to which the time is added. Inside a DVC experiment the run has the experiment's name.
        own_tags: Tags that say what the run stands for.
    """
    from mlflow.entities import Dataset, DatasetInput, InputTag, Param

    rendered = params.input_source == "peaks"
    hashes = [data for data in provenance.data_hashes(paths.root) if not (rendered and data.name == "images")]
    tags = {**own_tags, "mlflow.source.type": "LOCAL"} | provenance.origin_tags(paths.root, hashes)
    name = tags.get("dvc.experiment") or f"{name}-{time.strftime('%Y%m%d-%H%M%S')}"
    experiment = client.get_experiment_by_name(EXPERIMENT).experiment_id
    run = Run(client, client.create_run(experiment, run_name=name, tags=tags).info.run_id)
    entries = [Param(key, value) for key, value in values.items() if not key.startswith("evaluate.")]
    client.log_batch(run.run_id, params=entries)
    inputs = [
        DatasetInput(
            Dataset(
                name=data.name,
                digest=data.md5,
                source_type="local",
                source=json.dumps({"uri": str(project_root(paths) / data.path)}),
                profile=json.dumps({"dvc_md5": data.md5, "path": data.path, "bytes": data.size}),
            ),
            [InputTag("mlflow.data.context", "training")],
        )
        for data in hashes
    ]
    if inputs:
        client.log_inputs(run.run_id, inputs)
    return run


def find_run(client: Any, condition: str) -> Run | None:  # noqa: ANN401
    """The newest run that meets a condition in MLflow's filter syntax; None where there is none."""
    experiment = client.get_experiment_by_name(EXPERIMENT).experiment_id
    found = client.search_runs([experiment], condition, max_results=1)
    return Run(client, found[0].info.run_id) if found else None


def restore_run(client: Any, paths: Paths, params: Params, model_folder: Path) -> Run:  # noqa: ANN401
    """Create the run of a training that happened elsewhere, from the files in the model's folder."""
    values = provenance.model_params(params, model_folder)
    run = create_run(client, paths, params, values, params.train.model, model_tags("restored"))
    run.log_history(provenance.history_rows(model_folder))
    samples = stored_samples(paths, encoder_of(read_recipe(model_folder)))
    run.log_model(model_folder, _stored_network(model_folder), *samples)
    run.end("FINISHED")
    return run


def _stored_network(model_folder: Path) -> keras.Model | None:
    """The network in a model's folder; None for a baseline."""
    file = model_file(model_folder)
    if file.suffix != ".keras":
        return None
    import keras

    return keras.saving.load_model(file, compile=False)


class Run:
    """Writes to one run of the store."""

    def __init__(self, client: Any, run_id: str) -> None:  # noqa: ANN401
        self._client = client
        self.run_id = run_id

    def log_metrics(self, metrics: Mapping[str, float], step: int = 0) -> None:
        """Log metrics at a step."""
        self.log_history({step: metrics})

    def log_history(self, rows: Mapping[int, Mapping[str, float]]) -> None:
        """Log the metrics of many steps."""
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        entries = [Metric(name, float(value), now, step) for step, row in rows.items() for name, value in row.items()]
        for start in range(0, len(entries), 1000):  # the most that MLflow takes at once
            self._client.log_batch(self.run_id, metrics=entries[start : start + 1000])

    def set_tags(self, tags: Mapping[str, str]) -> None:
        """Set or change tags."""
        for name, value in tags.items():
            self._client.set_tag(self.run_id, name, value)

    def log_files(self, files: Sequence[Path], folder: str | None = None) -> None:
        """Log files as artifacts; skips files that do not exist."""
        for file in files:
            if file.is_file():
                self._client.log_artifact(self.run_id, str(file), folder)

    def log_confusion(self, scores: Mapping[str, Any]) -> None:
        """Log the confusion matrix as a table that MLflow's page shows; replaces an earlier one."""
        name, classes = f"tables/{scores['part']}_confusion.json", list(scores["classes"])
        rows = [[actual, *counts] for actual, counts in zip(classes, scores["confusion_matrix"], strict=True)]
        self._client.log_dict(self.run_id, {"columns": ["actual", *classes], "data": rows}, name)
        tables = json.loads(self._client.get_run(self.run_id).data.tags.get("mlflow.loggedArtifacts", "[]"))
        entry = {"path": name, "type": "table"}
        self.set_tags({"mlflow.loggedArtifacts": json.dumps([entry, *(table for table in tables if table != entry)])})

    def log_model(
        self,
        model_folder: Path,
        network: keras.Model | None,
        sample_images: npt.NDArray[Any],
        sample_labels: Sequence[str],
    ) -> None:
        """Log the model and the files beside it.

        A network is registered. A baseline, where `network` is None, is logged as a file. The digest is set last, so
        that `find_run` finds only complete runs.
        """
        recipe = read_recipe(model_folder)
        training = model_folder / "training.json"
        if training.is_file():
            content = json.loads(training.read_text(encoding="utf-8"))
            content.pop("rare_classes", None)
            if len(recipe.classes) > MANY_CLASSES:
                content.pop("classes", None)
            self.log_metrics(provenance.number_metrics(content, "training_"))
        self.log_files([model_folder / name for name in ("recipe.json", "training.json", "history.csv")])
        if len(sample_labels):
            self._client.log_figure(self.run_id, sample_figure(sample_images, sample_labels), "samples.png")
        key = provenance.comparison_key(model_folder)
        if network is None:
            self.log_files([model_file(model_folder)], "model")
        else:
            encoder = encoder_of(recipe)
            example = sample_images[:1] if len(sample_labels) else np.zeros((1, *encoder.shape), encoder.dtype)
            uri, model_id = _log_keras(self._client, self.run_id, network, dataclasses.asdict(recipe), example)
            champion.register(self._client, uri, self.run_id, model_id, key, recipe.target.name)
        self.set_tags({champion.KEY_TAG: key, DIGEST_TAG: provenance.model_digest(model_folder)})

    def end(self, status: str) -> None:
        """End the run as FINISHED, FAILED or KILLED."""
        self._client.set_terminated(self.run_id, status)


def _log_keras(
    client: Any,  # noqa: ANN401
    run_id: str,
    model: keras.Model,
    recipe: dict[str, Any],
    example: npt.NDArray[Any],
) -> tuple[str, str]:
    """Log a network with signature, example and recipe; returns its URI and id."""
    from types import SimpleNamespace

    with warnings.catch_warnings():
        # importing mlflow.pyfunc warns about MLflow's own type hints
        warnings.filterwarnings("ignore", ".*Any type hint is inferred as AnyType", UserWarning)
        import mlflow.keras
        import mlflow.pyfunc.model
    from mlflow.models import Model, ModelSignature
    from mlflow.types import Schema, TensorSpec

    def save(path: str, validate_serving_input: bool, **options: Any) -> None:  # noqa: ANN401, ARG001
        # MLflow's Keras flavour writes the example before it has made the folder: mlflow/mlflow issue 16183.
        Path(path).mkdir(parents=True, exist_ok=True)
        mlflow.keras.save_model(path=path, **options)

    inputs = Schema([TensorSpec(example.dtype, (-1, *example.shape[1:]))])
    probabilities = Schema([TensorSpec(np.dtype("float32"), (-1, len(recipe["classes"])))])
    run = client.get_run(run_id)
    # MLflow itself would put it into its default experiment
    entry = client.create_logged_model(run.info.experiment_id, "model", run_id, params=run.data.params)
    logged = Model.log(
        artifact_path=None,
        name="model",
        model_id=entry.model_id,
        flavor=SimpleNamespace(__name__="mlflow.keras", save_model=save),
        run_id=run_id,
        model=model,
        signature=ModelSignature(inputs, probabilities),
        input_example=example,
        # MLflow needs half a minute to infer them; the network runs without xrdsym
        pip_requirements=[f"{name}=={version}" for name, version in recipe["versions"].items() if name != "xrdsym"],
        validate_serving_input=False,  # this would load the model and predict with it
        metadata={"recipe": recipe},
    )
    return logged.model_uri, logged.model_id
